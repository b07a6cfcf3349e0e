"""The command that shows a failure again."""

from __future__ import annotations

from conformance.verdicts import Verdict


def reproducing(verdict: Verdict) -> str | None:
    """The verdict's command, with the framework where the user had to name it; None where nothing failed."""
    if verdict.reproduce is None or not verdict.target.told:
        return verdict.reproduce
    return f"{verdict.reproduce} --framework {verdict.target.framework}"
