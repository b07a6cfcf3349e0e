"""What one verdict of a report is about: the check that it is in every run, whatever came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from conformance.reports.jsonl import Line

WRONG = ("failed", "errored")


@dataclass(frozen=True, order=True)
class Check:
    """A quantity of a specification on a target. `target` is its name, or its path where another has the same name."""

    target: str
    device: str
    dtype: str
    mode: str
    spec: str
    quantity: str

    @property
    def where(self) -> str:
        """The target in words."""
        return f"{self.target} {self.device} {self.dtype} {self.mode}"

    @property
    def what(self) -> str:
        """What is asked of it, in words."""
        return f"{self.spec} {self.quantity}"

    def __str__(self) -> str:
        return f"{self.what}, {self.where}"


def check_of(line: Line, ambiguous: Collection[str] = ()) -> Check:
    """The check of a verdict; `ambiguous` are names that several targets have."""
    name = line["target"]
    target = str(line.get("module") or name) if name in ambiguous else name
    return Check(target, line["device"], line["dtype"], line["mode"], line["spec"], line["quantity"])


def ambiguous_names(*runs: Sequence[Line]) -> frozenset[str]:
    """Names that are of more than one target of some run: of two files of one name in two runs, one is the other's successor."""
    return frozenset(
        name
        for run in runs
        for name in {line["target"] for line in run}
        if len({line.get("module") for line in run if line["target"] == name}) > 1
    )
