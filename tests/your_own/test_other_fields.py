"""Five formulas of other fields, in each framework fifty wrong and twenty-five right implementations: none is misjudged, most are named.

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
from tests.your_own import implementations, implementations_tf

pytestmark = pytest.mark.slow

_FILE = Path(__file__).with_name("formulas.py")
_EXAMPLES = 24
_IN = {"torch": implementations, "tensorflow": implementations_tf}
_FORMULAS = [(framework, name) for framework in _IN for name in implementations.RIGHT]
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
def _verdicts(framework: str, name: str, source: str) -> tuple[Verdict, ...]:
    spec, prepared = _cases(name)
    offered = ModuleType("implementation")
    exec(_IN[framework].module(source), offered.__dict__)
    subject = LocalSubject(Target("implementation.py", framework, told=True), offered, frameworks.load(framework))
    return tuple(judge(subject, spec, prepared, 20.0, diagnose=diagnose, shrinking="none"))


@pytest.mark.parametrize(("framework", "name"), _FORMULAS)
def test_what_is_right_passes(framework: str, name: str) -> None:
    """Written in five ways, value and gradient."""
    for number, source in enumerate(_IN[framework].RIGHT[name]):
        verdicts = _verdicts(framework, name, source)
        assert [verdict.outcome for verdict in verdicts] == ["passed", "passed"], (number, [v.reason for v in verdicts])


@pytest.mark.parametrize(("framework", "name"), _FORMULAS)
def test_what_is_wrong_fails(framework: str, name: str) -> None:
    """Ten of them each."""
    for number, source in enumerate(_IN[framework].WRONG[name]):
        assert any(verdict.outcome != "passed" for verdict in _verdicts(framework, name, source)), number


@pytest.mark.parametrize("framework", _IN)
def test_most_mistakes_are_named(framework: str) -> None:
    """One change of what the teacher wrote explains every answer of most wrong implementations."""
    wrong = [(name, source) for name, sources in _IN[framework].WRONG.items() for source in sources]
    diagnoses = [next(v.diagnosis for v in _verdicts(framework, *one) if v.diagnosis) for one in wrong]
    assert sum(diagnosis.explained > 0 for diagnosis in diagnoses) >= _NAMED * len(diagnoses)


def test_there_are_as_many_as_are_spoken_of() -> None:
    """Five right and ten wrong of each of five, and no two alike."""
    for each in _IN.values():
        assert [len(set(sources)) for sources in each.RIGHT.values()] == [5] * 5
        assert [len(set(sources)) for sources in each.WRONG.values()] == [10] * 5
