"""What is said of a submission is true of it: no mistake that it did not make, no error of the grader's, and where its own errors are."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from conformance.grading.feedback.feedback_text import CheckText, FeedbackText, check_text, feedback_text
from conformance.grading.feedback.html import feedback_page
from conformance.grading.feedback.markdown import as_markdown
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Check
from conformance.respondent.responses import Raised
from reference.specification import catalogue
from tests.grading.grades import graded
from tests.grading.in_process_workers import RIGHT, asked, assignment, in_process_subject

pytestmark = pytest.mark.filterwarnings(
    "ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning"
)  # in the submissions
VAE = assignment("[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }\nvariants = { naive_cancellation = 0.5 }")
TOKENIZER = assignment("[specs.CharTokenizer]\npoints = { value = 2 }")
NAIVE = RIGHT.replace("(np.expm1(log_var) - log_var)", "np.exp(log_var) - 1 - log_var")
_SIGNATURE = "def vae_kl_loss(mean, log_var, reduction='mean'):\n    "
COUNTED = RIGHT.replace("def vae_kl_loss(mean", "calls = [0]\ndef vae_kl_loss(mean").replace(
    'reduction="mean"):\n    each = 0.5', 'reduction="mean"):\n    calls[0] += 1\n    each = (1 if calls[0] > USUAL else 0.5)', 1
)


def _ids(check: Check) -> list[tuple[str, ...]]:
    return [match.ids for match in check.matches]


def _tokenizer(vocabulary: str = "{'a': 1}", encode: str = "[[1]]", decode: str = "['a']") -> str:
    return (
        "class CharTokenizer:\n    def __init__(self, lower=True, oov_token=None, num_chars=None): pass\n"
        f"    def fit(self, texts): return self\n    vocabulary = {vocabulary}\n"
        f"    def encode(self, texts): return {encode}\n    def decode(self, sequences): return {decode}\n"
    )


def _said(check: Check, language: str = "en") -> tuple[CheckText, FeedbackText]:
    shown = Presentation(language)  # type: ignore[arg-type]
    return check_text(check, shown), feedback_text(graded("x", check), shown)


@pytest.mark.parametrize("hash", [character * 64 for character in "0123456789abcdef"])
def test_lost_digits_on_delicate_inputs_are_no_wrong_gradient(hash: str) -> None:
    """In single precision, a little beyond what is allowed: what explains nothing of that is not said."""
    edges = asked(VAE, NAIVE, hash, "float32")["edges"]
    assert (edges.outcome, edges.points, _ids(edges)) in [("passed", 1.0, []), ("failed", 0.5, [("naive_cancellation",)])]


def test_what_the_usual_cases_contradict_does_not_explain_the_delicate_ones() -> None:
    """Twice the value, but only once the usual cases are over: no mistake of the catalogue does that."""
    usual: dict[str, object] = {"USUAL": 10**9}
    exec(COUNTED, usual)
    given = VAE.model_copy(update={"specs": {"vae_kl_loss": VAE.specs["vae_kl_loss"].model_copy(update={"points": {"value": 1}})}})
    assert asked(given, usual)["value"].outcome == "passed"
    (calls,) = usual["calls"]  # type: ignore[misc]
    late: dict[str, object] = {"USUAL": calls}
    exec(COUNTED, late)
    checks = asked(VAE, late)
    assert {part: check.outcome for part, check in checks.items()} == {"value": "passed", "gradient": "passed", "edges": "failed"}
    assert _ids(checks["edges"]) == []


def test_of_what_never_answers_nothing_is_said_to_work() -> None:
    """Neither square arrays nor anything else; what is only not written yet is said to be that, in both languages."""
    raising = asked(VAE, _SIGNATURE + "raise ValueError('no')")["value"]
    assert _ids(raising) == [("always_raises",)]
    unwritten = asked(VAE, _SIGNATURE + "raise NotImplementedError('vae_kl_loss')")["value"]
    assert (unwritten.outcome, _ids(unwritten)) == ("crashed", [])
    for language, words, heading in (("en", "not written yet", "The mistake"), ("ko", "아직 작성되지 않", "틀린 점")):
        item, feedback = _said(unwritten, language)
        assert words in item.status
        assert words in item.sentence
        assert (item.input, item.explanations) == ("", ())
        for text in (as_markdown(feedback), feedback_page(feedback)):
            assert words in text
            assert heading not in text


def test_not_written_is_said_in_whatever_dtype() -> None:
    """Where several are asked the message begins with one; an import that fails so is another matter."""
    unwritten = asked(VAE, _SIGNATURE + "raise NotImplementedError")["value"]
    inspected, _ = _said(unwritten.model_copy(update={"message": "float32: " + unwritten.message}))
    assert inspected.status == "not written yet"
    failed_import = asked(VAE, in_process_subject({}, response=Raised("NotImplementedError", "")))["value"]  # type: ignore[arg-type]
    inspected, _ = _said(failed_import)
    assert (failed_import.message, inspected.status) == ("import: raised NotImplementedError: ", "crashed")


def test_what_is_not_written_is_still_known_when_the_grade_is_read_again() -> None:
    """The symptom stands in grade.json, where no answer came, and nowhere else; without it a grade reads as before."""
    unwritten = asked(VAE, _SIGNATURE + "raise NotImplementedError")["value"]
    wrong = asked(VAE, RIGHT.replace("0.5 * (mean * mean", "0.5 * (7.7 * mean * mean"))["value"]
    written = [check.model_dump_json() for check in (unwritten, wrong)]
    assert ['"symptom"' in text for text in written] == [True, False]
    assert [Check.model_validate_json(text) for text in written] == [unwritten, wrong]
    assert _said(Check.model_validate_json(written[0]))[0].status == "not written yet"
    with pytest.raises(ValidationError, match="symptom"):
        Check.model_validate_json(written[0].replace('"not_written"', '"raised NotImplementedError"'))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ko"])
def test_where_no_mistake_is_known_none_is_said(language: str) -> None:
    """Not the words of the diagnosis, which are for whoever works on the catalogue."""
    wrong = asked(VAE, RIGHT.replace("0.5 * (mean * mean", "0.5 * (7.7 * mean * mean - 0.3 * mean"))["value"]
    assert (wrong.outcome, _ids(wrong)) == ("failed", [])
    assert "no known mistake" in wrong.diagnosis
    _, feedback = _said(wrong, language)
    for text in (as_markdown(feedback), feedback_page(feedback)):
        assert not any(words in text for words in ("no known mistake", "unexplained", "The mistake", "틀린 점"))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (_tokenizer("None"), "its vocabulary is NoneType, expected a dict"),
        (_tokenizer(encode="None"), "encode returned NoneType, expected a list of lists of int"),
        (_tokenizer(encode="'ab'"), "encode returned str, expected a list of lists of int"),
    ],
)
def test_a_tokenizer_that_returns_nothing_has_not_raised(source: str, sentence: str) -> None:
    """It is the grader that would have stumbled over it."""
    checks = asked(TOKENIZER, source)["value"]
    assert (checks.outcome, checks.message) == ("failed", sentence)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["inference", "activations", "loss_terms", "gradients"])
def test_a_model_that_returns_nothing_has_not_raised_either(method: str) -> None:
    """Each of its methods."""
    right = catalogue()["StackedAutoencoder"].evaluate
    offered = type("StackedAutoencoder", (right,), {method: lambda self, *args, **batch: None})
    checks = asked(
        assignment("[specs.StackedAutoencoder]\npoints = { activations = 1, value = 1, gradient = 1 }"), {offered.__name__: offered}
    )
    wrong = [check for check in checks.values() if check.outcome == "failed"]
    assert [check.message for check in wrong] == [f"{method} returned NoneType, expected a dict"]


@pytest.mark.slow
def test_a_builder_is_only_suggested_where_one_will_do() -> None:
    """Where a plain model cannot be judged its name is not given, and whoever hands one in is told why."""
    for name in ("DenoisingAutoencoder", "VariationalAutoencoder", "ContractiveAutoencoder", "HybridClassifier"):
        given = assignment(f"[specs.{name}]\npoints = {{ activations = 1 }}")
        assert asked(given, RIGHT)["activations"].message == f"names: expected {name}, found none"
    given = assignment("[specs.VariationalAutoencoder]\npoints = { activations = 1 }")
    checks = asked(given, "def build_variational_autoencoder(sizes=(784, 150, 100)):\n    return None")["activations"]
    reason = "a plain model draws its noise itself and shows neither mean nor log_var; write the class of the contract for it"
    assert (checks.outcome, checks.message) == ("failed", f"VariationalAutoencoder: {reason}")
