"""Which cases go into a file: few and small ones that together find every catalogued mistake and show every kind of input.

Cases are drawn from fixed recipes, ordered by size, and kept if they find or show something that no smaller one does. In the end those
are dropped whose every merit another one has. The result depends on the recipes and the catalogue only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.cases.case import Case, draw, known_cases, recipes
from conformance.cases.kinds import kind_of
from conformance.cases.profiles import EDGES, ORDINARY
from conformance.judging.expectation import Expectation, expect
from conformance.vectors.faulty import findable, finds
from conformance.vectors.vector import Vector
from reference.specification import Choice, Quantity, Spec

# Two training steps show most of what ten show; the long run is tried for what they leave.
_FEW_STEPS = 2
# Cases are wanted of every profile; of models, whose files are large, of these.
_PROFILES_OF_MODELS = {ORDINARY.name, EDGES.name}


@dataclass
class _Candidate:
    case: Case
    expected: Mapping[Quantity, Expectation]
    merits: set[str]


def select(spec: Spec, dtype: str, kept: Sequence[Case] = ()) -> tuple[Vector, ...]:
    """Known answers, the chosen cases, then those that are to be kept whatever they find."""
    known = list(known_cases(spec, dtype))
    fixed = [_Candidate(case, expect(spec.strict(), case), set()) for case in (*known, *kept)]
    wanted = {entry.id: entry for entry in findable(spec.name)}
    left = {name for name in wanted if not any(finds(wanted[name], one.case, one.expected) for one in fixed)}
    chosen: list[_Candidate] = []
    shown: set[str] = set()
    for position, case in enumerate(_pool(spec, dtype)):
        if position == _CHOOSING[spec.kind].guests:
            left = {name for name in left if wanted[name].specs[0] == spec.name}
        features = _features(spec, case) - shown
        if not features and not left:
            continue
        expected = expect(spec.strict(), case)
        found = {name for name in left if finds(wanted[name], case, expected)}
        if features or found:
            chosen.append(_Candidate(case, expected, features | found))
            shown |= features
            left -= found
    return tuple(_vector(one, spec) for one in (*fixed[: len(known)], *_needed(chosen, spec), *fixed[len(known) :]))


def vector_of(case: Case, spec: Spec) -> Vector:
    """The case with the answers of the reference and the mistakes that it finds."""
    return _vector(_Candidate(case, expect(spec.strict(), case), set()), spec)


def _vector(one: _Candidate, spec: Spec) -> Vector:
    kills = tuple(entry.id for entry in findable(spec.name) if finds(entry, one.case, one.expected))
    return Vector(one.case, one.expected, kills)


def _pool(spec: Spec, dtype: str) -> Iterator[Case]:
    """The cases to choose from, the smallest first."""
    choosing = _CHOOSING[spec.kind]
    yield from choosing.ordered([draw(spec, dtype, recipe) for recipe in recipes(0, choosing.drawn)])


def _by_size(drawn: Sequence[Case]) -> Iterator[Case]:
    yield from sorted(drawn, key=lambda case: size(case.inputs))


def _models_by_size(drawn: Sequence[Case]) -> Iterator[Case]:
    """First with few training steps."""
    ordered = sorted(drawn, key=lambda case: size(replace(case.model, batches=()).named()))
    yield from (replace(case, inputs=replace(case.model, batches=case.model.batches[:_FEW_STEPS]).named()) for case in ordered)
    yield from ordered


def _features(spec: Spec, case: Case) -> set[str]:
    """What a case shows: every option of every choice, and its profile; of a model the optimiser, and some profiles."""
    options = kind_of(spec).options(case.inputs)
    features = {f"{n}={options[n]}" for n, domain in spec.inputs.items() if isinstance(domain, Choice) and n in options}
    return features | _CHOOSING[spec.kind].shown(case)


def _shown_by_a_model(case: Case) -> set[str]:
    return {f"optimizer={case.model.optimizer}"} | (set(case.flags) & _PROFILES_OF_MODELS)


@dataclass(frozen=True)
class _Choosing:
    """How cases of a kind are chosen.

    drawn     how many there are to choose from
    ordered   the order in which they are tried
    shown     what a case shows beside options
    guests    on how many cases a mistake is tried that is at home in another specification; None for all
    """

    drawn: int
    ordered: Callable[[Sequence[Case]], Iterator[Case]]
    shown: Callable[[Case], set[str]]
    guests: int | None = None


# By kind of specification. A model case costs a hundred times as much as one of a formula. A mistake of a formula that a model contains is at
# home in the formula's own file; the model is tried for it on its first cases only.
_CHOOSING: Mapping[str, _Choosing] = {
    "function": _Choosing(400, _by_size, lambda case: set(case.flags)),
    "tokenizer": _Choosing(400, _by_size, lambda case: set(case.flags)),
    "model": _Choosing(32, _models_by_size, _shown_by_a_model, guests=6),
}


def _needed(chosen: Sequence[_Candidate], spec: Spec) -> list[_Candidate]:
    """Without those, the largest first, whose merits others have too."""
    every = set().union(*(one.merits for one in chosen))
    has = {id(one): _all_merits(one, every, spec) for one in chosen}
    kept = list(chosen)
    for one in reversed(chosen):
        others = set().union(*(has[id(other)] for other in kept if other is not one))
        if one.merits <= others:
            kept = [other for other in kept if other is not one]
    return kept


def _all_merits(one: _Candidate, every: set[str], spec: Spec) -> set[str]:
    faults = {entry.id: entry for entry in findable(spec.name) if entry.id in every}
    return _features(spec, one.case) | {name for name, entry in faults.items() if finds(entry, one.case, one.expected)}


def size(value: Any) -> int:
    """How many numbers or characters the inputs hold."""
    if isinstance(value, Mapping):
        return sum(map(size, value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(size, value)) if value else 1
    return len(value) if isinstance(value, str) else np.size(value)
