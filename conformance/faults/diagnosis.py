"""Which known mistake was made: the one, or the two, that predict every answer that was given.

A fault is evaluated on the smallest failing case first; most are ruled out there. What remains must explain all other cases, failed
and passed. If nothing does, `ratios` describes what the failures have in common.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from conformance.cases import Case
from conformance.compare import compare
from conformance.expectation import Expected, model_result
from conformance.faults import model_diagnosis, ratios
from conformance.faults.catalogue import entries_for
from conformance.faults.fault import Fault
from conformance.faults.rewriting import IN_SINGLE_PRECISION, implementation
from conformance.interview import own, tokenizer_results
from conformance.responses import Returned
from conformance.targets import Target
from conformance.tolerance import EXPLANATION_ROOM, allowed_error, explained_error
from conformance.verdicts import Diagnosis, Evidence, Match
from reference.specification import Array, Quantity, Spec

# Pairs are many; the search for them ends after this time and says so.
SECONDS_FOR_PAIRS = 0.4


def diagnose(spec: Spec, target: Target, quantity: Quantity, evidence: Sequence[Evidence]) -> Diagnosis | None:
    """What explains the answers; None if none of them is wrong."""
    failed = [one for one in evidence if not one.agrees]
    if not failed:
        return None
    answered = sorted((one for one in evidence if isinstance(one.response, Returned)), key=_urgency)
    if all(one.agrees for one in answered):
        return _of_symptoms(spec, failed) or ratios.describe(spec, quantity, evidence)
    with np.errstate(all="ignore"):
        faults = entries_for(spec.name)
        if spec.kind == "model":
            found = model_diagnosis.explanations(faults, spec, quantity, answered, target.device)
        else:
            found = [(f,) for f in faults if _explains((f,), spec, quantity, answered, target)]
            found = found or _pairs(faults, spec, quantity, answered, target)
    if not found:
        return ratios.describe(spec, quantity, evidence)
    diagnosis = _explained(_without_twins(found), answered, len(failed) - sum(not one.agrees for one in answered), failed)
    return model_diagnosis.placed(diagnosis, answered) if spec.kind == "model" else diagnosis


def _urgency(one: Evidence) -> tuple[bool, bool, int]:
    """Failures first, real data last, small before large."""
    return one.agrees, "real" in one.case.flags, _size(one.case.inputs)


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else np.size(value)


def _pairs(
    faults: Sequence[Fault], spec: Spec, quantity: Quantity, evidence: Sequence[Evidence], target: Target
) -> list[tuple[Fault, ...]]:
    until, found = time.perf_counter() + SECONDS_FOR_PAIRS, []
    for pair in combinations(faults, 2):
        if time.perf_counter() > until:
            break
        if _explains(pair, spec, quantity, evidence, target):
            found.append(pair)
    return found


def _explains(faults: tuple[Fault, ...], spec: Spec, quantity: Quantity, evidence: Sequence[Evidence], target: Target) -> bool:
    """Whether these faults at once predict every answer."""
    if any(not (fault.changes or fault.wrap or fault.noise) for fault in faults):
        return False
    certain = tuple(fault for fault in faults if fault.noise is None)
    try:
        return all(_predicts(certain, faults, spec, quantity, one, target) for one in evidence)
    except Exception:  # a changed reference may raise anything on inputs that it was not written for
        return False


def _predicts(
    certain: tuple[Fault, ...], faults: tuple[Fault, ...], spec: Spec, quantity: Quantity, one: Evidence, target: Target
) -> bool:
    assert isinstance(one.response, Returned)
    answer = predicted(certain, spec, quantity, one.case)
    widened: dict[str, Any] = {}
    for name, value in answer.items():
        right = one.expected.get(name)
        if not isinstance(right, Expected):
            widened[name] = value
            continue
        value = np.asarray(value)
        allowed = right.allowed
        for fault in faults:
            if fault.noise is not None:
                length = max(np.size(x) for x in one.case.inputs.values())
                allowed = np.maximum(allowed, allowed_error(fault.noise(**one.case.inputs), target.dtype, spec.roundings, length))
        room = explained_error(allowed, value, right.dtype)
        if spec.kind == "function" and target.dtype == "float32":
            room = room + _rounding_of(certain, spec, quantity, one.case, name, value)
        mask = right.comparable if right.comparable is not None and right.comparable.shape == value.shape else None
        beyond = right.overflowing if right.overflowing is not None and right.overflowing.shape == value.shape else None
        widened[name] = Expected(value, room, right.dtype, mask, beyond)
    return compare(widened, one.response.outputs, target.device).agrees


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


def _of_symptoms(spec: Spec, failed: Sequence[Evidence]) -> Diagnosis | None:
    """For answers that are no numbers, what the harness said of them."""
    said = [getattr(one.response, "sentence", "") for one in failed]
    found = [
        (fault,)
        for fault in entries_for(spec.name)
        if fault.symptom and all(re.search(fault.symptom, sentence) for sentence in said)
    ]
    return _explained(found, failed, 0, failed) if found else None


def _without_twins(found: Sequence[tuple[Fault, ...]]) -> list[tuple[Fault, ...]]:
    """Of faults that no input can tell apart only the first is named."""
    ids = {fault.id for faults in found for fault in faults}
    return [faults for faults in found if not any(fault.same_as in ids for fault in faults)]


def _explained(
    found: Sequence[tuple[Fault, ...]], answered: Sequence[Evidence], silent: int, failed: Sequence[Evidence]
) -> Diagnosis:
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
    sentence = f"matches the known {kind} {names}: {len(answered)} of {len(answered)} answers"
    if len(matches) > 1:
        sentence += "; these cases do not tell them apart"
    if silent:
        sentence += f"; {silent} of {len(failed)} failures gave no answer, which this does not explain"
    return Diagnosis(sentence, matches, len(answered), len(answered))


def suspects(diagnosis: Diagnosis | None) -> Iterator[str]:
    """Every id that is named."""
    for match in diagnosis.matches if diagnosis is not None else ():
        yield from match.ids
