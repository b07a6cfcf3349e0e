"""Literal forms in a grade: all points and a remark, unless the assignment asks for precision; and parts that NumPy cannot have."""

from __future__ import annotations

import pytest

from conformance.errors import InvalidAssignment
from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback.feedback_text import check_text, feedback_text
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Check
from tests.grading.grades import graded
from tests.grading.in_process_workers import RIGHT, asked, assignment

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # in the submissions
LITERAL = RIGHT.replace("(np.expm1(log_var) - log_var)", "np.exp(log_var) - 1 - log_var")
POINTS = "[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }\n"
SENTENCES = {"en": "loses digits near γ = 0", "ko": "γ = 0 근처에서 유효숫자를 잃습니다"}


def _points(checks: dict[str, Check]) -> dict[str, tuple[str, float | None, float]]:
    return {part: (check.outcome, check.points, check.max_points) for part, check in checks.items()}


def test_the_printed_equation_has_every_point_and_a_remark() -> None:
    """In the order of the parts; the gradient loses no digits."""
    checks = asked(assignment(POINTS, cases=40), LITERAL)
    assert _points(checks) == {"value": ("passed", 2, 2), "gradient": ("passed", 1, 1), "edges": ("passed", 1, 1)}
    remarks = [remark.form for check in checks.values() for remark in check.remarks]
    assert remarks
    assert set(remarks) == {"naive_cancellation"}
    assert checks["gradient"].remarks == ()


@pytest.mark.parametrize(("asks", "points"), [("strict = true", 0.0), ("variants = { naive_cancellation = 0.75 }", 0.75)])
def test_an_assignment_may_ask_for_precision(asks: str, points: float) -> None:
    """By a word, or by a share of the points for the form."""
    checks = asked(assignment(POINTS + asks, cases=40), LITERAL)
    wrong = [check for check in checks.values() if check.outcome == "failed"]
    assert [check.points for check in wrong] == [points * check.max_points for check in wrong] != []
    assert all(check.remarks == () for check in checks.values())


def test_a_mistake_is_no_literal_form() -> None:
    """Half of it missing, in the literal form: no point, in spite of the wider budget."""
    checks = asked(assignment(POINTS, cases=40), LITERAL.replace("0.5 * (mean", "(mean"))
    assert {check.points for check in checks.values()} == {0.0}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_remark_is_read_by_whoever_wrote_it(language: Language) -> None:
    """In the language of the assignment, beside what passed."""
    remarked = next(check for check in asked(assignment(POINTS, cases=40), LITERAL).values() if check.remarks)
    shown = Presentation(language)
    assert SENTENCES[language] in check_text(remarked, shown).sentence
    assert [check.sentence for check in feedback_text(graded("x", remarked), shown).checks_to_look_at]
    assert Check.model_validate_json(remarked.model_dump_json()) == remarked


def test_numpy_without_a_gradient_is_not_asked_for_one() -> None:
    """The other parts share its points, so that the whole is worth as much."""
    checks = asked(assignment(POINTS, cases=40), RIGHT.replace("def vae_kl_loss_vjp", "def other"))
    assert {part: (c.outcome, c.points) for part, c in checks.items()} == {"value": ("passed", 8 / 3), "edges": ("passed", 4 / 3)}


def test_nothing_but_a_gradient_is_asked_all_the_same() -> None:
    """Where no other part could have the points, the gradient is missing and costs them."""
    checks = asked(assignment("[specs.vae_kl_loss]\npoints = { gradient = 1 }"), RIGHT.replace("def vae_kl_loss_vjp", "def other"))
    assert _points(checks)["gradient"][1:] == (0.0, 1.0)


def test_an_assignment_says_which_options_it_asks() -> None:
    """Only the mean is asked: a loss without the argument has every point; without the line it is refused."""
    alone = RIGHT.replace('mean, log_var, reduction="mean"):', 'mean, log_var):\n    reduction = "mean"', 2)
    limited = asked(assignment(POINTS + 'options = { reduction = ["mean"] }'), alone)
    assert {check.outcome for check in limited.values()} == {"passed"}
    assert "takes no 'reduction'" in next(iter(asked(assignment(POINTS), alone).values())).message


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ('{ reduce = ["mean"] }', "options.reduce: expected an option"),
        ('{ reduction = ["men"] }', "expected values of reduction among"),
    ],
)
def test_options_must_exist(options: str, sentence: str) -> None:
    """One line for each mistake."""
    with pytest.raises(InvalidAssignment, match=sentence):
        assignment(f"{POINTS}options = {options}")
