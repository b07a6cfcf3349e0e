"""From a failing case to a small one that fails too: fewer samples, fewer units, rounder numbers, shorter texts.

Greedy: every step proposes a simpler case and keeps it if the target still fails it, until nothing simpler fails or the
attempts are spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.cases.case import Case, with_cotangent
from conformance.cases.kinds import kind_of
from reference.specification import Spec


def shrink(spec: Spec, case: Case, fails: Callable[[Case], bool], attempts: int | None = None) -> Case:
    """The simplest failing case found; `case` itself if nothing simpler fails."""
    best, progress = case, True
    if attempts is None:
        attempts = kind_of(spec).attempts
    ids = {case.id}
    while progress and attempts > 0:
        progress = False
        for candidate in _simpler(spec, best):
            if attempts == 0:
                break
            if candidate.id in ids:
                continue
            ids.add(candidate.id)
            attempts -= 1
            if fails(candidate):
                best, progress = candidate, True
                break
    return best


def _simpler(spec: Spec, case: Case) -> Iterator[Case]:
    """Simpler cases, the boldest first."""
    for inputs in kind_of(spec).simpler(spec, case.inputs, case.dtype):
        yield with_cotangent(spec, replace(case, inputs=inputs, flags=(*case.flags[:1], "shrunk")))
