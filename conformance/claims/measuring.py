"""The loop: experiments over frameworks and seeds. What was measured before is not measured again."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conformance.claims import measurements
from conformance.claims.catalogue import experiments
from conformance.claims.claim import Claim, Experiment, Numbers, Outcome
from conformance.claims.laboratory import FRAMEWORKS, Laboratory
from conformance.claims.measurements import Question
from conformance.claims.pictures import Pictures
from conformance.errors import TooFewImages
from conformance.respondent.responses import NotSupported

# Below that there are fewer images than components, or no pairs of different classes.
_LEAST_TRAIN, _LEAST_TEST = 100, 20


@dataclass(frozen=True)
class Series:
    """What is to be measured: the claims, in each framework, on these images, once for every seed from 0."""

    claims: Sequence[Claim]
    frameworks: Sequence[str]
    pictures: Pictures
    seeds: int = 5
    fresh: bool = False

    @property
    def count(self) -> int:
        """How many measurements there are."""
        return len(experiments(self.claims)) * len(self.frameworks) * self.seeds


@dataclass(frozen=True)
class Measurement:
    """The numbers of one experiment in one framework for one seed; `kept` says whether they are on disk."""

    experiment: str
    framework: str
    seed: int
    numbers: Numbers
    kept: bool


def refuse_few(pictures: Pictures) -> None:
    """Raise TooFewImages for fewer images than the experiments can work with."""
    train, test, classes = len(pictures.train), len(pictures.test), len(np.unique(pictures.test_labels))
    if train < _LEAST_TRAIN or test < _LEAST_TEST or classes < 2:
        raise TooFewImages(
            f"data: expected at least {_LEAST_TRAIN} images to learn from and {_LEAST_TEST} held out, of two classes or more, "
            f"got {train} and {test} of {classes}"
        )


def usable(names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Which of the frameworks can be used, and why the others cannot. Imports those that can."""
    missing = {}
    for name in names:
        try:
            Laboratory(name)
        except (NotSupported, ImportError) as reason:
            missing[name] = " ".join(str(reason).split())
    return tuple(name for name in names if name not in missing), missing


def measure(series: Series, on_start: Callable[[Experiment, str, int], None] = lambda e, f, s: None) -> Iterator[Measurement]:
    """One measurement after the other, framework by framework; each is on disk before it is yielded, if the disk lets it."""
    for framework in series.frameworks:
        laboratory = Laboratory(framework)
        for experiment in experiments(series.claims):
            code = measurements.code_version(experiment.measure.__module__, FRAMEWORKS[framework][1])
            for seed in range(series.seeds):
                on_start(experiment, framework, seed)
                question = Question(experiment.name, framework, seed, series.pictures.hash, code)
                numbers = None if series.fresh else measurements.recall(question)
                stored = numbers is not None
                if numbers is None:
                    with laboratory.running(), contextlib.redirect_stdout(io.StringIO()):
                        numbers = experiment.measure(laboratory, series.pictures, seed)
                    with contextlib.suppress(OSError):
                        measurements.keep(question, numbers)
                        stored = True
                yield Measurement(experiment.name, framework, seed, numbers, stored)


def outcomes(series: Series, measured: Sequence[Measurement]) -> tuple[Outcome, ...]:
    """What the measurements of a whole series say of its claims."""
    return tuple(
        Outcome.of(
            claim,
            {
                framework: tuple(m.numbers for m in measured if (m.experiment, m.framework) == (claim.experiment.name, framework))
                for framework in series.frameworks
            },
        )
        for claim in series.claims
    )
