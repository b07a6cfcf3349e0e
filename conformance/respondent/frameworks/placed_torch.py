"""PyTorch's meta device, where tensors have a shape, a dtype and a place, and no numbers: what would fail on a card fails there too.

By itself PyTorch multiplies a matrix on meta by one on the CPU, looks up rows and folds signals across the two, and answers. So every
operation is looked at here, by the rules of CUDA: a number, a copy and the indices of a lookup by brackets may come from elsewhere.

A floating-point number that is read is NaN, for what has to be handed over in the host's memory is; any other cannot be known.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from conformance.respondent.plain_models import PlainModel
from conformance.respondent.responses import NotAnAnswer, NotSupported
from conformance.respondent.symptoms import Symptom

META = "meta"
_READS = f"it reads what a tensor holds, which one on {META} does not know"
_ATEN = torch.ops.aten
_COPIES = (_ATEN.copy_, _ATEN._to_copy, _ATEN._foreach_copy_)
_INDEXING = (_ATEN.index, _ATEN.index_put, _ATEN.index_put_, Tensor.__getitem__, Tensor.__setitem__)
_BY_NUMBERS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class _EveryOperation(TorchDispatchMode):
    """Looks at what is computed, and answers where a number is read; `read` says whether one was."""

    def __init__(self) -> None:
        super().__init__()
        self.read = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        packet = func.overloadpacket
        tensors = list(_tensors((args, kwargs)))
        if not any(tensor.is_meta for tensor in tensors):
            return func(*args, **kwargs)
        _refuse_mixture(packet, tensors)
        if packet is _ATEN._local_scalar_dense:
            return self._number(tensors[0])
        if packet is _ATEN._to_copy and _leaves(kwargs.get("device")):
            return self._unknown(tensors[0], kwargs.get("dtype"), kwargs["device"])
        if packet is _ATEN.copy_ and not tensors[0].is_meta:
            return tensors[0].copy_(self._unknown(tensors[1], tensors[0].dtype, tensors[0].device))
        try:
            return func(*args, **kwargs)
        except NotImplementedError as error:
            if _BY_NUMBERS.isdisjoint(func.tags):
                raise
            raise NotSupported(_READS) from error

    def _number(self, tensor: Tensor) -> float:
        if not tensor.is_floating_point():
            raise NotSupported(_READS)
        self.read = True
        return math.nan

    def _unknown(self, tensor: Tensor, dtype: torch.dtype | None, device: torch.device) -> Tensor:
        if not tensor.is_floating_point():
            raise NotSupported(_READS)
        self.read = True
        return torch.full(tensor.shape, math.nan, dtype=dtype or tensor.dtype, device=device)


class _EveryCall(TorchFunctionMode):
    """Some calls refuse a mixture themselves, each in its own words, before any operation is reached."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        try:
            return func(*args, **(kwargs or {}))
        except RuntimeError:
            _refuse_mixture(func, list(_tensors((args, kwargs or {}))))
            raise


class Watch:
    """What is noticed while a target is asked on meta."""

    def __init__(self) -> None:
        self._operations = _EveryOperation()

    @property
    def read(self) -> bool:
        """Whether a number was read that nobody knows."""
        return self._operations.read

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Within it every operation is looked at."""
        with _EveryCall(), self._operations:
            yield


def without_numbers(value: Tensor, dtype: torch.dtype) -> Tensor:
    """What stands for it in the host's memory: NaN, or the least whole number, so that nobody can take it for an answer."""
    filling = math.nan if dtype.is_floating_point else torch.iinfo(dtype).min
    return torch.full(value.shape, filling, dtype=dtype, device="cpu")


def strays(model: Any, device: str) -> Mapping[str, str]:
    """The parameters of a module, or of the one that a plain model stands for, that lie on another device."""
    module = getattr(model, "module", None) if isinstance(model, PlainModel) else model
    named = module.named_parameters() if isinstance(module, nn.Module) else ()
    return {name: value.device.type for name, value in named if value.device.type != device}


def _refuse_mixture(operation: Any, tensors: Iterable[Tensor]) -> None:
    """Raise NotAnAnswer for what CUDA would refuse."""
    if operation in _COPIES:
        return
    whole = operation in _INDEXING
    places = {t.device.type for t in tensors if t.dim() > 0 and not (whole and not t.is_floating_point())}
    if len(places) > 1 and META in places:
        name = getattr(operation, "__name__", str(operation))
        words = f"{name} was given tensors on {' and on '.join(sorted(places, reverse=True))}"
        raise NotAnAnswer(f"computes on another device than its input: {words}", Symptom.WRONG_DEVICE)


def _leaves(device: Any) -> bool:
    return device is not None and torch.device(device).type != META


def _tensors(value: Any) -> Iterator[Tensor]:
    """Every tensor among the arguments, however they are nested."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _tensors(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
