"""What is said of a target: one verdict a specification and quantity."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conformance.cases import Case
from conformance.compare import Worst
from conformance.targets import Target
from reference.specification import Quantity

Outcome = Literal["passed", "failed", "errored", "unsupported", "not run"]
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "errored", "unsupported", "not run")


@dataclass(frozen=True)
class Verdict:
    """Whether a target computes a quantity as the reference says.

    passed       every case stayed within its error budget
    failed       it answered, and some answer was wrong
    errored      it gave no answer on some case: raised, ran out of time, ended its process
    unsupported  it does not offer this, and says so
    not run      it could not be asked here: no such device, framework not installed

    `budget_used` is the largest fraction of the error budget over all cases; `worst` is the element that used it, or the element that
    failed in the counterexample. `reason` is a sentence wherever the outcome is not "passed".
    """

    spec: str
    target: Target
    quantity: Quantity
    outcome: Outcome
    cases: int = 0
    failures: int = 0
    budget_used: float | None = None
    worst: Worst | None = None
    reason: str | None = None
    counterexample: Case | None = None
    seconds: float = 0.0

    @property
    def reproduce(self) -> str | None:
        """The command that shows the failure again."""
        if self.counterexample is None:
            return None
        command = f"conformance reproduce {self.counterexample.id} --target {shlex.quote(self.target.module)}"
        for option, value, usual in (("device", self.target.device, "cpu"), ("mode", self.target.mode, "eager")):
            command += "" if value == usual else f" --{option} {value}"
        return command


def conforms(verdicts: Iterable[Verdict]) -> bool:
    """Whether nothing failed or errored."""
    return all(v.outcome not in ("failed", "errored") for v in verdicts)


def was_run(verdicts: Iterable[Verdict]) -> bool:
    """Whether anything was compared at all."""
    return any(v.outcome in ("passed", "failed", "errored") for v in verdicts)
