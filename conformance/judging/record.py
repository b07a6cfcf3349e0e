"""What is known of one quantity while its cases are run, and the verdict that comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.cases.case import Case
from conformance.judging import plain_model_allowances
from conformance.judging.compare import Comparison, compare_response
from conformance.judging.expectation import Expectation
from conformance.judging.verdicts import Diagnosis, Evidence, Outcome, Verdict, remarks_of
from conformance.respondent.frameworks import has_numbers
from conformance.respondent.responses import ProtocolError, Response, Returned, Unsupported
from conformance.targets.target import Target
from reference.specification import Quantity, Spec, StandIn, catalogue


@dataclass
class Record:
    """What is known of one quantity while its cases are run."""

    cases: int = 0
    failures: int = 0
    comparison: Comparison = field(default_factory=lambda: Comparison(0.0))
    failure: Case | None = None
    response: Response | None = None
    not_offered: Counter[str] = field(default_factory=Counter[str])
    remarks: dict[str, None] = field(default_factory=dict[str, None])
    without_values: bool = False
    evidence: list[Evidence] = field(default_factory=list)


def note(
    record: Record,
    case: Case,
    quantity: Quantity,
    expected: Expectation,
    response: Response,
    target: Target,
    allowance: StandIn | None,
) -> None:
    record.cases += 1
    asked = expected
    if isinstance(response, Returned):
        asked = plain_model_allowances.asked_of(allowance, quantity, expected, response.outputs)
        if allowance is None and has_numbers(target.device):
            record.not_offered.update(plain_model_allowances.methods_left_out(expected, asked))
    comparison = compare_response(asked, response, target.device, record.comparison.budget_used)
    record.evidence.append(Evidence(case, asked, response, comparison, frozenset(expected.keys() - asked.keys())))
    if comparison.agrees:
        record.remarks |= dict.fromkeys(comparison.remarks)
        record.without_values = record.without_values or comparison.without_values
        if comparison.budget_used > record.comparison.budget_used and record.failure is None:
            record.comparison = comparison
        return
    record.failures += 1
    # The smallest failing case is the best one to start shrinking from.
    if record.failure is None or _size(case.inputs) < _size(record.failure.inputs):
        record.failure, record.response, record.comparison = case, response, comparison


def _size(value: Any) -> int:
    """How many numbers or characters the inputs hold."""
    if isinstance(value, Mapping):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else np.size(value)


def verdict_of(
    spec: Spec, target: Target, quantity: Quantity, record: Record, seconds: float, diagnosis: Diagnosis | None
) -> Verdict:
    outcome: Outcome = "passed"
    match record.response:
        case None:
            outcome = "passed"
        case Unsupported():
            outcome = "unsupported"
        case Returned() | ProtocolError():
            outcome = "failed"
        case _:
            outcome = "errored"
    used = record.comparison.budget_used
    return Verdict(
        spec.name,
        target,
        quantity,
        outcome,
        cases=record.cases,
        failures=record.failures,
        budget_used=None if outcome == "unsupported" or (outcome == "passed" and record.without_values) else used,
        worst=record.comparison.worst,
        reason=_reason(record),
        counterexample=record.failure if outcome in ("failed", "errored") else None,
        response=record.response,
        symptom=record.comparison.symptom,
        seconds=seconds,
        diagnosis=diagnosis,
        strict=bool(catalogue()[spec.name].accepted) and not spec.accepted,
        file=spec.file,
        not_offered=dict(record.not_offered) if outcome == "passed" else {},
        remarks=remarks_of(spec, record.remarks) if outcome == "passed" else (),
        without_values=outcome == "passed" and record.without_values,
    )


def _reason(record: Record) -> str | None:
    if record.response is None:
        return None
    if record.comparison.problem is not None:
        return record.comparison.problem
    worst = record.comparison.worst
    assert worst is not None
    where = "" if worst.index == () else f" at index {worst.index}"
    return f"{worst.name}{where}: expected {worst.expected!r}, got {worst.actual!r}, {record.comparison.budget_used:.3g} × the error budget"
