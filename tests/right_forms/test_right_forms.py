"""What libraries offer and sources print passes, as it is written there."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.errors import NotRun
from reference.specification import catalogue
from tests.right_forms.form import Form
from tests.right_forms.origins import OUR_OWN
from tests.right_forms.pool import pool

SEEDS, EXAMPLES = (0, 7), 24
OF_MODELS = (0,), 8  # a case of a model takes as long as a hundred of a formula
FORMS = sorted(pool(), key=lambda form: form.spec)  # in a row, so that what is right is made once for all forms of a specification


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.spec}-{form.framework}-{form.name}")
def test_a_right_form_does_not_fail(form: Form) -> None:
    """It passes, perhaps with a remark, on cases of two seeds; many more are asked by `python -m tests.right_forms`."""
    seeds, examples = OF_MODELS if catalogue()[form.spec].kind == "model" else (SEEDS, EXAMPLES)
    for seed in seeds:
        try:
            verdicts = list(form.asked(seed, examples))
        except NotRun as reason:
            pytest.skip(str(reason))
        assert {verdict.outcome for verdict in verdicts} <= {"passed", "unsupported"}
        assert any(verdict.outcome == "passed" for verdict in verdicts)


def test_the_pool_is_wide() -> None:
    """More than two hundred forms, each once; several of every formula, and every model."""
    names = Counter((form.spec, form.framework, form.name) for form in FORMS)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(FORMS) >= 200
    of_spec = Counter(form.spec for form in FORMS)
    assert {spec.name for spec in catalogue().values() if spec.kind == "function" and of_spec[spec.name] < 5} == set()
    assert {name for name in catalogue() if of_spec[name] == 0} == set()


def test_most_of_the_pool_is_not_ours() -> None:
    """At least half are a library's or a source's, and what is said to be ours is there."""
    names = {(form.spec, f"{form.framework}:{form.name}") for form in FORMS}
    ours = {(spec, name) for spec, of_spec in OUR_OWN.items() for name in of_spec}
    assert ours <= names
    assert 2 * len(ours) <= len(names)
