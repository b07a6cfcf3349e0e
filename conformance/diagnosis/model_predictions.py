"""What known mistakes of a model predict of the answers that were given, each predicted once, and counted.

A result's position is its place in the order of computation: what stands first is what the others follow from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from conformance.diagnosis.effort import TO_MAKE, Effort, passes
from conformance.faults.changed.reference import REFUSING_NOTHING, lent
from conformance.faults.fault import Fault
from conformance.judging.compare import compare
from conformance.judging.expectation import Expected, model_result
from conformance.judging.verdicts import Evidence
from conformance.respondent.belongings import own
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.responses import Output, Returned
from conformance.tolerance import explained_error
from reference.specification import Array, Quantity, Spec
from reference.training import OPTIMIZERS

# A training step reveals a mistake of the loop or the optimiser to the next one's loss.
_FIRST_STEPS = 2
NOWHERE = math.inf
_LOOP = "models.model:Model.training_steps"
_PRETRAIN = "models.stacked:StackedAutoencoder.pretrain"
_OPTIMIZERS = "training."

Faults = tuple[Fault, ...]


@dataclass
class ModelPredictions:
    """Predictions for one quantity of one model on the answers that were given, each made once."""

    spec: Spec
    quantity: Quantity
    device: str
    _answers: dict[tuple[Faults, str], Mapping[str, Array] | None] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)
    uncompared: int = 0
    _made: set[Faults] = field(default_factory=set)
    _left: dict[tuple[Faults, str], float] = field(default_factory=dict)

    def left_at(self, faults: Faults, observation: Evidence) -> float:
        """Where the answer leaves what these faults predict: a position in the order of computation; infinite for nowhere."""
        key = (faults, observation.case.id)
        if key not in self._left:
            self._left[key] = self._left_at(faults, observation)
        return self._left[key]

    def _left_at(self, faults: Faults, observation: Evidence) -> float:
        faults = tuple(fault for fault in faults if not self._idle(fault, observation))
        if not faults:
            return self._first(observation.expected, observation)
        if self._too_early(faults, observation):
            return 0.0
        answer = self._answer(faults, observation)
        return 0.0 if answer is None else self._first(self._widened(answer, observation), observation)

    def acts_at(self, faults: Faults, observation: Evidence) -> float:
        """Where these faults leave what is right."""
        if all(self._idle(fault, observation) for fault in faults):
            return NOWHERE
        answer = self._answer(faults, observation)
        if answer is None:
            return 0.0
        given = {n: Output(np.asarray(v), _dtype(observation.expected.get(n)), "host") for n, v in answer.items()}
        return self._position(observation.expected, given)

    def is_about(self, fault: Fault, observation: Evidence) -> bool:
        """Whether a fault of training stands where a training run first goes wrong, so that it is tried before others."""
        names, position = [name for name, _ in self._parts(observation.expected)], self.left_at((), observation)
        greedy = position < len(names) and names[int(position)].startswith("greedy/")
        return any(c.place.startswith(_PRETRAIN if greedy else (_LOOP, _OPTIMIZERS)) for c in fault.changes)

    def may_act_at(self, fault: Fault, observation: Evidence, position: float) -> bool:
        """Whether the fault could change the result at a position first: read off its prediction, but for a training run off its place."""
        if self.quantity != "training":
            return self.acts_at((fault,), observation) == position
        names = [name for name, _ in self._parts(observation.expected)]
        greedy = position < len(names) and names[int(position)].startswith("greedy/")
        return not self._idle(fault, observation) and greedy == any(c.place.startswith(_PRETRAIN) for c in fault.changes)

    def _first(self, expected: Mapping[str, object], observation: Evidence) -> float:
        assert isinstance(observation.response, Returned)
        return self._position(expected, observation.response.outputs)

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
        return NOWHERE

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

    def _answer(self, faults: Faults, observation: Evidence) -> Mapping[str, Array] | None:
        key = (faults, observation.case.id)
        if key not in self._answers:
            steps = len(observation.case.model.batches) if self.quantity == "training" else 1
            # Pretraining layer by layer takes as long again.
            self._spend(faults, observation, steps * (2 if "greedy/losses" in observation.expected else 1))
            try:
                with lent((*faults, REFUSING_NOTHING), self.spec.name) as offered:
                    answer = model_result(offered, ModelInputs.of(own(observation.case.inputs)), self.quantity)
                arrays = {name: np.asarray(value) for name, value in answer.items() if name not in observation.left_out}
                self._answers[key] = arrays if all(array.dtype.kind in "fiu" for array in arrays.values()) else None
            except Exception:  # a changed reference may raise anything on inputs that it was not written for
                self._answers[key] = None
        return self._answers[key]

    def _spend(self, faults: Faults, observation: Evidence, steps: int) -> None:
        self.effort.spend(passes(observation.case.model.batch, steps) + (0 if faults in self._made else TO_MAKE))
        self._made.add(faults)

    def _idle(self, fault: Fault, observation: Evidence) -> bool:
        """Whether nothing that the fault changes is ever run: a training step where none is asked for, or another optimiser's."""
        if fault.wrap is not None:
            return False
        if self.quantity != "training":
            return all(change.place.startswith((_LOOP, _PRETRAIN, _OPTIMIZERS)) for change in fault.changes)
        used = OPTIMIZERS[observation.case.model.optimizer]
        own_file, own_function = used.__module__.removeprefix("reference."), used.__name__
        return all(
            change.place.startswith(_OPTIMIZERS) and change.place not in (f"{own_file}:", f"{own_file}:{own_function}")
            for change in fault.changes
        )

    def _too_early(self, faults: Faults, observation: Evidence) -> bool:
        """Whether the losses of a training run up to the first wrong one rule the faults out already.

        Not asked of changes of the loop itself, which need not treat the first batches of ten as it would treat two.
        """
        if self.quantity != "training" or (faults, observation.case.id) in self._answers:
            return False
        if any(change.place.startswith(_LOOP) for fault in faults for change in fault.changes):
            return False
        inputs, right = ModelInputs.of(own(observation.case.inputs)), observation.expected.get("losses")
        assert isinstance(observation.response, Returned)
        given = observation.response.outputs.get("losses")
        if not isinstance(right, Expected) or not isinstance(given, Output) or given.array.shape != right.value.shape:
            return False
        wrong_from = self.left_at((), observation)
        count = max(_FIRST_STEPS, int(wrong_from) + 1) if wrong_from < len(right.value) else _FIRST_STEPS
        self._spend(faults, observation, count)
        try:
            with lent((*faults, REFUSING_NOTHING), self.spec.name) as offered:
                model = offered(**inputs.configuration)
                model.import_weights(inputs.weights)
                losses = np.array(model.training_steps(inputs.batches[:count], **inputs.training))
        except Exception:  # as above
            self._answers[faults, observation.case.id] = None
            return True
        steps = slice(len(losses))
        room = explained_error(np.broadcast_to(right.allowed, right.value.shape)[steps], losses, right.dtype)
        predicted = {"losses": Expected(losses, room, right.dtype)}
        return not compare(predicted, {"losses": Output(given.array[steps], given.dtype, given.device)}, self.device).agrees

    def _widened(self, answer: Mapping[str, Array], observation: Evidence) -> dict[str, object]:
        """What is predicted, with room for being written in another way."""
        widened: dict[str, object] = {}
        for name, value in answer.items():
            right, value = observation.expected.get(name), np.asarray(value)
            # A result that should not be there at all has no budget of its own, so that of any other result serves.
            right = (
                right if isinstance(right, Expected) else next(e for e in observation.expected.values() if isinstance(e, Expected))
            )
            allowed = right.allowed if np.shape(right.allowed) in ((), value.shape) else np.max(right.allowed, initial=0.0)
            widened[name] = Expected(value, explained_error(allowed, value, right.dtype), right.dtype)
        return widened


def _dtype(right: object) -> str:
    return right.dtype if isinstance(right, Expected) else "float64"
