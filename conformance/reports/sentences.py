"""A failure in plain text, for the message of an assertion."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.judging.verdicts import Verdict
from conformance.reports.printed_values import case_lines
from conformance.respondent.printable import one_line
from reference.specification import Spec

# More explanations than these would hide the failure.
_MOST_MATCHES = 3


def complaint(spec: Spec, name: str, verdicts: Sequence[Verdict], options: str, command: str | None = None) -> str:
    """What is wrong, on what input, which mistake it looks like, and how to see it again.

    Args:
        called: name of what was judged.
        options: of the call that shows it again, "{dtype!r}" standing for the dtype.
        command: one that shows the first failure again, if there is one.
    """
    wrong = [verdict for verdict in verdicts if verdict.outcome in ("failed", "errored")]
    first = wrong[0]
    target = first.target
    lines = [
        f"{name} does not conform to {spec.name} in {target.framework} {target.dtype} on {target.device}",
        f"  {spec.equation}",
    ]
    lines += [f"  {first.quantity}: {one_line(first.reason or '')}"]
    if first.counterexample is not None:
        lines.append(f"  {first.failures} of {first.cases} cases fail; the smallest found:")
        lines += [f"    {line}" for line in case_lines(first.counterexample)]
    if first.diagnosis is not None:
        lines.append(f"  {first.diagnosis.sentence}")
        for match in first.diagnosis.matches[:_MOST_MATCHES]:
            lines += [f"    {sentence}" for sentence in match.sentences]
            lines += [f"    hint: {hint}" for hint in match.hints]
    if len(wrong) > 1:
        quantities = dict.fromkeys(f"{verdict.quantity} ({verdict.target.dtype})" for verdict in wrong[1:])
        lines.append(f"  also wrong: {', '.join(quantities)}")
    lines.append(f"  again: conforms({spec.name!r}, {name}, {options.format(dtype=target.dtype)})")
    return "\n".join([*lines, f"  or: {command}"] if command is not None else lines)
