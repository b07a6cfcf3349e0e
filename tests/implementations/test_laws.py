"""The laws of every formula hold for the implementations too, without asking the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.drawing import defaults_of
from conformance.cases.hypothesis_strategies import cases
from conformance.targets.subject import LocalSubject, question_of
from conformance.tolerance import LARGEST, allowed_error, round_to
from reference.domains import Bits, Reals
from reference.specification import Law, Spec, catalogue

LAWS = [(spec, law) for spec in catalogue().values() for law in spec.laws]


@pytest.mark.slow
@pytest.mark.parametrize(("spec", "law"), LAWS, ids=lambda x: getattr(x, "name", None) or x.sentence.replace(" ", "-"))
def test_law_holds(spec: Spec, law: Law, subject: LocalSubject) -> None:
    """Both sides of the law, computed by the implementation alone, are within the error budgets of all values in them."""
    dtype = subject.target.dtype

    @given(st.data())
    def holds(data: st.DataObject) -> None:
        case = data.draw(cases(spec, dtype))
        scales: list[float] = []

        def evaluate(**inputs: Any) -> np.ndarray:
            reals = {n: round_to(inputs[n], dtype) for n, d in spec.inputs.items() if isinstance(d, (Reals, Bits))}
            assert spec.error_scale is not None
            scales.append(float(np.max(spec.error_scale(**{**inputs, **reals}))))
            tensors = {n: subject.framework.to_tensor(a, dtype, subject.target.device) for n, a in reals.items()}
            value = subject.respondent.offered(question_of(spec, case))(**{**inputs, **tensors})
            return subject.framework.to_output(value).array.astype(np.float64)

        # A law speaks of every argument, also of one that the case leaves out.
        left, right = law.sides(evaluate, {**defaults_of(spec), **case.inputs})
        length = 2 * max(np.size(v) for v in case.inputs.values())
        budget = allowed_error(sum(scales), dtype, spec.roundings, length)
        if max(scales) * length >= LARGEST[dtype]:
            return  # a sum may overflow on one side and not on the other
        difference = np.asarray(left) - np.asarray(right)
        assert np.all(difference >= -budget), law.sentence
        assert law.relation == ">=" or np.all(difference <= budget), law.sentence

    holds()
