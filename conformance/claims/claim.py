"""A claim of the lecture, the experiment that measures it, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures
from conformance.claims.statistics import Estimate, Ruling, Side, combine, estimate, rule

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Experiment:
    """What is done once a framework and seed. Several claims may read its numbers.

    `measure(laboratory, pictures, seed)` trains and returns numbers by name. `done` says in a sentence what it does, for the page.
    """

    name: str
    done: str
    measure: Callable[[Laboratory, Pictures, int], Numbers]


@dataclass(frozen=True)
class Claim:
    """A sentence of the lecture made measurable: the effect is claimed to lie on one side of the threshold.

    `effect` is the name of a number of the experiment, or two names whose difference is meant; `scale` and `unit` are for the reader.
    """

    id: str
    sentence: str
    source: str
    experiment: Experiment
    measured: str
    effect: str | tuple[str, str]
    side: Side = "above"
    threshold: float = 0.0
    scale: float = 1.0
    unit: str = ""

    def effect_of(self, numbers: Numbers) -> float:
        """The effect of one seed."""
        if isinstance(self.effect, str):
            return numbers[self.effect]
        more, less = self.effect
        return numbers[more] - numbers[less]


@dataclass(frozen=True)
class Outcome:
    """A claim and what was found in each framework that was run, over the seeds."""

    claim: Claim
    found: Mapping[str, Estimate]
    numbers: Mapping[str, tuple[Numbers, ...]]

    @classmethod
    def of(cls, claim: Claim, measured: Mapping[str, tuple[Numbers, ...]]) -> Outcome:
        """From the numbers of every seed, by framework."""
        effects = {name: [claim.effect_of(numbers) for numbers in seeds] for name, seeds in measured.items()}
        estimates = {name: estimate(values, claim.threshold, claim.side) for name, values in effects.items()}
        return cls(claim, estimates, measured)

    @property
    def verdict(self) -> Ruling:
        return combine(rule(estimate, self.claim.threshold, self.claim.side) for estimate in self.found.values())
