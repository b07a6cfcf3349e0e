"""The loop: cases over targets.

Cases and expectations are made once for a specification and dtype and serve every target of that dtype. Verdicts come out one by one,
so that an interrupted run keeps what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from conformance.cases.case import Case, cases
from conformance.cases.shrink import shrink
from conformance.judging import plain_model_allowances
from conformance.judging.compare import Comparison, compare, compare_response
from conformance.judging.expectation import Expectation, expect
from conformance.judging.plan import Plan, always_asked
from conformance.judging.verdicts import Diagnosis, Evidence, Outcome, Verdict, remarks_of
from conformance.respondent import frameworks
from conformance.respondent.frameworks import Framework
from conformance.respondent.responses import Crashed, OverLimit, ProtocolError, Response, Returned, TimedOut, Unsupported
from conformance.respondent.symptoms import Symptom
from conformance.targets.subject import LocalSubject, Subject, exercise
from conformance.targets.target import Target, obstacle
from reference.specification import Quantity, Spec, StandIn, catalogue

# The first drawn cases are asked again after all others: an answer must depend neither on the order nor on the number of calls.
ASKED_AGAIN = 3

# After these the target answers nothing more, or would take as long again.
_ENDED = (TimedOut, Crashed, OverLimit)

Prepared = tuple[Case, Mapping[Quantity, Expectation]]
# Who explains a failure stands above this room and is handed in.
Diagnose = Callable[[Spec, Target, Quantity, Sequence[Evidence]], Diagnosis | None]
# Which failing cases are made smaller: those of every quantity, of the first that fails, or none.
Shrinking = Literal["all", "first", "none"]


@dataclass
class _Record:
    """What is known of one quantity while its cases are run."""

    cases: int = 0
    failures: int = 0
    comparison: Comparison = field(default_factory=lambda: Comparison(0.0))
    failure: Case | None = None
    response: Response | None = None
    remarks: dict[str, None] = field(default_factory=dict[str, None])
    evidence: list[Evidence] = field(default_factory=list)


def verify(
    plan: Plan, on_case: Callable[[Spec, Target], None] = lambda spec, target: None, diagnose: Diagnose | None = None
) -> Iterator[Verdict]:
    """One verdict a specification, target and quantity. `on_case` is told of every case, for a progress bar.

    Raises:
        UnusableTarget: a target does not import. It is raised before the first verdict.
    """
    subjects: dict[Target, Subject] = {}
    obstacles: dict[Target, str] = {}
    for target in plan.targets:
        reason = obstacle(target)
        if reason is not None:
            obstacles[target] = reason
        else:
            subjects[target] = LocalSubject.of(target)
    # One thread: matrices are small, and the order of sums must not depend on the number of cores.
    with threadpool_limits(1):
        for spec in plan.specs:
            for dtype in dict.fromkeys(target.dtype for target in plan.targets):
                prepared: list[Prepared] = []
                source = cases(spec, dtype, plan.seed, plan.examples, plan.images)
                for target in (t for t in plan.targets if t.dtype == dtype):
                    if target in obstacles:
                        yield from (Verdict(spec.name, target, q, "not run", reason=obstacles[target]) for q in spec.quantities)
                    else:
                        yield from _judge_on(plan, subjects[target], spec, source, prepared, on_case, diagnose)


def judge(
    subject: Subject,
    spec: Spec,
    prepared: Sequence[Prepared],
    seconds: float,
    on_case: Callable[[Spec, Target], None] = lambda spec, target: None,
    diagnose: Diagnose | None = None,
    shrinking: Shrinking = "all",
    seen: dict[Quantity, list[Evidence]] | None = None,
) -> Iterator[Verdict]:
    """Run the cases on one target; a failing case is shrunk, and the first failing quantity explained: the others follow from it.

    Stored cases are small, and their answers need not be those that the reference would give to smaller ones: `shrinking="none"`.
    "first" shrinks the case of the first failing quantity alone, which takes less time.
    What earlier cases have `seen` of the same subject is part of what is explained; what these show is added to it.
    """
    started, target = time.perf_counter(), subject.target
    allowance = allowance_of(subject, spec)
    prepared = plain_model_allowances.askable(allowance, prepared)
    records: dict[Quantity, _Record] = {quantity: _Record() for quantity in spec.quantities}
    drawn = [p for p in prepared if p[0].drawn]
    for case, expected in (*prepared, *drawn[:ASKED_AGAIN]):
        # A compiled function is compiled inside its first calls.
        limit = seconds * 10 if target.mode == "compiled" else seconds
        responses = exercise(subject, spec, case, limit)
        for quantity, record in records.items():
            _note(record, case, quantity, expected[quantity], responses[quantity], target, allowance)
        on_case(spec, target)
        silent = all(isinstance(response, Unsupported) for response in responses.values())
        if silent or any(isinstance(response, _ENDED) for response in responses.values()):
            break  # it will not do better, and every further case would cost as much
    for quantity, record in records.items():
        if shrinking != "none" and record.failure is not None and not isinstance(record.response, (*_ENDED, Unsupported)):
            _shrink_failure(subject, spec, quantity, record, seconds)
            if shrinking == "first":
                break
    elapsed = (time.perf_counter() - started) / len(records)
    seen = {} if seen is None else seen
    for quantity, record in records.items():
        seen.setdefault(quantity, []).extend(record.evidence)
    for quantity, record in records.items():
        diagnosis = None
        if diagnose is not None and record.failure is not None:
            diagnosis = diagnose(spec, target, quantity, seen[quantity])
            diagnose = None
        yield _verdict(spec, target, quantity, record, elapsed, diagnosis)


def check(subject: Subject, spec: Spec, case: Case, seconds: float) -> dict[Quantity, tuple[Response, Comparison | None]]:
    """One case on one target: the response of every quantity and, if it answered, how it compares."""
    expected, responses = expect(spec, case), exercise(subject, spec, case, seconds)
    return {
        q: (
            r,
            compare(held_to(subject, spec, q, expected[q], r), r.outputs, subject.target.device)
            if isinstance(r, Returned)
            else None,
        )
        for q, r in responses.items()
    }


def held_to(subject: Subject, spec: Spec, quantity: Quantity, expected: Expectation, response: Response) -> Expectation:
    """What of the expectation the response has to give."""
    if not isinstance(response, Returned):
        return expected
    return plain_model_allowances.asked_of(allowance_of(subject, spec), quantity, expected, response.outputs)


def allowance_of(subject: Subject, spec: Spec) -> StandIn | None:
    """What the subject may leave out because it offers a function that returns a model, not the class; None for nothing."""
    return spec.stand_in if isinstance(spec.stand_in, StandIn) and subject.builds(spec.name) else None


def _judge_on(
    plan: Plan,
    subject: Subject,
    spec: Spec,
    source: Iterator[Case],
    prepared: list[Prepared],
    on_case: Callable[[Spec, Target], None],
    diagnose: Diagnose | None,
) -> Iterator[Verdict]:
    """Judge, making only as many cases as this target is asked."""
    target = subject.target
    lacking = _lacking(target, frameworks.load(target.framework))
    if lacking is not None:
        yield from (Verdict(spec.name, target, q, "unsupported", reason=lacking) for q in spec.quantities)
        return
    if not subject.has(spec.name):
        # Nothing is drawn for what is not there: expectations of models cost more than all the rest.
        yield from (Verdict(spec.name, target, q, "unsupported", reason=f"{target.name} has none") for q in spec.quantities)
        return
    while len(prepared) < plan.needed(spec, target) and (case := next(source, None)) is not None:
        prepared.append((case, expect(spec, case)))
    yield from judge(subject, spec, plan.asked(spec, target, prepared), plan.seconds, on_case, diagnose)


def case_count(plan: Plan) -> int:
    """How many cases `verify` will run at most, for a progress bar."""
    count = 0
    for target in plan.targets:
        if obstacle(target) is None and _lacking(target, frameworks.load(target.framework)) is None:
            for spec in plan.specs:
                drawn = plan.examples_for(spec, target)
                count += drawn + always_asked(spec) + min(ASKED_AGAIN, drawn)
    return count


def _lacking(target: Target, framework: Framework) -> str | None:
    """What the framework does not have; None if it has all that the target needs."""
    if target.dtype not in framework.facts.dtypes:
        return f"{target.framework} has no {target.dtype}"
    return None if target.mode in framework.facts.modes else f"{target.framework} has no {target.mode} mode"


def _note(
    record: _Record,
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
    comparison = compare_response(asked, response, target.device, record.comparison.budget_used)
    record.evidence.append(Evidence(case, asked, response, comparison, frozenset(expected.keys() - asked.keys())))
    if comparison.agrees:
        record.remarks |= dict.fromkeys(comparison.remarks)
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


def _shrink_failure(subject: Subject, spec: Spec, quantity: Quantity, record: _Record, seconds: float) -> None:
    """Replace the first failure by the simplest case that fails in the same way."""
    kind = type(record.response)

    def failing(case: Case) -> tuple[Response, Comparison] | None:
        try:
            response, comparison = check(subject, spec, case, seconds)[quantity]
        except (ValueError, TypeError):  # the reference refuses the case: it left the domain
            return None
        if type(response) is not kind or (comparison is not None and comparison.agrees):
            return None
        return response, comparison or compare_response({}, response, subject.target.device)

    assert record.failure is not None
    smallest = shrink(spec, record.failure, lambda case: failing(case) is not None)
    failure = failing(smallest)
    if failure is None:
        # Asked again, it agrees: the answer depends on what was asked before, or on chance.
        finding = "answers differently when it is asked again"
        record.comparison = Comparison(float("inf"), record.comparison.worst, finding, Symptom.ANSWERS_DIFFERENTLY)
    else:
        record.failure, (record.response, record.comparison) = smallest, failure


def _verdict(
    spec: Spec, target: Target, quantity: Quantity, record: _Record, seconds: float, diagnosis: Diagnosis | None
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
        budget_used=None if outcome == "unsupported" else used,
        worst=record.comparison.worst,
        reason=_reason(record),
        counterexample=record.failure if outcome in ("failed", "errored") else None,
        response=record.response,
        symptom=record.comparison.symptom,
        seconds=seconds,
        diagnosis=diagnosis,
        strict=bool(catalogue()[spec.name].accepted) and not spec.accepted,
        remarks=remarks_of(spec, record.remarks) if outcome == "passed" else (),
    )


def _reason(record: _Record) -> str | None:
    if record.response is None:
        return None
    if record.comparison.problem is not None:
        return record.comparison.problem
    worst = record.comparison.worst
    assert worst is not None
    where = "" if worst.index == () else f" at index {worst.index}"
    return f"{worst.name}{where}: expected {worst.expected!r}, got {worst.actual!r}, {record.comparison.budget_used:.3g} × the error budget"
