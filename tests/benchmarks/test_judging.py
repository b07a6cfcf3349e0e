"""How fast cases are judged: drawing, expectation, the target's answer and its gradient, comparison.

`pytest -n 0 tests/benchmarks` prints the table. One round judges 100 cases of one formula, value and gradient.
"""

from __future__ import annotations

from typing import Any

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import cases
from conformance.judging.expectation import expect
from conformance.judging.verify import judge
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from reference.specification import Spec, catalogue

pytestmark = pytest.mark.slow

FORMULAS = [spec for spec in catalogue().values() if spec.vjp is not None]
CASES = 100


@pytest.mark.parametrize("spec", FORMULAS, ids=lambda s: s.name)
def test_judging_torch(spec: Spec, benchmark: Any) -> None:
    """A hundred fresh cases of a formula, value and gradient, on impl_torch."""
    subject = LocalSubject.of(Target("impl_torch", "torch"))
    seeds = iter(range(10**6))

    def judged() -> list[str]:
        prepared = [(case, expect(spec, case)) for case in cases(spec, "float32", next(seeds), CASES)]
        return [verdict.outcome for verdict in judge(subject, spec, prepared, seconds=10.0)]

    assert benchmark(judged) == ["passed", "passed"]
    benchmark.extra_info["cases a round"] = CASES
