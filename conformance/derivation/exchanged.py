"""A function as it is written, over another NumPy: one that records what is computed, and that lets arrays of other classes through.

Functions that it calls are copied with it, wherever they stand, if they are plain Python functions that it names. What it names of NumPy,
`math` and SciPy becomes what the `autograd` library has of the name; that computes as NumPy does where nothing is recorded.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import Box, isbox

from conformance.derivation.moved_arrays import MovedArray, is_moved
from conformance.derivation.recorded import OF_NUMPY, OF_SCIPY_SPECIAL

_EXCHANGED = ("numpy", "scipy", "math")


def exchanged(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of the function over the other NumPy; what is no plain Python function comes back as it is."""
    return _Copies().of(function)


class _Library:
    """A module whose names are looked for in several places; the first has them."""

    def __init__(self, own: dict[str, Any], *places: ModuleType) -> None:
        self._own, self._places = own, places

    def __getattr__(self, name: str) -> Any:
        if name in self._own:
            return self._own[name]
        for place in self._places:
            if hasattr(place, name):
                value = getattr(place, name)
                return _counterpart(value) if isinstance(value, ModuleType) else value
        raise AttributeError(f"module {self._places[-1].__name__!r} has no attribute {name!r}")


def _as_array(value: Any, *args: Any, **options: Any) -> Any:
    """As `numpy.asarray`, which would leave only the numbers of what is recorded or moved."""
    if isbox(value):
        return value
    if isinstance(value, np.ndarray):
        return np.asanyarray(value, *args, **options)
    return _new_array(value, *args, **options)


def _new_array(value: Any, *args: Any, **options: Any) -> Any:
    leaves = list(_leaves(value))
    if any(isbox(leaf) for leaf in leaves):
        return anp.array(value)
    array = np.array(value, *args, **options)
    return array.view(MovedArray) if any(map(is_moved, leaves)) else array


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _of_numbers(name: str) -> Callable[..., Any]:
    """A function of `math`, which takes numbers alone: of arrays that hold one what NumPy's says."""
    plain, arrays = getattr(math, name), getattr(anp, name, None)

    def function(*numbers: Any) -> Any:
        if not any(isinstance(number, (Box, np.ndarray)) for number in numbers):
            return plain(*numbers)
        if arrays is None or name.startswith("is"):
            return plain(*(float(number._value if isbox(number) else number) for number in numbers))
        return arrays(*numbers)

    return function


def _library_of(module: ModuleType) -> _Library | ModuleType:
    if module is math:
        names = [name for name in vars(math) if isinstance(getattr(math, name), BuiltinFunctionType)]
        return _Library({name: _of_numbers(name) for name in names}, math)
    try:
        recorded = importlib.import_module(f"autograd.{module.__name__}")
    except ImportError:
        return module
    arrays = {"asarray": _as_array, "asanyarray": _as_array, "ascontiguousarray": _as_array, "array": _new_array}
    own = {"numpy": {**arrays, **OF_NUMPY}, "scipy.special": {**OF_SCIPY_SPECIAL}}.get(module.__name__, {})
    return _Library(own, recorded, module)


_LIBRARIES: dict[str, _Library | ModuleType] = {}


def _counterpart(value: Any) -> Any:
    """What stands for a module of the exchanged ones, or for a function of it."""
    if isinstance(value, ModuleType):
        if value.__name__.partition(".")[0] not in _EXCHANGED:
            return value
        if value.__name__ not in _LIBRARIES:
            _LIBRARIES[value.__name__] = _library_of(value)
        return _LIBRARIES[value.__name__]
    name, home = getattr(value, "__name__", None), getattr(value, "__module__", None) or ""
    if not callable(value) or isinstance(value, type) or not isinstance(name, str):
        return value
    for module in (np, np.linalg, math):
        if getattr(module, name, None) is value:
            return getattr(_counterpart(module), name)
    if home.partition(".")[0] == "scipy" or isinstance(value, np.ufunc):
        special = _counterpart(importlib.import_module("scipy.special")) if _has_scipy() else None
        return getattr(special, name, value)
    return value


def _has_scipy() -> bool:
    try:
        importlib.import_module("scipy.special")
    except ImportError:
        return False
    return True


class _Copies:
    """Functions that have been copied, so that each is copied once and may call itself."""

    def __init__(self) -> None:
        self._functions: dict[int, FunctionType] = {}
        self._names: dict[int, dict[str, Any]] = {}

    def of(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and value.__module__.partition(".")[0] not in ("autograd", "numpy", "scipy"):
            return self._function(value)
        if isinstance(value, FunctionType) and value.__closure__ and getattr(value, "__wrapped__", None) is not None:
            return self._function(value)  # a decorator of NumPy's round somebody's function
        return _counterpart(value)

    def _function(self, function: FunctionType) -> FunctionType:
        if id(function) in self._functions:
            return self._functions[id(function)]
        names = self._names.setdefault(id(function.__globals__), {"__builtins__": function.__globals__.get("__builtins__")})
        cells = tuple(CellType() for _ in function.__closure__ or ())
        copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
        copy.__kwdefaults__ = function.__kwdefaults__
        self._functions[id(function)] = copy
        for name in _named_in(function.__code__):
            if name in function.__globals__ and name not in names:
                names[name] = None  # while it is copied, which may lead back here
                names[name] = self.of(function.__globals__[name])
        for cell, given in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.of(given.cell_contents)
            except ValueError:  # a cell that holds nothing yet
                continue
        return copy


def _named_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _named_in(inner)
