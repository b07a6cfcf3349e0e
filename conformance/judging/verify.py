"""The loop: cases over targets.

Cases and expectations are made once for a specification and dtype and serve every target of that dtype. Verdicts come out one by one,
so that an interrupted run keeps what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from threadpoolctl import threadpool_limits

from conformance.cases.case import Case, cases, shortened
from conformance.cases.shrink import shrink
from conformance.judging import plain_model_allowances, signature
from conformance.judging.accepted_variants import accepted_matches, excused
from conformance.judging.compare import Comparison, compare, compare_response
from conformance.judging.conduct.conduct import first_problem
from conformance.judging.expectation import Expectation, expect, expect_structure
from conformance.judging.kept_expectations import KeptExpectations
from conformance.judging.options import options_not_offered
from conformance.judging.plan import Plan, always_asked
from conformance.judging.record import Record, note, verdict_of
from conformance.judging.verdicts import CatalogueMatch, Diagnosis, Evidence, Verdict, conforms, was_run
from conformance.respondent.frameworks import has_numbers
from conformance.respondent.responses import Crashed, OverLimit, Response, Returned, TimedOut, Unsupported
from conformance.respondent.symptoms import Symptom
from conformance.targets.subject import LocalSubject, Subject, exercise
from conformance.targets.target import Target, lacking, obstacle
from reference.specification import Quantity, Spec, StandIn

# The first drawn cases are asked again after all others: an answer must depend neither on the order nor on the number of calls.
ASKED_AGAIN = 3

# What is asked besides the cases may take as long as so many of them.
_CASES_WORTH = 20

# After these the target answers nothing more, or would take as long again.
_ENDED = (TimedOut, Crashed, OverLimit)


@dataclass(frozen=True)
class Vacant:
    """In the place of a subject that cannot be asked anything: what is said of it, and what came, if anything was tried."""

    outcome: Literal["not run", "errored"]
    reason: str
    response: Response | None = None

    def verdicts(self, spec: Spec, target: Target) -> Iterator[Verdict]:
        """The same of every quantity."""
        symptom = None if self.response is None else self.response.symptom
        for quantity in spec.quantities:
            yield Verdict(spec.name, target, quantity, self.outcome, reason=self.reason, response=self.response, symptom=symptom)


Seat = Subject | Vacant
Prepared = tuple[Case, Mapping[Quantity, Expectation]]
Expecting = Callable[[Spec, Case], Mapping[Quantity, Expectation]]


@dataclass
class _Share:
    """The cases of a share, made as far as some target is asked them, with what they are held to."""

    source: Iterator[Case]
    prepared: list[Prepared] = field(default_factory=list[Prepared])


# Who explains a failure stands above this room and is handed in.
# Its arguments: the answers of the quantity, those of the others, and what is accepted and these may follow from.
Diagnose = Callable[
    [Spec, Target, Quantity, Sequence[Evidence], Mapping[Quantity, Sequence[Evidence]], Sequence[CatalogueMatch]], Diagnosis | None
]
# Which failing cases are made smaller: those of every quantity, of the first that fails, or none.
Shrinking = Literal["all", "first", "none"]


def verify(
    plan: Plan, on_case: Callable[[Spec, Target], None] = lambda spec, target: None, diagnose: Diagnose | None = None
) -> Iterator[Verdict]:
    """One verdict a specification, target and quantity. `on_case` is told of every case, for a progress bar.

    Raises:
        UnusableTarget: a target does not import. It is raised before the first verdict.
    """
    seats = {target: seated_here(target) for target in plan.targets}
    # One thread: matrices are small, and the order of sums must not depend on the number of cores.
    with threadpool_limits(1):
        for spec, dtype in plan.shares:
            yield from verify_share(plan, seats, spec, dtype, on_case, diagnose)


def seated_here(target: Target) -> Seat:
    """The target ready to be asked in this process. Raises UnusableTarget."""
    reason = obstacle(target)
    return LocalSubject.of(target) if reason is None else Vacant("not run", reason)


def verify_share(
    plan: Plan,
    seats: Mapping[Target, Seat],
    spec: Spec,
    dtype: str,
    on_case: Callable[[Spec, Target], None],
    diagnose: Diagnose | None,
) -> Iterator[Verdict]:
    """The verdicts on one specification in one dtype."""

    def drawn() -> Iterator[Case]:
        return cases(spec, dtype, plan.seed, plan.examples, plan.images)

    expecting = KeptExpectations(plan.kept).expect
    shares = {True: _Share(drawn()), False: _Share(map(shortened, drawn()))}
    for target in (t for t in plan.targets if t.dtype == dtype and t.judges(spec.name)):
        seat = seats[target]
        if isinstance(seat, Vacant):
            yield from seat.verdicts(spec, target)
        else:
            yield from _judge_on(plan, seat, spec, shares[has_numbers(target.device)], on_case, diagnose, expecting)


def judge(
    subject: Subject,
    spec: Spec,
    prepared: Sequence[Prepared],
    seconds: float,
    on_case: Callable[[Spec, Target], None] = lambda spec, target: None,
    diagnose: Diagnose | None = None,
    shrinking: Shrinking = "all",
    seen: dict[Quantity, list[Evidence]] | None = None,
    every_option: bool = False,
    accept: Container[str] = (),
) -> Iterator[Verdict]:
    """Run the cases on one target; a failing case is shrunk, and the first failing quantity explained: the others follow from it.

    Stored cases are small, and their answers need not be those that the reference would give to smaller ones: `shrinking="none"`.
    "first" shrinks the case of the first failing quantity alone, which takes less time.
    What asks an option that is not offered is counted, and is no failure unless `every_option` is asked for or nothing else is offered.
    What is explained by a variant among those that are to be `accept`ed passes with a remark, and then the next quantity is explained too.
    What earlier cases have `seen` of the same subject is part of what is explained; what these show is added to it.
    """
    if refused := list(signature.refusals(spec, subject, every_option)):
        yield from refused
        return
    started, target = time.perf_counter(), subject.target
    allowance = allowance_of(subject, spec)
    prepared = plain_model_allowances.askable(allowance, prepared)
    records: dict[Quantity, Record] = {quantity: Record() for quantity in spec.quantities}
    unasked: list[tuple[Case, Mapping[Quantity, Expectation], Mapping[Quantity, Response]]] = []
    drawn = [p for p in prepared if p[0].drawn]
    for case, expected in (*prepared, *drawn[:ASKED_AGAIN]):
        # A compiled function is compiled inside its first calls.
        limit = seconds * 10 if target.mode == "compiled" else seconds
        responses = exercise(subject, spec, case, limit)
        options = set[str]() if every_option else options_not_offered(spec, case, responses.values())
        for quantity, record in records.items():
            if options and not isinstance(responses[quantity], Returned):
                record.not_offered.update(options)
                unasked.append((case, expected, responses))
            else:
                note(record, case, quantity, expected[quantity], responses[quantity], target, allowance)
        on_case(spec, target)
        silent = not options and all(isinstance(response, Unsupported) for response in responses.values())
        if silent or any(isinstance(response, _ENDED) for response in responses.values()):
            break  # it will not do better, and every further case would cost as much
    if not any(record.cases for record in records.values()):
        for case, expected, responses in unasked:  # nothing is offered
            for quantity, record in records.items():
                note(record, case, quantity, expected[quantity], responses[quantity], target, allowance)
    for quantity, record in records.items():
        if shrinking != "none" and record.failure is not None and not isinstance(record.response, (*_ENDED, Unsupported)):
            _shrink_failure(subject, spec, quantity, record, seconds)
            if shrinking == "first":
                break
    elapsed = (time.perf_counter() - started) / len(records)
    seen, excuses = {} if seen is None else seen, tuple[CatalogueMatch, ...]()
    for quantity, record in records.items():
        seen.setdefault(quantity, []).extend(record.evidence)
    for quantity, record in records.items():
        diagnosis = None
        if diagnose is not None and record.failure is not None:
            others: dict[Quantity, list[Evidence]] = {q: answers for q, answers in seen.items() if q != quantity}
            diagnosis = diagnose(spec, target, quantity, seen[quantity], others, excuses)
        verdict = excused(spec, verdict_of(spec, target, quantity, record, elapsed, diagnosis), accept)
        if verdict.outcome != "passed":
            diagnose = None
        excuses = excuses or accepted_matches(spec, diagnosis, accept)
        yield verdict


def check(subject: Subject, spec: Spec, case: Case, seconds: float) -> dict[Quantity, tuple[Response, Comparison | None]]:
    """One case on one target: the response of every quantity and, if it answered, how it compares."""
    expected, responses = _expected(subject.target, spec, case), exercise(subject, spec, case, seconds)
    return {
        q: (
            r,
            compare(held_to(subject, spec, q, expected[q], r), r.outputs, subject.target.device)
            if isinstance(r, Returned)
            else None,
        )
        for q, r in responses.items()
    }


def _expected(target: Target, spec: Spec, case: Case, expecting: Expecting = expect) -> Mapping[Quantity, Expectation]:
    return expecting(spec, case) if has_numbers(target.device) else expect_structure(spec, case)


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
    share: _Share,
    on_case: Callable[[Spec, Target], None],
    diagnose: Diagnose | None,
    expecting: Expecting,
) -> Iterator[Verdict]:
    """Judge, making only as many cases as this target is asked."""
    target = subject.target
    if (reason := lacking(target)) is not None:
        yield from (Verdict(spec.name, target, q, "unsupported", reason=reason) for q in spec.quantities)
        return
    if not subject.has(spec.name):
        # Nothing is drawn for what is not there: expectations of models cost more than all the rest.
        reason = signature.absence(spec, subject)
        yield from (Verdict(spec.name, target, q, "unsupported", reason=reason) for q in spec.quantities)
        return
    while len(share.prepared) < plan.needed(spec, target) and (case := next(share.source, None)) is not None:
        share.prepared.append((case, _expected(target, spec, case, expecting)))
    asked = plan.asked(spec, target, share.prepared)
    verdicts = judge(subject, spec, asked, plan.seconds, on_case, diagnose, accept=plan.accept)
    yield from _besides_cases(subject, spec, plan.seconds, list(verdicts))


def _besides_cases(subject: Subject, spec: Spec, seconds: float, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """A package of this project that answers all its cases is held to what no case asks."""
    problem = first_problem(subject, spec, seconds * _CASES_WORTH) if conforms(verdicts) and was_run(verdicts) else None
    for verdict in verdicts:
        if problem is None or problem[0] != verdict.quantity:
            yield verdict
        else:
            yield replace(verdict, outcome="failed", reason=problem[1], budget_used=float("inf"), remarks=(), not_offered={})


def case_count(plan: Plan, seated: Callable[[Target], bool] = lambda target: obstacle(target) is None) -> int:
    """How many cases `verify` will run at most, for a progress bar."""
    count = 0
    for target in plan.targets:
        if seated(target) and lacking(target) is None:
            for spec in (one for one in plan.specs if target.judges(one.name)):
                drawn = plan.examples_for(spec, target)
                count += drawn + always_asked(spec) + min(ASKED_AGAIN, drawn)
    return count


def _shrink_failure(subject: Subject, spec: Spec, quantity: Quantity, record: Record, seconds: float) -> None:
    """Replace the first failure by the simplest case that fails in the same way; where the target ends on the way there it stays."""
    kind, response = type(record.response), record.response

    def failing(case: Case) -> tuple[Response, Comparison] | None:
        nonlocal response
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
    if failure is None and isinstance(response, _ENDED):
        return
    if failure is None:
        # Asked again, it agrees: the answer depends on what was asked before, or on chance.
        finding = "answers differently when it is asked again"
        record.comparison = Comparison(float("inf"), record.comparison.worst, finding, Symptom.ANSWERS_DIFFERENTLY)
    else:
        record.failure, (record.response, record.comparison) = smallest, failure
