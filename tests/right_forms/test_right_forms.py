"""What libraries offer and sources print passes, as it is written there."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.errors import NotRun
from reference.specification import catalogue
from tests.right_forms.form import Form
from tests.right_forms.pool import pool

SEEDS, EXAMPLES = (0, 7), 24
FORMS = pool()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.spec}-{form.framework}-{form.name}")
def test_a_right_form_does_not_fail(form: Form) -> None:
    """It passes, perhaps with a remark, on cases of two seeds; many more are asked by `python -m tests.right_forms`."""
    for seed in SEEDS:
        try:
            verdicts = list(form.asked(seed, EXAMPLES))
        except NotRun as reason:
            pytest.skip(str(reason))
        assert {verdict.outcome for verdict in verdicts} <= {"passed", "unsupported"}
        assert any(verdict.outcome == "passed" for verdict in verdicts)


def test_the_pool_is_wide() -> None:
    """More than a hundred forms, each once; several of every formula, and some of the rest."""
    names = Counter((form.spec, form.framework, form.name) for form in FORMS)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(FORMS) >= 100
    of_spec = Counter(form.spec for form in FORMS)
    assert {spec.name for spec in catalogue().values() if spec.kind == "function" and of_spec[spec.name] < 5} == set()
