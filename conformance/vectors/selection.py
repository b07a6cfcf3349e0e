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
from reference.domains import Choice
from reference.specification import Quantity, Spec

# Two training steps show most of what ten show; the long run is tried for what they leave.
_FEW_STEPS = 2
# Cases are wanted of every profile; of models, whose files are large, of these.
_PROFILES_OF_MODELS = {ORDINARY.name, EDGES.name}


@dataclass
class _Candidate:
    case: Case
    expected: Mapping[Quantity, Expectation]
    merits: set[str]


def select(spec: Spec, dtype: str, promoted: Sequence[Case] = ()) -> tuple[Vector, ...]:
    """Known answers, the chosen cases, then those that are to be kept whatever they find."""
    known_answers = list(known_cases(spec, dtype))
    fixed = [_Candidate(case, expect(spec.strict(), case), set()) for case in (*known_answers, *promoted)]
    faults = {entry.id: entry for entry in findable(spec.name)}
    open_faults = {
        name for name in faults if not any(finds(faults[name], candidate.case, candidate.expected) for candidate in fixed)
    }
    choice: list[_Candidate] = []
    features_so_far: set[str] = set()
    for position, case in enumerate(_pool(spec, dtype)):
        if position == _CHOOSING[spec.kind].guests:
            open_faults = {name for name in open_faults if faults[name].specs[0] == spec.name}
        features = _features(spec, case) - features_so_far
        if not features and not open_faults:
            continue
        expected = expect(spec.strict(), case)
        kills = {name for name in open_faults if finds(faults[name], case, expected)}
        if features or kills:
            choice.append(_Candidate(case, expected, features | kills))
            features_so_far |= features
            open_faults -= kills
    return tuple(
        _vector(candidate, spec)
        for candidate in (*fixed[: len(known_answers)], *_needed(choice, spec), *fixed[len(known_answers) :])
    )


def vector_of(case: Case, spec: Spec) -> Vector:
    """The case with the answers of the reference and the mistakes that it finds."""
    return _vector(_Candidate(case, expect(spec.strict(), case), set()), spec)


def _vector(candidate: _Candidate, spec: Spec) -> Vector:
    kills = tuple(entry.id for entry in findable(spec.name) if finds(entry, candidate.case, candidate.expected))
    return Vector(candidate.case, candidate.expected, kills)


def _pool(spec: Spec, dtype: str) -> Iterator[Case]:
    """The cases to choose from, the smallest first."""
    choosing = _CHOOSING[spec.kind]
    yield from choosing.ordered([draw(spec, dtype, recipe) for recipe in recipes(0, choosing.drawn)])


def _by_size(cases: Sequence[Case]) -> Iterator[Case]:
    yield from sorted(cases, key=lambda case: size(case.inputs))


def _models_by_size(cases: Sequence[Case]) -> Iterator[Case]:
    """First with few training steps."""
    ordered = sorted(cases, key=lambda case: size(replace(case.model, batches=()).named()))
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


def _needed(candidates: Sequence[_Candidate], spec: Spec) -> list[_Candidate]:
    """Without those, the largest first, whose merits others have too."""
    merits = set().union(*(candidate.merits for candidate in candidates))
    merits_of = {id(candidate): _all_merits(candidate, merits, spec) for candidate in candidates}
    selection = list(candidates)
    for candidate in reversed(candidates):
        merits_elsewhere = set().union(*(merits_of[id(neighbour)] for neighbour in selection if neighbour is not candidate))
        if candidate.merits <= merits_elsewhere:
            selection = [neighbour for neighbour in selection if neighbour is not candidate]
    return selection


def _all_merits(candidate: _Candidate, merits: set[str], spec: Spec) -> set[str]:
    faults = {entry.id: entry for entry in findable(spec.name) if entry.id in merits}
    return _features(spec, candidate.case) | {
        name for name, entry in faults.items() if finds(entry, candidate.case, candidate.expected)
    }


def size(value: Any) -> int:
    """How many numbers or characters the inputs hold."""
    if isinstance(value, Mapping):
        return sum(map(size, value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(size, value)) if value else 1
    return len(value) if isinstance(value, str) else np.size(value)
