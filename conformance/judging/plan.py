"""What is to be verified: which specifications on which targets, and which of their cases each target is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from conformance.cases.case import Case
from conformance.cases.kinds import kind_of
from conformance.cases.real_data import ImageRows
from conformance.judging.verdicts import Verdict
from conformance.targets.target import Target
from reference.specification import Spec

# What few a compiled target is asked are chosen from so many drawn cases: an axis of length 1 is among them, the first and another one.
_CHOSEN_FROM = 8
# What a run is given that says nothing else: drawn cases a formula, and seconds a case.
EXAMPLES, SECONDS = 100, 20.0

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What is to be verified.

    seconds            limits one case; compiled modes are given ten times as much
    images             what models are shown; None means the digits
    compiled_examples  drawn cases of each specification in compiled modes, never more than of others; None means the usual number
    accept             variants that pass with a remark
    kept               the folder in which expectations are kept between runs; None for none
    """

    specs: Sequence[Spec]
    targets: Sequence[Target]
    seed: int = 0
    examples: int = EXAMPLES
    seconds: float = SECONDS
    images: ImageRows | None = None
    compiled_examples: int | None = None
    accept: frozenset[str] = frozenset()
    kept: Path | None = None

    def examples_for(self, spec: Spec, target: Target) -> int:
        """How many drawn cases the target is asked."""
        count = self.drawn(spec)
        return min(count, self.compiled_examples_of(spec)) if target.mode == "compiled" else count

    def compiled_examples_of(self, spec: Spec) -> int:
        """The limit of drawn cases in compiled modes."""
        if self.compiled_examples is not None:
            return self.compiled_examples
        return kind_of(spec).compiled_examples

    def needed(self, spec: Spec, target: Target) -> int:
        """How many cases have to be made, so that `asked` can choose."""
        least = _CHOSEN_FROM if target.mode == "compiled" else 0
        return always_asked(spec) + min(self.drawn(spec), max(least, self.examples_for(spec, target)))

    def asked(self, spec: Spec, target: Target, prepared: Sequence[tuple[Case, T]]) -> list[tuple[Case, T]]:
        """The cases for the target: known answers and real data, then drawn ones; for a compiled one those that differ in shape."""
        # More may have been made for another target: what this one is asked must not depend on the others.
        mine, count = prepared[: self.needed(spec, target)], always_asked(spec)
        fixed, drawn = mine[:count], mine[count:]
        if target.mode == "compiled":
            # A model of full size takes a minute to compile, and shows nothing that it does not show eagerly.
            fixed = [pair for pair in fixed if not pair[0].by_default]
            drawn = _shapes_first(drawn)
        return [*fixed, *drawn[: self.examples_for(spec, target)]]

    def drawn(self, spec: Spec) -> int:
        """How many drawn cases there are of it at most."""
        return kind_of(spec).examples(self.examples)

    @property
    def shares(self) -> list[tuple[Spec, str]]:
        """What can be judged by itself: a specification in a dtype, whose cases and expectations serve all targets."""
        return [(spec, dtype) for spec in self.specs for dtype in dict.fromkeys(target.dtype for target in self.targets)]

    def in_order(self, verdicts: Iterable[Verdict]) -> list[Verdict]:
        """The verdicts share by share and target by target, however they came; those on one target keep their order."""
        shares = {(spec.name, dtype): place for place, (spec, dtype) in enumerate(self.shares)}
        targets = {target: place for place, target in enumerate(self.targets)}
        return sorted(verdicts, key=lambda verdict: (shares[verdict.spec, verdict.target.dtype], targets[verdict.target]))


def always_asked(spec: Spec) -> int:
    """How many cases are not drawn: known answers and real data."""
    return len(spec.known_answers) + kind_of(spec).real_count(spec)


def _shapes_first(drawn: Sequence[tuple[Case, T]]) -> list[tuple[Case, T]]:
    """One of every profile, then a second of every profile, and so on."""
    counts: Counter[str] = Counter()
    ranked = []
    for position, (case, expected) in enumerate(drawn):
        assert case.profile is not None
        name, rank = case.profile.name, case.profile.compiled_rank
        ranked.append(((counts[name], rank, position), (case, expected)))
        counts[name] += 1
    return [pair for _, pair in sorted(ranked, key=lambda row: row[0])]
