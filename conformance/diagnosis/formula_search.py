"""A formula's known mistakes against the answers that were given: which predict them all, alone or two at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conformance.cases.case import Case
from conformance.cases.kinds import kind_of
from conformance.diagnosis.effort import Effort
from conformance.diagnosis.formula_pairs import ranked
from conformance.diagnosis.nearness import near, same_limit
from conformance.faults.changed.forms import in_form
from conformance.faults.changed.reference import IN_SINGLE_PRECISION, implementation
from conformance.faults.fault import Fault
from conformance.judging.compare import compare
from conformance.judging.expectation import Expected, model_result
from conformance.judging.verdicts import Evidence
from conformance.respondent.belongings import own
from conformance.respondent.class_results import tokenizer_results
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.responses import Output, Returned
from conformance.targets.target import Target
from conformance.tolerance import ALLOWED_BETWEEN_WHOLE_NUMBERS, EXPLANATION_ROOM, allowed_error, explained_error
from reference.specification import Array, Quantity, Spec

# Pairs are many; no further one is tried after so many predictions.
EFFORT_FOR_PAIRS = 2200
EFFORT_FOR_PAIRS_IN_FORM = 800
# Two explanations of equal worth are ranked near each other.
PAIRS_AFTER_THE_FIRST = 20
# In how many of the wrong answers a mistake is looked for, at first and at last.
_LOOKS = (12, 40)


@dataclass(frozen=True)
class FormulaSearch:
    """Mistakes against answers. What a mistake predicts is computed once a case. What they explain has to hold for other quantities too."""

    spec: Spec
    target: Target
    quantity: Quantity
    answered: Sequence[Evidence]
    effort: Effort
    holds_beside: Callable[[tuple[Fault, ...]], bool] = lambda faults: True
    _alone: dict[tuple[str, int], Mapping[str, Any] | None] = field(default_factory=dict)
    _last: dict[str, Any] = field(default_factory=dict)

    def explains(self, faults: tuple[Fault, ...]) -> bool:
        """Whether these faults at once predict every answer: the wrong ones as wrong answers, and not as right ones with room."""
        if not all(fault.changes or fault.wrap or fault.noise for fault in faults):
            return False
        try:
            return self._predicts_all(faults) and self.holds_beside(faults)
        except Exception:  # a changed reference may raise anything on inputs that it was not written for
            return False

    def allows(self, faults: tuple[Fault, ...]) -> bool:
        """Whether these faults predict every answer, whatever is right."""
        certain = tuple(fault for fault in faults if fault.noise is None)
        predictions = [(observation, self._prediction(certain, observation)) for observation in self.answered if certain]
        return all(p is not None and self._fits(faults, certain, o, self._saturated(certain, o, p)) for o, p in predictions)

    def _predicts_all(self, faults: tuple[Fault, ...]) -> bool:
        certain = tuple(fault for fault in faults if fault.noise is None)
        wrong_predicted = len(certain) < len(faults)  # of what only bounds an error nobody knows where it shows
        for observation in self.answered:
            prediction = self._prediction(certain, observation)
            prediction = None if prediction is None else self._saturated(certain, observation, prediction)
            if prediction is None or not self._fits(faults, certain, observation, prediction):
                return False
            if not observation.agrees and certain:
                if not self._changes(prediction, observation):
                    return False
                wrong_predicted = (
                    wrong_predicted or not compare(observation.expected, _given(prediction, observation), "host").agrees
                )
        return wrong_predicted and all(self._errs_there(fault) for fault in faults if fault.noise is not None)

    def _errs_there(self, form: Fault) -> bool:
        """Whether a form that loses digits, computed in the target's precision, is itself wrong on most of the wrong answers.

        What is off by as little for another reason, a series cut short or an infinity replaced, is not explained by it.
        """
        failed = [observation for observation in self.answered if not observation.agrees]
        predictions = [(observation, self.once((form,), observation)) for observation in failed]
        wrong = [p is not None and not compare(o.expected, _given(p, o), "host").agrees for o, p in predictions]
        return 2 * sum(wrong) >= len(failed)

    def explains_in_form(self, fault: Fault, form: Fault) -> bool:
        """Whether the fault, made in that literal form, predicts every answer."""
        together = in_form(fault, form)
        return together is not None and self.explains((together,))

    def pairs(self, faults: Sequence[Fault], form: Fault | None = None) -> list[tuple[Fault, ...]]:
        """Two at once, likely ones first, while the effort allows; in a literal form, where one is given."""
        explaining, tried_since = [], 0
        most = EFFORT_FOR_PAIRS if form is None else self.effort.spent + EFFORT_FOR_PAIRS_IN_FORM
        written = {} if form is None else {together: f for f in faults if (together := in_form(f, form)) is not None}
        faults = faults if form is None else list(written)
        failed = [observation for observation in self.answered if not observation.agrees]
        tried = set[tuple[str, str]]()
        # What matters seldom is looked for only where what matters often does not explain: every look costs effort.
        for looks in _LOOKS:
            if explaining or self.effort.over(most):
                break
            few = failed[:: max(1, len(failed) // looks)]
            # What shows itself by its own symptom, such as an answer that changes, is not behind wrong numbers too.
            able = [f for f in faults if f.symptom is None and any(self._matters(f, observation) for observation in few)]
            for pair in ranked(able, self.answered, self.alone) if len(able) > 1 else ():
                if self.effort.over(most) or tried_since > PAIRS_AFTER_THE_FIRST:
                    break
                ids = pair[0].id, pair[1].id
                if ids not in tried and any(self.explains(_both(pair, form)) for pair in (pair, pair[::-1])):
                    explaining.append(tuple(written.get(fault, fault) for fault in pair))
                tried.add(ids)
                tried_since += bool(explaining)
        return explaining

    def once(self, faults: tuple[Fault, ...], observation: Evidence) -> Mapping[str, Any] | None:
        """What faults say of a case in the precision of the target, not kept; None if they raise."""
        self.effort.spend()
        try:
            if self.target.dtype == "float32":
                return _in_single_precision(faults, self.spec, self.quantity, observation.case)
            return predicted(faults, self.spec, self.quantity, observation.case)
        except Exception:  # as below
            return None

    def alone(self, fault: Fault, observation: Evidence) -> Mapping[str, Any] | None:
        """What a fault alone says of a case; None if it raises."""
        key = fault.id, id(observation)
        if key not in self._alone:
            self.effort.spend()
            try:
                self._alone[key] = predicted((fault,), self.spec, self.quantity, observation.case)
            except Exception:  # as above
                self._alone[key] = None
        return self._alone[key]

    def _matters(self, fault: Fault, observation: Evidence) -> bool:
        """Whether a fault changes what is said of a case."""
        prediction = self.alone(fault, observation)
        return prediction is not None and self._changes(prediction, observation)

    def _changes(self, prediction: Mapping[str, Any], observation: Evidence) -> bool:
        """Whether what is said of a case is not what is right, in the dtype of the answer."""
        if prediction.keys() != observation.expected.keys():
            return True
        return any(
            not _equal(_single(prediction[n], right), _single(right.value, right)) or _named(prediction[n], right) != right.dtype
            if isinstance(right, Expected)
            else prediction[n] != right
            for n, right in observation.expected.items()
        )

    def _prediction(self, certain: tuple[Fault, ...], observation: Evidence) -> Mapping[str, Any] | None:
        if len(certain) == 1:
            return self.alone(certain[0], observation)
        self.effort.spend()
        return predicted(certain, self.spec, self.quantity, observation.case)

    def _fits(
        self, faults: tuple[Fault, ...], certain: tuple[Fault, ...], observation: Evidence, prediction: Mapping[str, Any]
    ) -> bool:
        """Whether the answer is what is said, with room for rounding."""
        assert isinstance(observation.response, Returned)
        outputs = observation.response.outputs
        widened = {name: self._widened(faults, certain, observation, name, value) for name, value in prediction.items()}
        if compare(widened, outputs, self.target.device).agrees:
            return True
        if not (
            kind_of(self.spec).called and certain and all(near(value, outputs.get(name)) for name, value in prediction.items())
        ):
            return False
        # What is nearly right may be as far off as a rounding of the inputs takes it: a mistake can be worse conditioned than the formula.
        moved = self._moved(certain, observation)
        with_conditioning = {
            name: replace(right, allowed=right.allowed + EXPLANATION_ROOM * np.nan_to_num(np.abs(moved[name] - right.value)))
            if isinstance(right, Expected) and np.shape(moved[name]) == right.value.shape
            else right
            for name, right in widened.items()
        }
        return compare(with_conditioning, outputs, self.target.device).agrees

    def _saturated(self, certain: tuple[Fault, ...], observation: Evidence, prediction: Mapping[str, Any]) -> Mapping[str, Any]:
        """The prediction; in single precision, which saturates earlier, as infinite or undefined as that where the answer is so too."""
        if not (certain and kind_of(self.spec).called and self.target.dtype == "float32"):
            return prediction
        assert isinstance(observation.response, Returned)
        answers = {n: output.array if isinstance(output, Output) else None for n, output in observation.response.outputs.items()}
        if not any(
            answer is not None and answer.dtype.kind == "f" and not np.isfinite(answer).all() for answer in answers.values()
        ):
            return prediction
        single = self._single(certain, observation)
        return {n: np.where(same_limit(single[n], answers.get(n)), single[n], value) for n, value in prediction.items()}

    def _single(self, certain: tuple[Fault, ...], observation: Evidence) -> Mapping[str, Any]:
        """What faults say in single precision; the last one is kept."""
        key = (tuple(fault.id for fault in certain), id(observation))
        if self._last.get("key") != key:
            self.effort.spend()
            self._last.update(key=key, answer=_in_single_precision(certain, self.spec, self.quantity, observation.case))
        return self._last["answer"]

    def _moved(self, certain: tuple[Fault, ...], observation: Evidence) -> Mapping[str, Any]:
        """What faults say of inputs that are one rounding nearer to zero."""
        self.effort.spend()
        dtype = np.float32 if self.target.dtype != "float64" else np.float64
        inputs = {
            n: np.nextafter(x.astype(dtype), dtype(0.0)).astype(np.float64)
            if isinstance(x, np.ndarray) and x.dtype.kind == "f"
            else x
            for n, x in observation.case.inputs.items()
        }
        return predicted(certain, self.spec, self.quantity, replace(observation.case, inputs=inputs))

    def _widened(self, faults: tuple[Fault, ...], certain: tuple[Fault, ...], observation: Evidence, name: str, value: Any) -> Any:
        """The prediction with room for rounding."""
        right = observation.expected.get(name)
        if not isinstance(right, Expected):
            return value
        value = np.asarray(value)
        dtype = _named(value, right)
        if right.value.dtype.kind != "f":
            return Expected(value, np.asarray(ALLOWED_BETWEEN_WHOLE_NUMBERS), dtype)
        allowed = right.widest
        for fault in faults:
            if fault.noise is not None:
                length = max(np.size(x) for x in observation.case.inputs.values())
                scale = fault.noise(**observation.case.inputs)
                allowed = np.maximum(allowed, allowed_error(scale, self.target.dtype, self.spec.roundings, length))
        same_shape = right.value.shape == value.shape
        room = explained_error(allowed if same_shape else np.max(allowed), value, right.dtype)
        overflowing = right.overflowing if same_shape else None
        if kind_of(self.spec).called and self.target.dtype == "float32":
            self.effort.spend()
            single = self._single(certain, observation)[name]
            distance = np.abs(np.asarray(single, dtype=np.float64) - value)
            room = room + np.where(np.isnan(distance), np.inf, EXPLANATION_ROOM * distance)
            room = np.where(np.isfinite(value), room, 1.0)
        return Expected(value, room, dtype, right.comparable if same_shape else None, overflowing)


def _both(pair: tuple[Fault, ...], form: Fault | None) -> tuple[Fault, ...]:
    """The two at once; what a literal form exchanges in both is exchanged once."""
    if form is None:
        return pair
    first, second = pair
    return first, replace(second, changes=tuple(change for change in second.changes if change not in form.changes))


def _named(value: Any, right: Expected) -> str:
    """The dtype of a prediction: what the reference says in float64 a target says in its own, unless a mistake is about just that."""
    dtype = np.asarray(value).dtype
    return right.dtype if dtype == right.value.dtype else dtype.name


def _single(value: Any, right: Expected) -> Array:
    """Rounded to the dtype of the answer where NumPy has it; float32 stands for narrower ones."""
    value = np.asarray(value)
    return value if right.dtype == "float64" or value.dtype.kind != "f" else value.astype(np.float32)


def _equal(first: Array, other: Array) -> bool:
    return np.array_equal(first, other, equal_nan=first.dtype.kind == other.dtype.kind == "f")


def _given(prediction: Mapping[str, Any], observation: Evidence) -> dict[str, Any]:
    """What is predicted, as a target would give it."""
    return {
        name: Output(np.asarray(value), _named(value, right), "host")
        if isinstance(right := observation.expected.get(name), Expected)
        else value
        for name, value in prediction.items()
    }


def _in_single_precision(faults: tuple[Fault, ...], spec: Spec, quantity: Quantity, case: Case) -> Mapping[str, Any]:
    """What these faults say in single precision."""
    single = {n: x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for n, x in case.inputs.items()}
    return predicted((*faults, IN_SINGLE_PRECISION), spec, quantity, replace(case, inputs=single))


def predicted(faults: tuple[Fault, ...], spec: Spec, quantity: Quantity, case: Case) -> Mapping[str, Any]:
    """What the reference with these faults says of a case."""
    module, inputs = implementation(faults, spec.name), own(case.inputs)
    offered = getattr(module, spec.name)
    if kind_of(spec).trained:
        return model_result(offered, ModelInputs.of(inputs), quantity)
    if not kind_of(spec).called:
        return tokenizer_results(offered, inputs)
    if quantity == "gradient":
        gradients = getattr(module, f"{spec.name}_vjp")(case.cotangent, **inputs)
        return {name: gradients[name] for name in spec.differentiated if name in gradients}
    return {"value": np.asarray(offered(**inputs))}
