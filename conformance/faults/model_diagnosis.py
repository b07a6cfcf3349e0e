"""Which known mistake of a model: searched through the first result that differs.

A model's results depend on each other, so a mistake shows where it stands and in everything behind. Of two mistakes the one that stands
first must alone explain all results up to the first that differs; the other one must first act where the first leaves off. Both are
read off the predictions of single faults, so that few pairs have to be run. Where both act at once, in the first step of a training run or
in the last gradient, other cases may hold only one of them: an optimiser's mistake is not seen with another optimiser.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from conformance.compare import compare
from conformance.expectation import Expected, model_result
from conformance.faults.fault import Fault
from conformance.faults.ratios import first_deviating
from conformance.faults.rewriting import implementation
from conformance.interview import own
from conformance.responses import Output, Returned
from conformance.tolerance import explained_error
from conformance.verdicts import Diagnosis, Evidence
from reference.specification import Array, Quantity, Spec
from reference.training import OPTIMIZERS

# The search for pairs ends after this time and says what it has found until then.
SECONDS_FOR_PAIRS = 0.4
# Failing cases on which the two of a pair are looked for, the smallest first.
_CASES_FOR_PAIRS = 4
# A training step reveals a mistake of the loop or the optimiser to the next one's loss.
_FIRST_STEPS = 2
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

    def left_at(self, faults: Faults, one: Evidence) -> float:
        """Where the answer leaves what these faults predict: a position in the order of computation; infinite for nowhere."""
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
            try:
                offered = getattr(implementation(faults, self.spec.name), self.spec.name)
                self._answers[key] = model_result(offered, own(one.case.inputs), self.quantity)
            except Exception:  # a changed reference may raise anything on inputs that it was not written for
                self._answers[key] = None
        return self._answers[key]

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
        """Whether the first two losses of a training run rule the faults out already: a fifth of the work.

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
        try:
            model = getattr(implementation(faults, self.spec.name), self.spec.name)(**inputs["configuration"])
            model.import_weights(inputs["weights"])
            losses = np.array(model.training_steps(inputs["batches"][:_FIRST_STEPS], **inputs["training"]))
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


def explanations(
    faults: Sequence[Fault], spec: Spec, quantity: Quantity, answered: Sequence[Evidence], device: str
) -> list[Faults]:
    """The faults, or else the pairs of them, that predict every answer. `answered` begins with the failures, small before large."""
    search = Search(spec, quantity, device)
    known = [fault for fault in faults if fault.changes and fault.because is None]
    found = [(fault,) for fault in known if _explains(search, (fault,), answered)]
    return found or list(_pairs(search, known, answered))


def _explains(search: Search, faults: Faults, answered: Iterable[Evidence]) -> bool:
    return all(search.left_at(faults, one) == _NOWHERE for one in answered)


def _pairs(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence]) -> Iterator[Faults]:
    until = time.perf_counter() + SECONDS_FOR_PAIRS
    tried: set[frozenset[str]] = set()
    for one in [one for one in answered if not one.agrees][:_CASES_FOR_PAIRS]:
        for first, second in _candidates(search, faults, answered, one):
            if time.perf_counter() > until:
                return
            pair = frozenset((first.id, second.id))
            if len(pair) == 2 and pair not in tried:
                tried.add(pair)
                if _explains(search, (first, second), answered):
                    yield first, second


def _candidates(
    search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence
) -> Iterator[tuple[Fault, Fault]]:
    """Pairs of which one explains where this case first differs, and the other acts where that leaves off."""
    differs = search.left_at((), one)
    acts = {fault: search.acts_at((fault,), one) for fault in faults}
    for first in faults:
        # What acts before anything differs is not there; what acts later does not explain it.
        if acts[first] != differs:
            continue
        left = search.left_at((first,), one)
        if left == _NOWHERE:
            others = [other for other in answered if search.left_at((first,), other) != _NOWHERE][:1]
            for other in others:
                left = search.left_at((first,), other)
                yield from ((first, second) for second in faults if search.acts_at((second,), other) == left)
        elif left > differs:
            yield from ((first, second) for second in faults if acts[second] == left)


def placed(diagnosis: Diagnosis, answered: Iterable[Evidence]) -> Diagnosis:
    """The diagnosis, after the name of the first result that differs on the smallest failing case."""
    name = next((name for one in answered if not one.agrees and (name := first_deviating(one))), None)
    return (
        diagnosis
        if name is None
        else replace(diagnosis, sentence=f"the first result that differs is `{name}`; {diagnosis.sentence}")
    )
