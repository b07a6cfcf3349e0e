"""A variant that costs nothing has every point of what follows from it, and a remark in the language of the assignment."""

from __future__ import annotations

import pytest

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback.feedback_text import check_text
from conformance.grading.feedback.visibility import Presentation
from tests.grading.in_process_workers import RIGHT, asked, assignment

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # in the submissions
TASK = "[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }\nvariants = { mean_latent = 1.0 }"
MEAN = RIGHT.replace(".sum(axis=1)", ".mean(axis=1)", 1).replace(
    'if reduction == "mean" else 1)', 'if reduction == "mean" else 1) / mean.shape[1]', 1
)
LITERAL = MEAN.replace("(np.expm1(log_var) - log_var)", "np.exp(log_var) - 1 - log_var")
SENTENCES = {
    "en": "The divergence is averaged over the latent dimensions. This is the variant mean_latent",
    "ko": "변형 mean_latent",
}


@pytest.mark.parametrize("source", [MEAN, LITERAL])
def test_a_variant_that_costs_nothing_has_every_point(source: str) -> None:
    """In whatever form; of the gradient too, which is compared with the variant's."""
    checks = asked(assignment(TASK, cases=40), source)
    assert {part: (check.outcome, check.points) for part, check in checks.items()} == {
        "value": ("passed", 2),
        "gradient": ("passed", 1),
        "edges": ("passed", 1),
    }
    assert all(check.remarks for check in checks.values())


@pytest.mark.slow
def test_a_gradient_that_is_not_the_variants_is_wrong() -> None:
    """Twice what it should be, beside the value of the variant."""
    checks = asked(assignment(TASK, cases=40), MEAN.replace("weight * mean,", "2 * weight * mean,"))
    assert {part: check.points for part, check in checks.items()} == {"value": 2, "gradient": 0, "edges": 1}


def test_a_share_is_that_of_the_variant_in_a_literal_form_too() -> None:
    """The form itself costs nothing."""
    checks = asked(assignment(TASK.replace("1.0", "0.5"), cases=40), LITERAL)
    assert {part: check.points for part, check in checks.items()} == {"value": 1, "gradient": 0.5, "edges": 0.5}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_remark_names_the_variant(language: Language) -> None:
    """In either language."""
    value = asked(assignment(TASK, cases=40), MEAN)["value"]
    assert SENTENCES[language] in check_text(value, Presentation(language)).sentence
