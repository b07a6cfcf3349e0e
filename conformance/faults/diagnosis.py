"""Which known mistake was made: the one, or the two, that predict every answer that was given.

A fault is evaluated on the smallest failing case first; most are ruled out there. What remains must explain all other cases, failed
and passed. If no single one does, pairs are tried, likely ones first. If nothing does, `ratios` describes what the failures have in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conformance.cases import Case
from conformance.compare import compare
from conformance.expectation import Expected, model_result
from conformance.faults import model_diagnosis, ratios
from conformance.faults.catalogue import entries_for
from conformance.faults.effort import Effort
from conformance.faults.fault import Fault
from conformance.faults.pairs import ranked
from conformance.faults.rewriting import IN_SINGLE_PRECISION, implementation
from conformance.interview import own, tokenizer_results
from conformance.responses import Output, Raised, Returned
from conformance.targets import Target
from conformance.tolerance import ALLOWED_BETWEEN_WHOLE_NUMBERS, EXPLANATION_ROOM, allowed_error, explained_error
from conformance.verdicts import Diagnosis, Evidence, Match
from reference.specification import Array, Quantity, Spec

# Pairs are many; no further one is tried after so many predictions.
EFFORT_FOR_PAIRS = 2200
# Two explanations of equal worth are ranked near each other.
PAIRS_AFTER_THE_FIRST = 20

# What is said of a target that answers a case in two ways.
DIFFERENTLY = "answers differently when it is asked again"


def diagnose(spec: Spec, target: Target, quantity: Quantity, evidence: Sequence[Evidence]) -> Diagnosis | None:
    """What explains the answers; None if none of them is wrong."""
    failed = [one for one in evidence if not one.agrees]
    if not failed:
        return None
    answered = sorted((one for one in evidence if isinstance(one.response, Returned)), key=_urgency)
    if _contradicts_itself(answered):
        return _of_symptoms(spec, quantity, evidence, [DIFFERENTLY]) or ratios.describe(spec, quantity, evidence)
    if all(one.agrees for one in answered):
        said = [getattr(one.response, "sentence", "") for one in failed]
        return _of_symptoms(spec, quantity, evidence, said) or ratios.describe(spec, quantity, evidence)
    search = _Search(spec, target, quantity, answered, Effort())
    with np.errstate(all="ignore"):
        faults = entries_for(spec.name)
        found: Sequence[tuple[Fault, ...]]
        untried = uncompared = 0
        if spec.kind == "model":
            explanations = model_diagnosis.explanations(faults, spec, quantity, answered, target.device, search.effort)
            found, untried, uncompared = explanations.found, explanations.untried, explanations.uncompared
        else:
            # Answers that stay the same do not come from chance, whose own two draws are as far apart as any wrong number.
            exact = [f for f in faults if f.noise is None and not (f.symptom and re.search(f.symptom, DIFFERENTLY))]
            found = [(f,) for f in exact if search.explains((f,))]
            # What only bounds an error comes after what predicts it.
            found = found or [(f,) for f in faults if f.noise is not None and search.explains((f,))]
            found = found or search.pairs(exact)
    if not found:
        return _with_remark(ratios.describe(spec, quantity, evidence), untried)
    silent = len(failed) - sum(not one.agrees for one in answered)
    diagnosis = _explained(_without_twins(found), answered, silent, failed, uncompared)
    return _with_remark(model_diagnosis.placed(diagnosis, answered), untried) if spec.kind == "model" else diagnosis


def _with_remark(diagnosis: Diagnosis, untried: int) -> Diagnosis:
    """The diagnosis, and how much of the catalogue was not tried."""
    remark = f"; {untried} known mistakes were not tried: that would take too long" if untried else ""
    return replace(diagnosis, sentence=diagnosis.sentence + remark)


def _contradicts_itself(answered: Sequence[Evidence]) -> bool:
    """Whether a case that was asked twice was answered in two ways."""
    first: dict[str, Evidence] = {}
    return any(not _same(first.setdefault(one.case.id, one).response, one.response) for one in answered)


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    return all(
        np.array_equal(value.array, other.outputs[name].array, equal_nan=value.array.dtype.kind == "f")
        if isinstance(value, Output) and isinstance(other.outputs.get(name), Output)
        else value == other.outputs.get(name)
        for name, value in one.outputs.items()
    )


def _urgency(one: Evidence) -> tuple[bool, bool, int]:
    """Failures first, real data last, small before large."""
    return one.agrees, "real" in one.case.flags, _size(one.case.inputs)


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else np.size(value)


@dataclass(frozen=True)
class _Search:
    """Mistakes against answers. What a mistake predicts is computed once a case."""

    spec: Spec
    target: Target
    quantity: Quantity
    answered: Sequence[Evidence]
    effort: Effort
    _alone: dict[tuple[str, int], Mapping[str, Any] | None] = field(default_factory=dict)

    def explains(self, faults: tuple[Fault, ...]) -> bool:
        """Whether these faults at once predict every answer."""
        if not all(fault.changes or fault.wrap or fault.noise for fault in faults):
            return False
        try:
            return all(self._predicts(faults, one) for one in self.answered)
        except Exception:  # a changed reference may raise anything on inputs that it was not written for
            return False

    def pairs(self, faults: Sequence[Fault]) -> list[tuple[Fault, ...]]:
        """Two at once, likely ones first, while the effort allows."""
        found, since = [], 0
        failed = [one for one in self.answered if not one.agrees]
        few = failed[:: max(1, len(failed) // 12)]
        # What shows itself by its own symptom, such as an answer that changes, is not behind wrong numbers too.
        able = [fault for fault in faults if fault.symptom is None and any(self._matters(fault, one) for one in few)]
        for pair in ranked(able, self.answered, self.alone) if len(able) > 1 else ():
            if self.effort.over(EFFORT_FOR_PAIRS) or since > PAIRS_AFTER_THE_FIRST:
                break
            if self.explains(pair) or self.explains(pair[::-1]):
                found.append(pair)
            since += bool(found)
        return found

    def alone(self, fault: Fault, one: Evidence) -> Mapping[str, Any] | None:
        """What a fault alone says of a case; None if it raises."""
        key = fault.id, id(one)
        if key not in self._alone:
            self.effort.spend()
            try:
                self._alone[key] = predicted((fault,), self.spec, self.quantity, one.case)
            except Exception:  # as above
                self._alone[key] = None
        return self._alone[key]

    def _matters(self, fault: Fault, one: Evidence) -> bool:
        """Whether a fault changes what is said of a case."""
        said = self.alone(fault, one)
        if said is None or said.keys() != one.expected.keys():
            return bool(said)
        return any(
            not (np.shape(said[n]) == right.value.shape and np.array_equal(said[n], right.value))
            or np.asarray(said[n]).dtype != right.value.dtype
            if isinstance(right, Expected)
            else said[n] != right
            for n, right in one.expected.items()
        )

    def _predicts(self, faults: tuple[Fault, ...], one: Evidence) -> bool:
        assert isinstance(one.response, Returned)
        certain = tuple(fault for fault in faults if fault.noise is None)
        if len(certain) == 1:
            alone = self.alone(certain[0], one)
        else:
            self.effort.spend()
            alone = predicted(certain, self.spec, self.quantity, one.case)
        if alone is None:
            return False
        widened = {name: self._widened(faults, certain, one, name, value) for name, value in alone.items()}
        return compare(widened, one.response.outputs, self.target.device).agrees

    def _widened(self, faults: tuple[Fault, ...], certain: tuple[Fault, ...], one: Evidence, name: str, value: Any) -> Any:
        """The prediction with room for rounding."""
        right = one.expected.get(name)
        if not isinstance(right, Expected):
            return value
        value = np.asarray(value)
        # What the reference says in float64 a target says in its own dtype, unless a mistake is about just that.
        dtype = right.dtype if value.dtype == right.value.dtype else value.dtype.name
        if right.value.dtype.kind != "f":
            return Expected(value, np.asarray(ALLOWED_BETWEEN_WHOLE_NUMBERS), dtype)
        allowed = right.allowed
        for fault in faults:
            if fault.noise is not None:
                length = max(np.size(x) for x in one.case.inputs.values())
                scale = fault.noise(**one.case.inputs)
                allowed = np.maximum(allowed, allowed_error(scale, self.target.dtype, self.spec.roundings, length))
        same_shape = right.value.shape == value.shape
        room = explained_error(allowed if same_shape else np.max(allowed), value, right.dtype)
        if self.spec.kind == "function" and self.target.dtype == "float32":
            self.effort.spend()
            room = room + _rounding_of(certain, self.spec, self.quantity, one.case, name, value)
        return Expected(value, room, dtype, right.comparable if same_shape else None, right.overflowing if same_shape else None)


def _rounding_of(faults: tuple[Fault, ...], spec: Spec, quantity: Quantity, case: Case, name: str, value: Array) -> Array:
    """How much single precision changes what these faults say; infinite where it overflows."""
    single = {n: x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for n, x in case.inputs.items()}
    rounded = predicted((*faults, IN_SINGLE_PRECISION), spec, quantity, replace(case, inputs=single))[name]
    distance = np.abs(np.asarray(rounded, dtype=np.float64) - value)
    return np.where(np.isnan(distance), np.inf, EXPLANATION_ROOM * distance)


def predicted(faults: tuple[Fault, ...], spec: Spec, quantity: Quantity, case: Case) -> Mapping[str, Any]:
    """What the reference with these faults says of a case."""
    module, inputs = implementation(faults, spec.name), own(case.inputs)
    offered = getattr(module, spec.name)
    if spec.kind == "tokenizer":
        return tokenizer_results(offered, inputs)
    if spec.kind == "model":
        return model_result(offered, inputs, quantity)
    if quantity == "gradient":
        return getattr(module, f"{spec.name}_vjp")(case.cotangent, **inputs)
    return {"value": np.asarray(offered(**inputs))}


def _of_symptoms(spec: Spec, quantity: Quantity, evidence: Sequence[Evidence], said: Sequence[str]) -> Diagnosis | None:
    """For answers that are no numbers, what the harness said of them."""
    failed = [one for one in evidence if not one.agrees]
    found = [
        (fault,)
        for fault in entries_for(spec.name)
        if fault.symptom and all(re.search(fault.symptom, sentence) for sentence in said)
        if not any(isinstance(one.response, Raised) for one in failed) or _raises_there(fault, spec, quantity, evidence)
    ]
    return _explained(found, failed, 0, failed) if found else None


def _raises_there(fault: Fault, spec: Spec, quantity: Quantity, evidence: Sequence[Evidence]) -> bool:
    """Whether a fault raises on the cases on which the target raised, and on no other."""
    for one in evidence:
        try:
            predicted((fault,), spec, "value" if spec.kind == "function" else quantity, one.case)
        except Exception:  # raising is what is asked for
            raised = True
        else:
            raised = False
        if raised != isinstance(one.response, Raised):
            return False
    return True


def _without_twins(found: Sequence[tuple[Fault, ...]]) -> list[tuple[Fault, ...]]:
    """Of faults that no input can tell apart only the first is named."""
    ids = {fault.id for faults in found for fault in faults}
    return [faults for faults in found if not any(fault.same_as in ids for fault in faults)]


def _explained(
    found: Sequence[tuple[Fault, ...]], answered: Sequence[Evidence], silent: int, failed: Sequence[Evidence], uncompared: int = 0
) -> Diagnosis:
    compared = len(answered) - uncompared
    matches = tuple(
        Match(
            tuple(fault.id for fault in faults),
            tuple(fault.sentence for fault in faults),
            tuple(fault.hint for fault in faults),
            all(fault.kind == "variant" for fault in faults),
        )
        for faults in found
    )
    names = " or ".join(" with ".join(match.ids) for match in matches)
    kind = "variant" if all(match.variant for match in matches) else "mistake"
    sentence = f"matches the known {kind} {names}: {compared} of {compared} answers"
    if uncompared:
        sentence += f", and {uncompared} more were not compared: that would take too long"
    if len(matches) > 1:
        sentence += "; these cases do not tell them apart"
    if silent:
        sentence += f"; {silent} of {len(failed)} failures gave no answer, which this does not explain"
    return Diagnosis(sentence, matches, compared, len(answered))


def suspects(diagnosis: Diagnosis | None) -> Iterator[str]:
    """Every id that is named."""
    for match in diagnosis.matches if diagnosis is not None else ():
        yield from match.ids
