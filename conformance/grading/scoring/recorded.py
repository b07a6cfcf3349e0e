"""What a grade keeps of a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases.case import plain
from conformance.grading.grade_file import Counterexample, RecordedMatch, RecordedRemark
from conformance.judging.verdicts import Verdict

_PLAIN = (str, int, float, bool)


def recorded_matches(verdict: Verdict) -> tuple[RecordedMatch, ...]:
    """Everything that explains it."""
    matches = verdict.diagnosis.matches if verdict.diagnosis is not None else ()
    return tuple(RecordedMatch(ids=m.ids, sentences=m.sentences, hints=m.hints, variant=m.variant) for m in matches)


def recorded_remarks(verdicts: Sequence[Verdict]) -> tuple[RecordedRemark, ...]:
    """Each once."""
    sentences = {remark.form: remark.sentence for verdict in verdicts for remark in verdict.remarks}
    return tuple(RecordedRemark(form=form, sentence=sentence) for form, sentence in sentences.items())


def recorded_counterexample(verdict: Verdict) -> Counterexample | None:
    """The case that fails, and its worst element."""
    case, worst = verdict.counterexample, verdict.worst
    if case is None:
        return None
    inputs = plain(dict(case.inputs))
    if worst is None:
        return Counterexample(id=case.id, inputs=inputs)
    actual, expected = (x if isinstance(x, _PLAIN) else str(x) for x in (worst.actual, worst.expected))
    return Counterexample(id=case.id, inputs=inputs, name=worst.name, index=worst.index, actual=actual, expected=expected)
