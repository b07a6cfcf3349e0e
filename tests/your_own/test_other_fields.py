"""Five formulas of other fields, fifty wrong and twenty-five right implementations: none is misjudged, most mistakes are named.

No entry of the catalogue knows these formulas: what is named is found by changing the reference file itself.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from conformance.diagnosis.diagnosis import diagnose
from conformance.judging.default_cases import DefaultCases
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import judge
from conformance.references.reference_file import forget, load
from conformance.respondent import frameworks
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from reference.specification import Spec
from tests.your_own.implementations import RIGHT, WRONG, module

pytest.importorskip("torch")
pytestmark = pytest.mark.slow

_FILE = Path(__file__).with_name("formulas.py")
_EXAMPLES = 24
# Of wrong implementations, so many are named by one change of the reference file.
_NAMED = 0.7


@pytest.fixture(autouse=True, scope="module")
def loaded():
    """The file's specifications are in the catalogue while this module is tested."""
    load(_FILE)
    yield
    forget()
    _cases.cache_clear()
    _verdicts.cache_clear()


@cache
def _cases(name: str) -> tuple[Spec, list]:
    (spec,) = (spec for spec in load(_FILE) if spec.name == name)
    return spec, list(DefaultCases(spec, "float32", 0, _EXAMPLES))


@cache
def _verdicts(name: str, source: str) -> tuple[Verdict, ...]:
    spec, prepared = _cases(name)
    offered = ModuleType("implementation")
    exec(module(source), offered.__dict__)
    subject = LocalSubject(Target("implementation.py", "torch", told=True), offered, frameworks.load("torch"))
    return tuple(judge(subject, spec, prepared, 20.0, diagnose=diagnose, shrinking="none"))


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str) -> None:
    """Written in five ways, value and gradient."""
    for number, source in enumerate(RIGHT[name]):
        verdicts = _verdicts(name, source)
        assert [verdict.outcome for verdict in verdicts] == ["passed", "passed"], (number, [v.reason for v in verdicts])


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_fails(name: str) -> None:
    """Ten of them each."""
    passed = [number for number, source in enumerate(WRONG[name]) if all(v.outcome == "passed" for v in _verdicts(name, source))]
    assert passed == []


def test_most_mistakes_are_named() -> None:
    """One change of what the teacher wrote explains every answer of most wrong implementations."""
    diagnoses = [next(v.diagnosis for v in _verdicts(name, source) if v.diagnosis) for name in WRONG for source in WRONG[name]]
    assert sum(diagnosis.explained > 0 for diagnosis in diagnoses) >= _NAMED * len(diagnoses)


def test_there_are_as_many_as_are_spoken_of() -> None:
    """Five right and ten wrong of each of five."""
    assert [len(sources) for sources in RIGHT.values()] == [5] * 5
    assert [len(sources) for sources in WRONG.values()] == [10] * 5
