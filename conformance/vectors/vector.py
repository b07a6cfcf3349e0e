"""The types: a vector is a case with its answers, a vector file all those of one specification in one dtype."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.cases.case import Case
from conformance.judging.expectation import Expectation
from reference.specification import Quantity


@dataclass(frozen=True)
class Vector:
    """One case. `kills` are the ids of the catalogued mistakes and variants that answer it wrongly."""

    case: Case
    expected: Mapping[Quantity, Expectation]
    kills: tuple[str, ...] = ()


@dataclass(frozen=True)
class VectorFile:
    """Vectors of one specification in one dtype."""

    spec: str
    dtype: str
    vectors: tuple[Vector, ...]

    @property
    def name(self) -> str:
        """Its file's name."""
        return f"{self.spec}.{self.dtype}.json"

    @property
    def kills(self) -> frozenset[str]:
        """Every mistake that some case finds."""
        return frozenset(name for vector in self.vectors for name in vector.kills)
