"""A module of a package with one mutation in it, as it is imported, and whether its condition was ever met."""

from __future__ import annotations

import importlib.abc
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from conformance.faults.operators import CONDITION, Mutant

_OF_COLUMNS = "as many samples as features"


class MutatedModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, with its source changed."""

    def __init__(self, mutant: Mutant, path: Path, condition: Condition) -> None:
        self._mutant, self._path, self._condition = mutant, path, condition

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._path))

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__[CONDITION] = self._condition
        source = self._mutant.applied_to(self._path.read_text(encoding="utf-8"))
        exec(compile(source, str(self._path), "exec", dont_inherit=True), module.__dict__)


class Condition:
    """Whether a conditional mutation takes place in a call, and whether it ever did."""

    def __init__(self) -> None:
        self.met, self._calls, self._fitting = False, 0, False

    @property
    def can_be_met(self) -> bool:
        """Whether it was ever asked of something that can meet it: a size, a name or a flag has no rows, a list no columns."""
        return self.met or self._fitting or not self._calls

    def __call__(self, condition: str, argument: Any) -> bool:
        self._calls += 1
        try:
            holds = self._holds(condition, argument)
        except Exception:  # an argument that has no shape or no numbers
            return False
        self._fitting = self._fitting or condition != _OF_COLUMNS or len(getattr(argument, "shape", ())) > 1
        self.met = self.met or holds
        return holds

    def _holds(self, condition: str, argument: Any) -> bool:
        if condition == "the second call":
            return self._calls > 1
        if not isinstance(argument, list) and not getattr(argument, "shape", ()):
            raise TypeError("it has no rows")
        shape = (len(argument),) if isinstance(argument, list) else tuple(argument.shape)
        match condition:
            case "one sample":
                return shape[0] == 1
            case condition if condition == _OF_COLUMNS:
                return len(shape) > 1 and shape[0] == shape[-1]
            case "more than 32 samples":
                return shape[0] > 32
            case "numbers above 3":
                values = argument if isinstance(argument, list) else getattr(argument, "detach", lambda: argument)()
                return bool(np.abs(np.asarray(values, dtype=np.float64)).max() > 3)
        return False
