"""What is said to change nothing: every entry is an exchange that the operators make, and none is said of what is killed."""

from __future__ import annotations

from functools import cache

import pytest

from conformance.audit.equivalent_mutants import Equivalent, because, equivalents
from conformance.commands.audit_mutants import OWN_PACKAGES
from conformance.faults.operators import Mutant, mutants_of
from tests.architecture.signatures import ROOT


@cache
def _mutants() -> tuple[Mutant, ...]:
    """Those of the modules that an entry speaks of, in every package."""
    ends = {end for entry in equivalents() for end in entry.modules}
    files = [(end, ROOT / package / f"{end.replace('.', '/')}.py", package) for package in OWN_PACKAGES for end in sorted(ends)]
    return tuple(
        mutant for end, file, package in files for mutant in mutants_of(f"{package}.{end}", file.read_text(encoding="utf-8"))
    )


def test_every_entry_explains_a_mutant_that_there_is() -> None:
    """One whose line has been rewritten is taken out."""
    mutants = _mutants()
    assert [entry for entry in equivalents() if not any(entry.explains(mutant) for mutant in mutants)] == []
    assert all(entry.because.endswith(".") for entry in equivalents())


@pytest.mark.parametrize(
    ("old", "new", "explained"), [("x + 1", "(x) - (1)", True), ("x + 1", "(2)", False), ("x", "(x) - (1)", False)]
)
def test_an_entry_is_held_to_its_exchange(old: str, new: str, explained: bool) -> None:
    """Under a condition too: what changes nothing changes nothing there."""
    entry = Equivalent(("m",), "f", old, (new,), "It is the same.")
    results = [mutant for mutant in mutants_of("package.m", "def f(x):\n    return x + 1\n") if entry.explains(mutant)]
    assert bool(results) == explained
    assert {mutant.condition is None for mutant in results} == ({True, False} if explained else set())
    elsewhere = Equivalent(("n",), "f", old, (new,), "It is the same.")
    assert not any(elsewhere.explains(mutant) for mutant in mutants_of("package.m", "def f(x):\n    return x + 1\n"))


def test_most_mutants_are_not_explained() -> None:
    """An entry that fits too much would hide what survives."""
    mutants = _mutants()
    assert sum(because(mutant) is not None for mutant in mutants) < len(mutants) / 10
