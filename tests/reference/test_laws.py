"""The laws and known answers of every specification, on the reference itself.

A law's two sides are computed by calling `evaluate`; with the error scale in its place the same law gives the scale of each side.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from conformance.tolerance import allowed_error
from reference.specification import Law, Spec, catalogue
from tests.reference.agreement import allowed_value, budget_use, terms_summed, worst_over
from tests.reference.points import FORMULAS, points

LAWS = [pytest.param(catalogue()[name], law, id=f"{name}-{law.sentence}") for name in FORMULAS for law in catalogue()[name].laws]
ANSWERS = [pytest.param(s, a, id=f"{s.name}-{i}") for s in catalogue().values() for i, a in enumerate(s.known_answers)]


def excess(spec: Spec, law: Law, inputs) -> tuple[np.ndarray, np.ndarray]:
    """By how much a law is broken, and by how much rounding may break it."""
    left, right = law.sides(spec.evaluate, inputs)
    scales = law.sides(spec.error_scale, inputs)
    difference = np.asarray(left) - np.asarray(right)
    broken = np.maximum(-difference, 0.0) if law.relation == ">=" else np.abs(difference)
    # Stating samples twice doubles the terms.
    length = 2 * terms_summed(spec.name, inputs)
    return broken, sum(allowed_error(np.abs(scale), "float64", spec.roundings, length) for scale in scales)


@pytest.mark.slow
@pytest.mark.parametrize(("spec", "law"), LAWS)
def test_law_holds(spec, law):
    """The law holds at every point within the budgets of its two sides."""
    worst = worst_over(points(spec.name), lambda _, inputs: budget_use(*excess(spec, law, inputs)))
    assert worst.use <= 1, str(worst)


@pytest.mark.parametrize(("spec", "law"), LAWS)
def test_law_can_fail(spec, law):
    """No law is empty: a function that answers with noise breaks it."""
    rng = np.random.default_rng(0)

    def noise(**inputs):
        return rng.normal(size=np.shape(spec.evaluate(**inputs)))

    def use_at(_, inputs):
        left, right = law.sides(noise, inputs)
        difference = np.asarray(left) - np.asarray(right)
        return float(np.max(-difference if law.relation == ">=" else np.abs(difference)))

    # `0 · f` hides the value by intent; such a law still compares its other side.
    assert worst_over(itertools.islice(points(spec.name), 40), use_at).use > 0.1


@pytest.mark.parametrize(("spec", "answer"), [p for p in ANSWERS if p.values[0].kind == "function"])
def test_known_answer_is_reproduced(spec, answer):
    """A published or hand-derived answer is reproduced within one error budget, exactly where there is no scale."""
    actual = spec.evaluate(**answer.inputs)
    assert np.shape(actual) == np.shape(answer.value)
    allowed = allowed_value(spec, answer.inputs) if spec.error_scale else 0.0
    assert budget_use(np.abs(actual - answer.value), allowed) <= 1
    assert np.asarray(actual).dtype == (np.asarray(answer.value).dtype if spec.name == "pad_sequences" else np.float64)


@pytest.mark.parametrize(("spec", "answer"), [p for p in ANSWERS if p.values[0].kind == "tokenizer"])
def test_known_vocabulary_is_reproduced(spec, answer):
    """A published vocabulary is reproduced, ids and order."""
    options = {k: v for k, v in answer.inputs.items() if k not in ("texts", "unseen")}
    vocabulary = spec.evaluate(**options).fit(answer.inputs["texts"]).vocabulary
    assert list(vocabulary.items()) == list(answer.value["vocabulary"].items())


def test_every_formula_has_laws_and_known_answers():
    """Every formula states at least two laws and one known answer."""
    assert all(len(catalogue()[name].laws) >= 2 and catalogue()[name].known_answers for name in FORMULAS)
