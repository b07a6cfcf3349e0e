"""One file a framework: arrays in and out, devices, dtypes, modes and gradients. A framework is imported when a target asks for it.

To add one, write a class with the members of `Framework` in a file of its own and name it in `_ADAPTERS`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from conformance.respondent.responses import NotSupported, Output

if TYPE_CHECKING:
    from conformance.respondent.plain_models import Kind, PlainModel

DTYPES = ("float64", "float32", "bfloat16", "float16")
HALF_PRECISION = ("bfloat16", "float16")
MODES = ("eager", "compiled")
DEVICES = ("cpu", "cuda")


class Framework(Protocol):
    """What the harness asks of a framework."""

    name: str
    dtypes: tuple[str, ...]
    modes: tuple[str, ...]

    def version(self) -> str:
        """Version of the framework."""
        ...

    def missing_device(self, device: str) -> str | None:
        """Why `device` cannot be used; None if it can."""
        ...

    def to_tensor(self, array: np.ndarray, dtype: str, device: str) -> Any:
        """A new tensor that shares no memory with `array`."""
        ...

    def to_output(self, value: Any) -> Output:
        """Read a tensor; raises NotAnAnswer for anything else."""
        ...

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function in the framework's compiled mode."""
        ...

    def value_and_gradients(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        tensors: Mapping[str, Any],
        cotangent: np.ndarray,
        dtype: str,
        device: str,
        vjp: Callable[..., Any] | None = None,
    ) -> tuple[Any, Callable[[], Mapping[str, Any]]]:
        """The value, and a thunk for the gradient of Σ cotangent · value by each tensor.

        `vjp` is the target's own gradient function, for a framework that has no automatic one.
        """
        ...

    def build(self, model: type, configuration: Mapping[str, Any], dtype: str, device: str, mode: str) -> Any:
        """A model of the class, on the device, in the dtype, its methods compiled if the mode says so.

        What stands for the class may be a function that returns a plain model; that has no methods to compile.
        """
        ...

    def plain(self, built: Any, builder: str, kind: Kind, configuration: Mapping[str, Any], batch: Mapping[str, Any]) -> PlainModel:
        """What a function of the name `builder` returned, made to answer as a class of the contract does.

        Raises NotAnAnswer if it is no model of the framework, NotSupported if the framework lets a plain model not say what is asked.
        """
        ...


@dataclass(frozen=True)
class _Adapter:
    module: str
    package: str
    install: str


_ADAPTERS = {
    "numpy": _Adapter("conformance.respondent.frameworks.numpy", "numpy", "numpy"),
    "tensorflow": _Adapter("conformance.respondent.frameworks.tensorflow", "tensorflow", ".[tf]"),
    "torch": _Adapter("conformance.respondent.frameworks.torch", "torch", ".[torch]"),
}
FRAMEWORKS = tuple(_ADAPTERS)


def missing_framework(name: str) -> str | None:
    """Why the framework cannot be used, with the command that would install it; None if it can. Imports nothing."""
    adapter = _ADAPTERS[name]
    if importlib.util.find_spec(adapter.package) is None:
        return f'{name} is not installed; python -m pip install -e "{adapter.install}" -c constraints.txt installs it'
    return None


@cache
def load(name: str) -> Framework:
    """Import the framework. Raises NotSupported if it is missing or broken."""
    reason = missing_framework(name)
    if reason is not None:
        raise NotSupported(reason)
    try:
        return importlib.import_module(_ADAPTERS[name].module).Adapter()
    except ImportError as error:
        raise NotSupported(f"{name} is installed but does not import: {error}") from error
