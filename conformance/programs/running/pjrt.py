"""jaxlib's devices: what they are, and one program on one of them. No other file knows jaxlib.

Its interface is what JAX uses and not documented; this is written for, and tested with, 0.10.2 and 0.11.2.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.errors import NotRun

# TF32 is decided by the program, not here: it asks for the highest precision of every product (exporting/tracing.py), and XLA then takes no
# TF32 for float32 on any device. What is left is XLA's liberty to keep more digits than the program says, which is taken from it.
_PRECISE = (("xla_allow_excess_precision", False),)
# Without trying out which of several kernels is fastest: that takes longer than all programs together, and may choose otherwise next time.
_UNTUNED = (("xla_gpu_autotune_level", 0),)


@dataclass(frozen=True)
class Device:
    """Where programs are run: "cpu", "cuda" or "cuda:1", its title by its maker, and the objects of jaxlib."""

    name: str
    title: str
    client: Any
    handle: Any

    def compiled(self, code: bytes) -> Any:
        """The program for this device."""
        _, xla = _modules()
        module = portable(code)
        places = xla.DeviceList((self.handle,))
        try:
            return self.client.compile_and_load(module, places, _options(_PRECISE + _UNTUNED))
        except RuntimeError:
            # Where one is to be chosen by trying.
            return self.client.compile_and_load(module, places, _options(_PRECISE))

    def run(self, executable: Any, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """All that the program gives for these inputs."""
        buffers = [self._buffer(array) for array in inputs]
        outputs = executable.execute_sharded(buffers).disassemble_into_single_device_arrays()
        return [_array(shards[0]) for shards in outputs]

    def _buffer(self, array: np.ndarray) -> Any:
        _, xla = _modules()
        # The array is copied: what a program may write to is not ours.
        semantics = xla.HostBufferSemantics.IMMUTABLE_UNTIL_TRANSFER_COMPLETES
        sharding = _whole()(self.handle)
        return xla.batched_device_put(
            _Shaped(array), sharding, [array], [self.handle], host_buffer_semantics=semantics, enable_x64=True
        )


def portable(code: bytes) -> str:
    """The program in StableHLO, which the plugins of every maker take.

    Where a result is what came in, XLA copies it by an instruction that StableHLO does not have. The barrier is the same number, too.
    """
    client, xla = _modules()
    module: str = client.mlir.xla_computation_to_mlir_module(xla.XlaComputation(code))
    return module.replace(" mhlo.copy ", " stablehlo.optimization_barrier ")


class _Shaped:
    """What jaxlib asks of the description of an array."""

    weak_type = False

    def __init__(self, array: np.ndarray) -> None:
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim


def devices() -> list[Device]:
    """Every device that jaxlib sees here.

    Raises:
        NotRun: there is no jaxlib, or it sees none.
    """
    _modules()
    seen = [device for client in _clients() for device in _of_client(client)]
    if not seen:
        raise NotRun("device: expected one that jaxlib sees, got none")
    return seen


def versions() -> dict[str, str]:
    """Of what runs the programs."""
    names = ("numpy", "jaxlib", "jax", "jax-cuda13-plugin", "jax-cuda12-plugin")
    found: dict[str, str] = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _modules() -> tuple[Any, Any]:
    """jaxlib._jax and jaxlib.xla_client."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # it greets with its list of devices
    try:
        return importlib.import_module("jaxlib._jax"), importlib.import_module("jaxlib.xla_client")
    except ImportError as error:
        found = "none" if importlib.util.find_spec("jaxlib") is None else f"one that does not import: {error}"
        raise NotRun(f"jaxlib: expected it to be installed, got {found}; pip install 'autoencoder-conformance[pjrt]'") from error


def _clients() -> list[Any]:
    """A client for the CPU; where JAX is installed, which alone knows how to load the plugins of other makers, all that it has."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if importlib.util.find_spec("jax") is not None:
        try:
            return list(importlib.import_module("jax.extend.backend").backends().values())
        except RuntimeError as error:  # versions that do not go together, a card that does not answer
            reason = " ".join(str(error).split())
            raise NotRun(f"device: expected those that JAX has, got none: {reason}") from error
    return [_modules()[1].make_cpu_client()]


def _of_client(client: Any) -> Iterator[Device]:
    platform = client.platform
    if platform == "gpu":
        version = client.platform_version.lower()
        platform = "rocm" if "rocm" in version else "cuda"
    for position, handle in enumerate(client.local_devices()):
        name = platform if position == 0 else f"{platform}:{position}"
        yield Device(name, handle.device_kind, client, handle)


def _options(overrides: Sequence[tuple[str, Any]]) -> Any:
    options = _modules()[1].CompileOptions()
    options.env_option_overrides = list(overrides)
    return options


def _whole() -> type:
    """A sharding that lays an array on one device whole; without JAX jaxlib's own lacks what it is asked."""
    _, xla = _modules()
    members = {
        "memory_kind": None,
        "is_fully_replicated": True,
        "_to_xla_hlo_sharding": lambda self, rank: xla.HloSharding.replicate(),
    }
    return type("Whole", (xla.SingleDeviceSharding,), members)


def _array(buffer: Any) -> np.ndarray:
    """The buffer in the host's memory."""
    copied = buffer._single_device_array_to_np_array_did_copy()
    return np.array(copied[0] if isinstance(copied, tuple) else copied)
