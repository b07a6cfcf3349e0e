"""What a form is, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from conformance import conforms
from conformance.judging.verdicts import Verdict

Written = Callable[..., Any]
BOTH = ("float32", "float64")
# Seconds a case: how busy a machine is says nothing of a form.
PATIENCE = 300.0


@dataclass(frozen=True)
class Form:
    """A right way to write a specification, in a framework and in these dtypes."""

    spec: str
    framework: str
    name: str
    function: Any
    dtypes: tuple[str, ...] = BOTH

    def asked(self, seed: int, examples: int) -> Iterator[Verdict]:
        """Verdicts of other cases for every seed; raises AssertionError where it fails."""
        with mock.patch("conformance.api.SECONDS", PATIENCE):
            yield from conforms(self.spec, self.function, framework=self.framework, dtype=self.dtypes, examples=examples, seed=seed)


POOL: list[Form] = []


def form(spec: str, framework: str, dtypes: tuple[str, ...] = BOTH, name: str | None = None) -> Callable[[Any], Any]:
    """Enter a function or class in the pool."""

    def enter(function: Any) -> Any:
        POOL.append(Form(spec, framework, name or function.__name__, function, dtypes))
        return function

    return enter


def by_elements(elements: Any, reduction: str) -> Any:
    """The reductions of reconstruction errors, for arrays of torch and NumPy."""
    rows = elements.reshape(len(elements), -1).sum(1)
    return {"mean": elements.mean(), "sum": rows.mean(), "none": rows}[reduction]


def by_rows(rows: Any, reduction: str) -> Any:
    """The reductions of what is summed over a sample already."""
    return {"mean": rows.mean(), "sum": rows.sum(), "none": rows}[reduction]
