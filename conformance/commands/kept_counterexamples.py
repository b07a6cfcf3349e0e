"""Keeping what failed, so that `conformance reproduce` can show it again."""

from __future__ import annotations

from conformance.cases import counterexamples
from conformance.commands.process import err
from conformance.judging.verdicts import Verdict


def keep_counterexample(verdict: Verdict) -> bool:
    """Keep it, or say once that it cannot be kept."""
    if verdict.counterexample is not None:
        try:
            counterexamples.keep(verdict.counterexample)
        except OSError as error:
            err.print(f"Counterexamples could not be kept in {counterexamples.FOLDER}: {error.strerror}.", soft_wrap=True)
            return False
    return True
