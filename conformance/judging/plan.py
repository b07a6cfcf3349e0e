"""What is to be verified: which specifications on which targets, and which of their cases each target is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.cases.case import Case
from conformance.cases.real_data import ImageRows
from conformance.targets.target import Target
from reference.specification import Spec

# A model case runs forward, backward and ten training steps, on nine copies of the reference; a formula case one line of arithmetic.
FORMULAS_PER_MODEL = 8
# A new shape or configuration is compiled anew: a second for a formula, up to half a minute for a model.
COMPILED_EXAMPLES, COMPILED_MODEL_EXAMPLES = 8, 4
# What a run is given that says nothing else: drawn cases a formula, and seconds a case.
EXAMPLES, SECONDS = 100, 20.0
# What a compiler treats specially comes first: it makes other code for an axis of length 1, but not for other numbers.
_SHAPES_FIRST = ("round", "single_sample", "single_unit", "edges", "ordinary", "wide")
# As many drawn cases as show every profile.
_ROUND = 8

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What is to be verified.

    seconds            limits one case; compiled modes are given ten times as much
    images             what models are shown; None means the digits
    compiled_examples  drawn cases of each specification in compiled modes, never more than of others; None means the usual number
    """

    specs: Sequence[Spec]
    targets: Sequence[Target]
    seed: int = 0
    examples: int = EXAMPLES
    seconds: float = SECONDS
    images: ImageRows | None = None
    compiled_examples: int | None = None

    def examples_for(self, spec: Spec, target: Target) -> int:
        """How many drawn cases the target is asked."""
        count = self.drawn(spec)
        return min(count, self.compiled_examples_of(spec)) if target.mode == "compiled" else count

    def compiled_examples_of(self, spec: Spec) -> int:
        """The limit of drawn cases in compiled modes."""
        if self.compiled_examples is not None:
            return self.compiled_examples
        return COMPILED_MODEL_EXAMPLES if spec.kind == "model" else COMPILED_EXAMPLES

    def needed(self, spec: Spec, target: Target) -> int:
        """How many cases have to be made, so that `asked` can choose."""
        least = _ROUND if target.mode == "compiled" else 0
        return always_asked(spec) + min(self.drawn(spec), max(least, self.examples_for(spec, target)))

    def asked(self, spec: Spec, target: Target, prepared: Sequence[tuple[Case, T]]) -> list[tuple[Case, T]]:
        """The cases for the target: known answers and real data, then drawn ones; for a compiled one those that differ in shape."""
        fixed, drawn = prepared[: always_asked(spec)], prepared[always_asked(spec) :]
        if target.mode == "compiled":
            drawn = _shapes_first(drawn)
        return [*fixed, *drawn[: self.examples_for(spec, target)]]

    def drawn(self, spec: Spec) -> int:
        """How many drawn cases there are of it at most."""
        return max(1, self.examples // FORMULAS_PER_MODEL) if spec.kind == "model" else self.examples


def always_asked(spec: Spec) -> int:
    """How many cases are not drawn: known answers and real data."""
    return len(spec.known_answers) + {"function": 0, "tokenizer": 1, "model": 2}[spec.kind]


def _shapes_first(drawn: Sequence[tuple[Case, T]]) -> list[tuple[Case, T]]:
    """One of every profile, then a second of every profile, and so on."""
    seen: Counter[str] = Counter()
    ranked = []
    for position, (case, expected) in enumerate(drawn):
        profile = case.flags[0]
        ranked.append(((seen[profile], _SHAPES_FIRST.index(profile), position), (case, expected)))
        seen[profile] += 1
    return [pair for _, pair in sorted(ranked, key=lambda one: one[0])]
