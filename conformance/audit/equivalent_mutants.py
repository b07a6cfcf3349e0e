"""Mutants that nothing can kill, each with the sentence that proves it: `equivalent_mutants.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.faults.operators import CONDITION, Mutant


@dataclass(frozen=True)
class Equivalent:
    """An exchange that changes nothing.

    modules   the ends of the modules' names, so that one entry serves every package with the same line
    function  the outermost function that holds it; "*" for any
    old, new  the exchange, without a condition: what changes nothing changes nothing under a condition either
    because   why
    """

    modules: tuple[str, ...]
    function: str
    old: str
    new: tuple[str, ...]
    because: str

    def explains(self, mutant: Mutant) -> bool:
        """Whether the mutant is this exchange."""
        exchanged = mutant.new in self.new or any(mutant.new.startswith(f"(({new}) if {CONDITION}(") for new in self.new)
        return (
            exchanged
            and self.old == mutant.old
            and self.function in ("*", mutant.function)
            and mutant.module.endswith(self.modules)
        )


@cache
def equivalents() -> tuple[Equivalent, ...]:
    """Every entry of the file."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text).get("equivalent", [])
    return tuple(Equivalent(**{**entry, "modules": tuple(entry["modules"]), "new": tuple(entry["new"])}) for entry in entries)


def because(mutant: Mutant) -> str | None:
    """Why nothing can kill it; None if that is not known."""
    return next((entry.because for entry in equivalents() if entry.explains(mutant)), None)
