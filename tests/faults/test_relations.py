"""What the first wrong result of a model is beside what it should be; and that nothing is said of what is nearly right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pytest

from conformance.cases.case import Case, draw, recipes
from conformance.diagnosis import model_search
from conformance.diagnosis.diagnosis import diagnose
from conformance.diagnosis.nearness import few_budgets
from conformance.diagnosis.relations import begun_elsewhere, relation
from conformance.faults.catalogue import text_in
from conformance.judging.compare import compare_response
from conformance.judging.expectation import Expectation, Expected, expect
from conformance.judging.verdicts import Evidence
from conformance.respondent.class_results import AGAIN
from conformance.respondent.responses import Output, Returned
from conformance.targets.target import Target
from conformance.tolerance import EXPLANATION_ROOM
from reference.specification import Array, Quantity, catalogue

MODEL = "LinearAutoencoder"
Change = Callable[[Expected], Array]


@cache
def _asked(spec: str) -> list[tuple[Case, Mapping[Quantity, Expectation]]]:
    drawn = [draw(catalogue()[spec], "float32", recipe) for recipe in recipes(0, 8)]
    return [(case, expect(catalogue()[spec], case)) for case in drawn]


def _answers(quantity: Quantity, change: Callable[[str, Expected], Array], spec: str = MODEL) -> list[Evidence]:
    """What is right, changed."""
    evidence = []
    for case, quantities in _asked(spec):
        expected = quantities[quantity]
        rights = {name: right for name, right in expected.items() if isinstance(right, Expected)}
        outputs = {name: Output(change(name, right), right.dtype, "cpu") for name, right in rights.items()}
        evidence.append(Evidence(case, expected, Returned(outputs), compare_response(expected, Returned(outputs), "cpu")))
    return evidence


def _wrong(change: Change, name: str = "decoder.0.weight") -> list[Evidence]:
    """The failing answers where one gradient is changed."""
    answers = _answers("gradient", lambda result, right: change(right) if result == name else right.value)
    return [answer for answer in answers if not answer.agrees]


def _cut(value: Array, low: float, high: float) -> Array:
    return np.minimum(np.maximum(value, low), high)


@pytest.mark.parametrize(
    ("change", "id"),
    [
        (lambda right: _cut(right.value, -np.inf, 0.0625), "result_cut_above#decoder.0.weight#0.0625"),
        (lambda right: _cut(right.value, -0.0625, np.inf), "result_cut_below#decoder.0.weight#-0.0625"),
        (lambda right: 0.75 * right.value, "result_times#decoder.0.weight#0.75"),
        (lambda right: 0.0 * right.value, "result_zero#decoder.0.weight"),
        (lambda right: np.where(np.abs(right.value) > 0.5, 0.0, right.value), "result_zero#decoder.0.weight"),
        (lambda right: right.value.T, "result_transposed#decoder.0.weight"),
    ],
    ids=["cut above", "cut below", "times", "zero", "zero in places", "transposed"],
)
def test_what_the_first_wrong_result_is(change: Change, id: str) -> None:
    """Found, and said in both languages."""
    assert relation(_wrong(change)) == id
    assert text_in("en", id, "sentence") != text_in("ko", id, "sentence")


@pytest.mark.parametrize(
    "change",
    [
        lambda right: np.sign(right.value) * np.abs(right.value) ** 1.5,
        lambda right: 0.75 * right.value + 0.01,
        lambda right: np.where(np.abs(right.value) > 0.0625, 0.01, right.value),
        lambda right: np.where(right.value > 0.0625, 0.03125, right.value),
        lambda right: np.where(right.value < -0.0625, -0.03125, right.value),
        lambda right: _cut(right.value, -0.0625, 0.0625),
        lambda right: np.where(np.abs(right.value) > 0.0625, 0.0625, right.value),
        lambda right: np.where(np.abs(right.value) > 0.0625, -0.0625, right.value),
        lambda right: np.where(right.value > 1000, 0.03125, _cut(right.value, -np.inf, 0.0625)),
        lambda right: np.where(right.value > 0.0625, 0.0, np.abs(right.value)),
        lambda right: np.where(np.abs(right.value) * 1e-3 > right.allowed, 0.75 * right.value, right.value + 0.01),
        lambda right: right.value[::-1],
    ],
    ids=[
        "power",
        "times and more",
        "a constant",
        "cut to less",
        "cut to more",
        "cut on both sides",
        "both sides to above",
        "both sides to below",
        "bent back",
        "zero and a sign",
        "times where it is large",
        "reversed",
    ],
)
def test_what_is_none_of_these_is_not_said(change: Change) -> None:
    """A relation holds for every wrong number, and wrong numbers are where it would make them."""
    assert relation(_wrong(change)) is None


def test_a_gradient_that_is_zero_altogether_does_not_arrive() -> None:
    """Where it is zero in places only, it does. And zero is no sign that anything is kept between calls."""
    assert relation(_wrong(lambda right: 0.0 * right.value), "gradient") == "gradient_zero#decoder.0.weight"
    places = _wrong(lambda right: np.where(np.abs(right.value) > 0.5, 0.0, right.value))
    assert relation(places, "gradient") == "result_zero#decoder.0.weight"


KEPT = ("only_again#", "only_trained#", "only_learning#", "divisor_remembered#rows.mean()#3", "only_later#")
NOT_KEPT = ("gradient_zero#w", "result_zero#w", "only_decode_of_any#", "only_encode#", "only_method#interpolate", "only_total#")


def test_that_something_is_kept_is_said_only_where_a_later_call_shows_it() -> None:
    """A hint sends nobody to look for what the answers give no sign of."""
    for words, language in (("one call to the next", "en"), ("호출 사이", "ko")):
        assert [id for id in (*KEPT, *NOT_KEPT) if words in (text_in(language, id, "hint") or "")] == list(KEPT)


def _begun(offset: Callable[[Expected], Array | float]) -> list[Evidence]:
    """Failing runs of training after which what momentum holds is off by that much."""

    def change(name: str, right: Expected) -> Array:
        value = right.value + offset(right) if name.startswith(AGAIN) and name.endswith("/velocity") else right.value
        return value + 1.0 if name == "losses" else value

    return [answer for answer in _answers("training", change) if not answer.agrees]


@pytest.mark.slow
def test_what_an_optimizer_begins_with_is_read_off_its_first_step() -> None:
    """One number in every element and case; not where it is right, nor where the elements differ."""
    evidence = [a for a in _begun(lambda right: 0.125) if any(name.endswith("/velocity") for name in a.expected)]
    assert begun_elsewhere("training", evidence) == "state_more#velocity#0.125"
    assert begun_elsewhere("training", _begun(lambda right: 0.0)) is None
    assert begun_elsewhere("training", _begun(lambda right: 0.125 * right.value)) is None


def _second_training(budgets: float) -> list[Evidence]:
    """Of two cases one element of the second training, all else being right."""
    moved = []

    def change(name: str, right: Expected) -> Array:
        value = np.array(right.value)
        if name == f"{AGAIN}decoder.0.weight" and len(moved) < 2:
            moved.append(name)
            value.flat[0] += budgets * np.broadcast_to(right.allowed, value.shape).flat[0]
        return value

    return _answers("training", change)


@pytest.mark.slow
def test_a_few_budgets_are_no_mistake() -> None:
    """Of what is hardly wrong nothing is said but by how much; from where known mistakes are recognised on, which part is wrong."""
    spec, target = catalogue()[MODEL], Target("somebody", "numpy", dtype="float32")
    little = diagnose(spec, target, "training", _second_training(1.5))
    assert little is not None
    assert [match.ids for match in little.matches] == [("few_budgets#1.5",)]
    assert "1.5 times what roundings may make" in little.sentence
    assert "1.5배" in (text_in("ko", "few_budgets#1.5", "sentence") or "")
    assert text_in("en", "few_budgets#1.5", "hint") != text_in("en", "only_again#", "hint")
    much = diagnose(spec, target, "training", _second_training(1.5 * EXPLANATION_ROOM))
    assert much is not None
    assert [match.ids for match in much.matches] == [("only_again#",)]


@pytest.mark.slow
def test_what_a_result_is_needs_no_remark_on_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many mistakes were not tried is said where one of them may be another explanation, not where the answers are described."""
    monkeypatch.setattr(model_search, "EFFORT_FOR_SINGLES", 5)
    spec, target = catalogue()[MODEL], Target("somebody", "numpy", dtype="float32")
    for budgets in (1.5, 1.5 * EXPLANATION_ROOM):
        diagnosis = diagnose(spec, target, "training", _second_training(budgets))
        assert diagnosis is not None
        assert "not tried" not in diagnosis.sentence


def test_whole_numbers_are_never_nearly_right() -> None:
    """Off by one is two of their budgets."""
    answers = _answers("value", lambda name, right: right.value + (right.value == 0), "pad_sequences")
    assert {answer.comparison.budget_used for answer in answers} >= {2.0}
    assert few_budgets([answer for answer in answers if not answer.agrees]) is None
    assert few_budgets([]) is None
