"""Default cases are made once, and all of them, whoever asks first and however far."""

from __future__ import annotations

from itertools import islice

import pytest

import conformance.judging.default_cases as module
from conformance.cases.case import cases
from conformance.cases.kinds import kind_of
from conformance.judging.default_cases import DefaultCases, default_cases
from conformance.judging.expectation import expect
from reference.specification import catalogue

SPEC = catalogue()["vae_kl_loss"]


def _ids(made: DefaultCases) -> list[str]:
    return [case.id for case, _ in made]


@pytest.fixture
def expected() -> list[str]:
    """What a run without a memory asks."""
    return [case.id for case in cases(SPEC, "float64", 3, kind_of(SPEC).examples(8))]


def test_they_are_those_of_a_run(expected: list[str]) -> None:
    """In the same order, again and again, also where two go through them by turns."""
    made = DefaultCases(SPEC, "float64", 3, 8)
    assert [(one[0].id, other[0].id) for one, other in zip(made, made, strict=True)] == [(id, id) for id in expected]
    assert _ids(made) == expected


def test_each_is_made_once(monkeypatch: pytest.MonkeyPatch, expected: list[str]) -> None:
    """As far as somebody asked, and no further."""
    asked: list[str] = []
    monkeypatch.setattr(module, "expect", lambda spec, case: asked.append(case.id) or expect(spec, case))
    made = DefaultCases(SPEC, "float64", 3, 8)
    assert len(list(islice(made, 4))) == len(asked) == 4
    assert _ids(made) == _ids(made) == asked == expected


def test_an_interruption_loses_no_case(monkeypatch: pytest.MonkeyPatch, expected: list[str]) -> None:
    """Whoever presses Ctrl-C in a notebook and asks again is asked everything."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    made = DefaultCases(SPEC, "float64", 3, 8)
    assert len(list(islice(made, 4))) == 4
    with monkeypatch.context() as patch:
        patch.setattr(module, "expect", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(made)
    assert _ids(made) == expected


def test_they_are_kept_for_the_catalogue_alone() -> None:
    """A specification with fewer options may have the name of another."""
    limited = SPEC.limited({"reduction": ("sum",)})
    assert default_cases(SPEC, "float64", 3, 8) is default_cases(SPEC, "float64", 3, 8)
    assert default_cases(limited, "float64", 3, 8) is not default_cases(SPEC, "float64", 3, 8)
