"""Every implementation agrees with the reference on whatever Hypothesis draws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases import counterexamples
from conformance.cases.case import Case, known_cases, realistic_cases
from conformance.cases.hypothesis_strategies import cases
from conformance.judging import verify
from conformance.judging.expectation import Expectation, expect
from conformance.judging.plan import Plan
from conformance.judging.verify import check
from conformance.respondent.frameworks import HALF_PRECISION
from conformance.respondent.responses import Returned, Unsupported
from conformance.targets.subject import Subject
from reference.specification import Quantity, Spec, catalogue

SPECS = list(catalogue().values())
SECONDS = 60.0
# Larger answers are not kept: a model of full size has a hundred times the numbers of a drawn one.
_MOST_NUMBERS = 20_000
_expectations: dict[str, Mapping[Quantity, Expectation]] = {}


def _expect_once(spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
    """The same cases are drawn for every target of a dtype, and what is right does not depend on the target."""
    if not case.holds_model or sum(np.size(weight) for weight in case.model.weights.values()) > _MOST_NUMBERS:
        return expect(spec, case)
    if case.id not in _expectations:
        _expectations[case.id] = expect(spec, case)
    return _expectations[case.id]


@pytest.fixture(autouse=True)
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "expect", _expect_once)


def _agrees(subject: Subject, spec: Spec, case: Case) -> None:
    target = subject.target
    for quantity, (response, comparison) in check(subject, spec, case, SECONDS).items():
        if isinstance(response, Unsupported) and target.dtype in HALF_PRECISION:
            continue
        if isinstance(response, Returned) and comparison is not None and comparison.agrees:
            continue
        counterexamples.keep(case)
        why = comparison.problem or comparison.worst if comparison else response.sentence  # type: ignore[union-attr]
        again = f"conformance reproduce {case.id} --target {target.module} --device {target.device} --mode {target.mode}"
        pytest.fail(f"{spec.name} {quantity} on {target.label}: {why}\n{again}", pytrace=False)


def _examples(spec: Spec, subject: Subject) -> int:
    return Plan((spec,), (subject.target,), examples=settings().max_examples).examples_for(spec, subject.target)


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_drawn_cases(spec: Spec, subject: Subject) -> None:
    """Value, gradient, activations and training agree on drawn cases."""

    @settings(max_examples=_examples(spec, subject))
    @given(st.data())
    def agrees(data: st.DataObject) -> None:
        _agrees(subject, spec, data.draw(cases(spec, subject.target.dtype)))

    agrees()


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_known_and_real_cases(spec: Spec, subject: Subject) -> None:
    """The published answers are reproduced, and real data agrees."""
    dtype = subject.target.dtype
    for case in (*known_cases(spec, dtype), *realistic_cases(spec, dtype)):
        _agrees(subject, spec, case)
