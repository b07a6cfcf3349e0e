"""A draw profile is a value: whoever needs a fact about it reads the fact, and its name is spelled once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import conformance
from conformance.cases.case import Case
from conformance.cases.profiles import COMING_ROUND, PROFILES, profile_of
from conformance.vectors.document import FLAGS

ROOT = Path(conformance.__file__).parent
NAMES = {profile.name for profile in PROFILES}
# "square" is also what NumPy calls a function, for which another is put by a mutation, and PyTorch a method that only its tensors have.
# "edges" is also the name of a part of an assignment, which teachers write; nothing there is compared with flags.
_OTHERWISE_MEANT = {
    **{ROOT / "faults" / f"{name}.py": {"square"} for name in ("operators", "formula_operators", "single_changes", "slips")},
    ROOT / "respondent" / "frameworks" / "torch.py": {"square"},
    ROOT / "grading" / "assignment" / "assignment.py": {"edges"},
    ROOT / "grading" / "scoring" / "checks.py": {"edges"},
    ROOT / "grading" / "scoring" / "points.py": {"edges"},
    ROOT / "grading" / "scoring" / "questions.py": {"edges"},
}


def _spelled(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of the file that is a profile's name, but for keyword arguments, attributes and docstrings, which are no strings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES:
            yield node.lineno, node.value


def test_no_other_file_spells_the_name_of_a_profile() -> None:
    """Whatever the string is for, a comparison, a key or a flag: a file that spells it would have to follow the registry."""
    offenders = [
        f"{path.relative_to(ROOT)}:{line}: {name!r}"
        for path in sorted(ROOT.rglob("*.py"))
        if path != ROOT / "cases" / "profiles.py"
        for line, name in _spelled(path)
        if name not in _OTHERWISE_MEANT.get(path, ())
    ]
    assert not offenders, "read the fact from the Profile instead: " + ", ".join(offenders)


def test_a_case_knows_its_profile() -> None:
    """By its first flag; what was not drawn has none, and a shrunk case keeps that of the case it came from."""
    for profile in PROFILES:
        assert Case("f", "float64", {}, flags=(profile.name, "shrunk")).profile is profile_of((profile.name,)) is profile
    for flags in ((), ("known",), ("real", "shrunk")):
        case = Case("f", "float64", {}, flags=flags)
        assert (case.profile, case.delicate, case.drawn) == (None, False, False)


def test_every_profile_comes_round_and_is_explained() -> None:
    """One that is never drawn, or that no vector file explains, would be no profile."""
    assert set(COMING_ROUND) == set(PROFILES)
    assert len(NAMES) == len(PROFILES)
    assert all(FLAGS[profile.name] == profile.sentence for profile in PROFILES)
