"""A failure in plain text, for the message of an assertion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conformance.printable import one_line
from conformance.verdicts import Verdict
from reference.specification import Spec

_LONGEST_ARRAY = 24
_LONGEST_TEXT = 200


def complaint(spec: Spec, called: str, verdicts: Sequence[Verdict], options: str, command: str | None = None) -> str:
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
        f"{called} does not conform to {spec.name} in {target.framework} {target.dtype} on {target.device}",
        f"  {spec.equation}",
    ]
    lines += [f"  {first.quantity}: {one_line(first.reason or '')}"]
    if first.counterexample is not None:
        lines.append(f"  {first.failures} of {first.cases} cases fail; the smallest found:")
        lines += [f"    {name} = {_text(value)}" for name, value in first.counterexample.inputs.items()]
    if first.diagnosis is not None:
        lines.append(f"  {first.diagnosis.sentence}")
        for match in first.diagnosis.matches:
            lines += [f"    {sentence}" for sentence in match.sentences]
            lines += [f"    hint: {hint}" for hint in match.hints]
    if len(wrong) > 1:
        others = dict.fromkeys(f"{verdict.quantity} ({verdict.target.dtype})" for verdict in wrong[1:])
        lines.append(f"  also wrong: {', '.join(others)}")
    lines.append(f"  again: conforms({spec.name!r}, {called}, {options.format(dtype=target.dtype)})")
    return "\n".join([*lines, f"  or: {command}"] if command is not None else lines)


def _text(value: Any) -> str:
    """A value on one line; long arrays by shape and range."""
    if isinstance(value, np.ndarray):
        if value.size > _LONGEST_ARRAY:
            return f"{value.shape} from {value.min():.4g} to {value.max():.4g}"
        return np.array2string(value, separator=", ", floatmode="unique", max_line_width=10**6).replace("\n", "")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_text(item)}" for key, item in list(value.items())[:8]) + "}"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return f"{len(value)} × {_text(value[0])}"
    text = ascii(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"
