"""Which known mistake of a model: searched through the first result that differs.

A model's results depend on each other, so a mistake shows where it stands and in everything behind. Of two mistakes the one that stands
first must alone explain all results up to the first that differs; the other one must first act where the first leaves off. Both are
read off the predictions of single faults, so that few pairs have to be run. Other cases may hold only one of two mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations

import numpy as np

from conformance.compare import compare
from conformance.expectation import Expected, model_result
from conformance.faults.effort import TO_MAKE, Effort, passes
from conformance.faults.fault import Fault
from conformance.faults.ratios import first_deviating
from conformance.faults.rewriting import lent
from conformance.interview import own
from conformance.responses import Output, Returned
from conformance.tolerance import explained_error
from conformance.verdicts import Diagnosis, Evidence
from reference.specification import Array, Quantity, Spec
from reference.training import OPTIMIZERS

# After so much effort no further mistake is tried alone, no further pair; what was found until then is said, and that more was not tried.
EFFORT_FOR_SINGLES = 500
EFFORT_FOR_PAIRS = 560
# After this an explanation of so many answers is said without comparing the rest, and that is said too.
EFFORT_FOR_ALL = 600
_ENOUGH = 5
# Failing cases on which the two of a pair are looked for, the smallest first.
_CASES_FOR_PAIRS = 4
# A training step reveals a mistake of the loop or the optimiser to the next one's loss.
_FIRST_STEPS = 2
# Once one pair is found, this many more may be tried for others that explain the answers as well.
_PAIRS_AFTER_THE_FIRST = 200
_NOWHERE = math.inf
_LOOP = "models.model:Model.training_steps"
_PRETRAIN = "models.stacked:StackedAutoencoder.pretrain"
_OPTIMIZERS = "training."

Faults = tuple[Fault, ...]


@dataclass
class Search:
    """Predictions for one quantity of one model on the answers that were given, each made once."""

    spec: Spec
    quantity: Quantity
    device: str
    _answers: dict[tuple[Faults, str], Mapping[str, Array] | None] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)
    uncompared: int = 0
    _made: set[Faults] = field(default_factory=set)
    _left: dict[tuple[Faults, str], float] = field(default_factory=dict)

    def left_at(self, faults: Faults, one: Evidence) -> float:
        """Where the answer leaves what these faults predict: a position in the order of computation; infinite for nowhere."""
        key = (faults, one.case.id)
        if key not in self._left:
            self._left[key] = self._left_at(faults, one)
        return self._left[key]

    def _left_at(self, faults: Faults, one: Evidence) -> float:
        faults = tuple(fault for fault in faults if not self._idle(fault, one))
        if not faults:
            return self._first(one.expected, one)
        if self._too_early(faults, one):
            return 0.0
        answer = self._answer(faults, one)
        return 0.0 if answer is None else self._first(self._widened(answer, one), one)

    def acts_at(self, faults: Faults, one: Evidence) -> float:
        """Where these faults leave what is right."""
        if all(self._idle(fault, one) for fault in faults):
            return _NOWHERE
        answer = self._answer(faults, one)
        if answer is None:
            return 0.0
        given = {n: Output(np.asarray(v), _dtype(one.expected.get(n)), "host") for n, v in answer.items()}
        return self._position(one.expected, given)

    def is_about(self, fault: Fault, one: Evidence) -> bool:
        """Whether a fault of training stands where a training run first goes wrong, so that it is tried before others."""
        names, position = [name for name, _ in self._parts(one.expected)], self.left_at((), one)
        greedy = position < len(names) and names[int(position)].startswith("greedy/")
        return any(c.place.startswith(_PRETRAIN if greedy else (_LOOP, _OPTIMIZERS)) for c in fault.changes)

    def may_act_at(self, fault: Fault, one: Evidence, position: float) -> bool:
        """Whether the fault could change the result at a position first: read off its prediction, but for a training run off its place."""
        if self.quantity != "training":
            return self.acts_at((fault,), one) == position
        names = [name for name, _ in self._parts(one.expected)]
        greedy = position < len(names) and names[int(position)].startswith("greedy/")
        return not self._idle(fault, one) and greedy == any(c.place.startswith(_PRETRAIN) for c in fault.changes)

    def _first(self, expected: Mapping[str, object], one: Evidence) -> float:
        assert isinstance(one.response, Returned)
        return self._position(expected, one.response.outputs)

    def _position(self, expected: Mapping[str, object], outputs: Mapping[str, object]) -> float:
        if expected.keys() != outputs.keys():
            return 0.0
        for position, (name, part) in enumerate(self._parts(expected)):
            right, given = expected[name], outputs[name]
            if part is not None and isinstance(right, Expected) and isinstance(given, Output):
                if given.array.shape != right.value.shape:
                    return position
                allowed = np.broadcast_to(right.allowed, right.value.shape)[part]
                right = Expected(right.value[part], allowed, right.dtype)
                given = Output(given.array[part], given.dtype, given.device)
            if not compare({name: right}, {name: given}, self.device).agrees:
                return position
        return _NOWHERE

    def _parts(self, expected: Mapping[str, object]) -> Iterator[tuple[str, int | None]]:
        """Names of results in the order of computation; a training run's losses one by one."""
        names = list(expected)
        if self.quantity == "gradient":
            names.reverse()
        for name in names:
            right = expected[name]
            if name == "losses" and isinstance(right, Expected) and right.value.ndim == 1:
                yield from ((name, step) for step in range(len(right.value)))
            else:
                yield name, None

    def _answer(self, faults: Faults, one: Evidence) -> Mapping[str, Array] | None:
        key = (faults, one.case.id)
        if key not in self._answers:
            steps = len(one.case.inputs["batches"]) if self.quantity == "training" else 1
            # Pretraining layer by layer takes as long again.
            self._spend(faults, one, steps * (2 if "greedy/losses" in one.expected else 1))
            try:
                with lent(faults, self.spec.name) as offered:
                    answer = model_result(offered, own(one.case.inputs), self.quantity)
                self._answers[key] = {name: value for name, value in answer.items() if name not in one.left_out}
            except Exception:  # a changed reference may raise anything on inputs that it was not written for
                self._answers[key] = None
        return self._answers[key]

    def _spend(self, faults: Faults, one: Evidence, steps: int) -> None:
        self.effort.spend(passes(one.case.inputs, steps) + (0 if faults in self._made else TO_MAKE))
        self._made.add(faults)

    def _idle(self, fault: Fault, one: Evidence) -> bool:
        """Whether nothing that the fault changes is ever run: a training step where none is asked for, or another optimiser's."""
        if self.quantity != "training":
            return all(change.place.startswith((_LOOP, _PRETRAIN, _OPTIMIZERS)) for change in fault.changes)
        used = OPTIMIZERS[one.case.inputs["training"]["optimizer"]]
        own_file, own_function = used.__module__.removeprefix("reference."), used.__name__
        return all(
            change.place.startswith(_OPTIMIZERS) and change.place not in (f"{own_file}:", f"{own_file}:{own_function}")
            for change in fault.changes
        )

    def _too_early(self, faults: Faults, one: Evidence) -> bool:
        """Whether the losses of a training run up to the first wrong one rule the faults out already.

        Not asked of changes of the loop itself, which need not treat the first batches of ten as it would treat two.
        """
        if self.quantity != "training" or (faults, one.case.id) in self._answers:
            return False
        if any(change.place.startswith(_LOOP) for fault in faults for change in fault.changes):
            return False
        inputs, right = own(one.case.inputs), one.expected.get("losses")
        assert isinstance(one.response, Returned)
        given = one.response.outputs.get("losses")
        if not isinstance(right, Expected) or not isinstance(given, Output) or given.array.shape != right.value.shape:
            return False
        wrong_from = self.left_at((), one)
        count = max(_FIRST_STEPS, int(wrong_from) + 1) if wrong_from < len(right.value) else _FIRST_STEPS
        self._spend(faults, one, count)
        try:
            with lent(faults, self.spec.name) as offered:
                model = offered(**inputs["configuration"])
                model.import_weights(inputs["weights"])
                losses = np.array(model.training_steps(inputs["batches"][:count], **inputs["training"]))
        except Exception:  # as above
            self._answers[faults, one.case.id] = None
            return True
        steps = slice(len(losses))
        room = explained_error(np.broadcast_to(right.allowed, right.value.shape)[steps], losses, right.dtype)
        predicted = {"losses": Expected(losses, room, right.dtype)}
        return not compare(predicted, {"losses": Output(given.array[steps], given.dtype, given.device)}, self.device).agrees

    def _widened(self, answer: Mapping[str, Array], one: Evidence) -> dict[str, object]:
        """What is predicted, with room for being written in another way."""
        widened: dict[str, object] = {}
        for name, value in answer.items():
            right, value = one.expected.get(name), np.asarray(value)
            # A result that should not be there at all has no budget of its own, so that of any other result serves.
            right = right if isinstance(right, Expected) else next(e for e in one.expected.values() if isinstance(e, Expected))
            allowed = right.allowed if np.shape(right.allowed) in ((), value.shape) else np.max(right.allowed, initial=0.0)
            widened[name] = Expected(value, explained_error(allowed, value, right.dtype), right.dtype)
        return widened


def _dtype(right: object) -> str:
    return right.dtype if isinstance(right, Expected) else "float64"


@dataclass(frozen=True)
class Explanations:
    """The faults, or pairs of them, that predict the answers; how many faults were not tried, how many answers not compared."""

    found: Sequence[Faults]
    untried: int = 0
    uncompared: int = 0


def explanations(
    faults: Sequence[Fault], spec: Spec, quantity: Quantity, answered: Sequence[Evidence], device: str, effort: Effort
) -> Explanations:
    """Search alone, then in pairs. `answered` begins with the failures, small before large."""
    search = Search(spec, quantity, device, effort=effort)
    known = [fault for fault in faults if fault.changes and fault.because is None]
    if quantity == "training":
        known.sort(key=lambda fault: not search.is_about(fault, answered[0]))
    found: list[Faults] = []
    untried = list(known)
    while untried and not effort.over(EFFORT_FOR_SINGLES):
        fault = untried.pop(0)
        if _explains(search, (fault,), answered):
            found.append((fault,))
    found = found or list(_pairs(search, known, answered))
    return Explanations(found, len(untried), search.uncompared)


def _explains(search: Search, faults: Faults, answered: Sequence[Evidence]) -> bool:
    """Whether the faults predict the answers, and at least one of the wrong ones as a wrong one."""
    seen = False
    for number, one in enumerate(answered):
        if number >= _ENOUGH and search.effort.over(EFFORT_FOR_ALL):
            search.uncompared = max(search.uncompared, len(answered) - number)
            break
        if search.left_at(faults, one) < _NOWHERE:
            return False
        seen = seen or (not one.agrees and search.acts_at(faults, one) < _NOWHERE)
    return seen


def _pairs(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence]) -> Iterator[Faults]:
    failing = [one for one in answered if not one.agrees][:_CASES_FOR_PAIRS]
    tried: set[frozenset[Fault]] = set()
    found = False
    # The first case has been answered by every mistake alone; on the others that is still to be done. A training run goes from one loop
    # to the next, so that there two mistakes stand in a row oftener than alone.
    ways = (_in_a_row, _alone) if search.quantity == "training" else (_alone, _in_a_row)
    searches = (
        way(search, faults, answered, one)
        for position, one in enumerate(failing)
        for way in ((*ways, _at_once) if position == 0 else ways)
    )
    for first, second in chain.from_iterable(searches):
        if first is not None and second is not None and first != second and frozenset((first, second)) not in tried:
            tried.add(frozenset((first, second)))
            if _explains(search, (first, second), answered):
                found = True
                yield first, second
        if search.effort.over(EFFORT_FOR_PAIRS) or (found and len(tried) > _PAIRS_AFTER_THE_FIRST):
            return


# Each of these searches yields pairs to try, and (None, None) after work that found nothing, so that whoever asks can stop.
_Candidates = Iterator[tuple[Fault | None, Fault | None]]


def _alone(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence) -> _Candidates:
    """A case that one mistake explains holds it alone; the first case that it does not explain shows the other one."""
    for first in faults:
        alone = search.left_at((first,), one) == _NOWHERE
        yield None, None
        other = next((o for o in answered if search.left_at((first,), o) < _NOWHERE), None) if alone else None
        if other is None:
            continue
        left = search.left_at((first,), other)
        for second in faults:
            yield (first, second) if search.may_act_at(second, other, left) else (None, None)


def _in_a_row(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence) -> _Candidates:
    """One mistake explains where this case first differs, the other acts where that leaves off."""
    differs = search.left_at((), one)
    for first in faults:
        left = search.left_at((first,), one)
        yield None, None
        if differs < left < _NOWHERE:
            for second in faults:
                yield (first, second) if search.may_act_at(second, one, left) else (None, None)


def _at_once(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence) -> _Candidates:
    """Both act where this case first differs."""
    differs = search.left_at((), one)
    acting = [fault for fault in faults if search.may_act_at(fault, one, differs)]
    yield from combinations(acting, 2)


def placed(diagnosis: Diagnosis, answered: Iterable[Evidence]) -> Diagnosis:
    """The diagnosis, after the name of the first result that differs on the smallest failing case."""
    name = next((name for one in answered if not one.agrees and (name := first_deviating(one))), None)
    return (
        diagnosis
        if name is None
        else replace(diagnosis, sentence=f"the first result that differs is `{name}`; {diagnosis.sentence}")
    )
