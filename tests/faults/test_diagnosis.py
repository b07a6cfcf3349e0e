"""The mistake that was made is the mistake that is named; of two at once both are; and it takes no time that anybody notices.

All figures are measured by `conformance audit --diagnosis`; here a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from conformance.audit.diagnosis_accuracy import DiagnosedMistake, Figures, _subject, pairs, tried
from conformance.cases.case import Case, cases
from conformance.diagnosis.description import describe
from conformance.diagnosis.diagnosis import diagnose, suspects
from conformance.diagnosis.formula_search import predicted
from conformance.faults.catalogue import entries
from conformance.faults.changed.reference import REFUSING_NOTHING
from conformance.faults.fault import Fault
from conformance.judging.compare import compare, compare_response
from conformance.judging.expectation import Expectation, Expected, expect
from conformance.judging.verdicts import Diagnosis, Evidence
from conformance.respondent.responses import Output, Raised, Response, Returned
from conformance.targets.target import Target
from reference.specification import Quantity, catalogue
from tests.faults.examinations import examination

FAULTS = list(entries().values())
FUNCTIONS = [spec for spec in catalogue().values() if spec.kind != "model"]
MODELS = [spec for spec in catalogue().values() if spec.kind == "model"]
ONE_OF, PAIRS = 6, 3
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what a mistake divides by is its own affair


def _named(ids: Sequence[str], spec: str, dtype: str = "float64") -> tuple[Quantity, set[str], str]:
    result = examination(spec, dtype).diagnosed(tuple(entries()[id] for id in ids))
    assert result is not None
    quantity, diagnosis, _ = result
    return quantity, set(suspects(diagnosis)), diagnosis.sentence


def _alone(faults: Sequence[Fault], spec: str, dtype: str = "float64") -> list[DiagnosedMistake]:
    return [naming for fault in faults if (naming := examination(spec, dtype).of_one(fault)) is not None]


@pytest.mark.slow
def test_a_mistake_in_a_formula_is_named() -> None:
    """Of those that show, nearly all are named first; of two both."""
    alone, double = [], []
    for spec in FUNCTIONS:
        diagnoses = _alone(tried(FAULTS, spec)[::2], spec.name)
        alone += diagnoses
        double += pairs(examination(spec.name), diagnoses, FAULTS, PAIRS, 0)
    figures = Figures("formulas", alone, double)
    assert figures.recognised, [naming for naming in (*alone, *double) if not naming.named]


@pytest.mark.slow
def test_a_mistake_in_single_precision_is_named() -> None:
    """Where rounding blurs what a mistake predicts it is still recognised."""
    numeric = [spec for spec in FUNCTIONS if spec.error_scale is not None]
    alone = [naming for spec in numeric for naming in _alone(tried(FAULTS, spec)[::ONE_OF], spec.name, "float32")]
    assert len(alone) > 30
    assert Figures("float32", alone, []).recognised, [naming for naming in alone if not naming.named]


@pytest.mark.slow
@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_a_mistake_in_a_model_is_named(spec) -> None:
    """A part of those that are at home in the model: each first."""
    alone = _alone(tried(FAULTS, spec)[::ONE_OF], spec.name)
    assert alone
    assert [naming for naming in alone if not naming.named] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "id"),
    [("vae_kl_loss", "half_missing"), ("kl_sparsity_loss", "features_axis"), ("pad_sequences", "padding_side"), ("CharTokenizer", "nfc"),
     ("reparameterize", "variance_as_std"), ("vae_kl_loss", "square_only"), ("vae_kl_loss", "no_gradient"),
     ("vae_kl_loss", "depends_on_chance"), ("vae_kl_loss", "remembers_calls"), ("reparameterize", "noise_drawn_inside")],
)  # fmt: skip
def test_a_well_known_fault_is_named(spec: str, id: str) -> None:
    """Each of the best known mistakes by name."""
    assert id in _named([id], spec)[1]


@pytest.mark.slow
@pytest.mark.parametrize("spec", ["vae_kl_loss", "LinearAutoencoder"])
def test_what_is_right_has_no_diagnosis(spec: str) -> None:
    """Nothing is said of answers that agree."""
    assert examination(spec).diagnosed(()) is None


@pytest.mark.parametrize("id", ["fails_single_sample", "fails_single_unit", "square_only", "always_raises"])
def test_where_it_raises_tells_faults_apart(id: str) -> None:
    """Of faults that raise, the one is named that raises on these cases and no other."""
    assert _named([id], "vae_kl_loss")[1] == {id}


def _evidence(quantity: Quantity, answer: Callable[[Case, Expectation], Response], name: str = "vae_kl_loss") -> list[Evidence]:
    """Answers to default cases in single precision."""
    spec, diagnoses = catalogue()[name], []
    for case in cases(spec, "float32", 0, 16):
        expected = expect(spec, case)[quantity]
        response = answer(case, expected)
        diagnoses.append(Evidence(case, expected, response, compare_response(expected, response, "cpu")))
    return diagnoses


def _diagnosed(quantity: Quantity, answer: Callable[[Case, Expectation], Response]) -> Diagnosis:
    spec, target = catalogue()["vae_kl_loss"], Target("m", "numpy", "cpu", "float32")
    diagnosis = diagnose(spec, target, quantity, _evidence(quantity, answer))
    assert diagnosis is not None
    return diagnosis


@pytest.mark.slow
def test_what_is_a_little_wrong_is_no_mistake_that_changes_nothing() -> None:
    """A mistake in the gradient predicts the right value, and with room for rounding also one that is just outside its budget."""

    def beside(case: Case, expected: Expectation) -> Response:
        expectation = expected["value"]
        assert isinstance(expectation, Expected)
        value = (expectation.value + 1.5 * expectation.allowed * ("edges" in case.flags)).astype(np.float32)
        return Returned({"value": Output(value, "float32", "cpu")})

    assert all(id.startswith("few_budgets") for id in suspects(_diagnosed("value", beside)))


def test_a_form_that_loses_digits_is_named_where_it_does() -> None:
    """The literal form in single precision, by the strict specification: its own errors, and no others."""
    spec, evidence = catalogue()["vae_kl_loss"].strict(), []
    (form,) = catalogue()["vae_kl_loss"].accepted
    for case in cases(spec, "float32", 0, 60):
        expected = expect(spec, case)["value"]
        inputs = {name: x.astype(np.float32) if isinstance(x, np.ndarray) else x for name, x in case.inputs.items()}
        response = Returned({"value": Output(np.asarray(form.evaluate(**inputs)), "float32", "cpu")})
        evidence.append(Evidence(case, expected, response, compare_response(expected, response, "cpu")))
    diagnosis = diagnose(spec, Target("m", "numpy", "cpu", "float32"), "value", evidence)
    assert set(suspects(diagnosis)) == {"naive_cancellation"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "id"), [("vae_kl_loss", "kl_default_sum"), ("kl_sparsity_loss", "epsilon_added")])
def test_a_mistake_must_show_where_the_answers_are_wrong(name: str, id: str) -> None:
    """One that changes some wrong answers and leaves others as they are, and one whose change stays within what is allowed."""
    fault, spec = entries()[id], catalogue()[name]

    def beside(case: Case, expected: Expectation) -> Response:
        expectation = expected["value"]
        assert isinstance(expectation, Expected)
        prediction = np.asarray(predicted((fault,), spec, "value", case)["value"]).reshape(expectation.value.shape)
        changed = not np.array_equal(prediction.astype(np.float32), expectation.value.astype(np.float32))
        if changed == (id == "epsilon_added"):
            return Returned({"value": Output((prediction + 1.5 * expectation.allowed).astype(np.float32), "float32", "cpu")})
        return Returned({"value": Output(prediction.astype(np.float32), "float32", "cpu")})

    evidence = _evidence("value", beside, name)
    if id == "epsilon_added":  # only where its change is within what is allowed, so that no wrong answer is one of its making
        evidence = [item for item in evidence if not _shows(fault, item)]
    target = Target("m", "numpy", "cpu", "float32")
    assert not all(element.agrees for element in evidence)
    assert id not in set(suspects(diagnose(spec, target, "value", evidence)))


def _shows(fault: Fault, item: Evidence) -> bool:
    prediction = predicted((fault,), catalogue()[item.case.spec], "value", item.case)["value"]
    output = Output(np.asarray(prediction), "float32", "cpu")
    return not compare(item.expected, {"value": output}, "cpu").agrees


def test_a_gradient_that_raises_is_no_function_that_does() -> None:
    """The value came, so the function can be called."""
    assert _diagnosed("gradient", lambda case, expected: Raised("ValueError", "no")).matches == ()


@pytest.mark.slow
def test_nobody_is_told_one_times_what_is_expected() -> None:
    """Wrong by less than a ratio shows."""

    def beside(case: Case, expected: Expectation) -> Response:
        expectation = expected["value"]
        assert isinstance(expectation, Expected)
        factor = factors[0] if np.abs(expectation.value).max() < 1e30 else 1
        return Returned({"value": Output((expectation.value * factor).astype(np.float32), "float32", "cpu")})

    factors = [3.0]
    assert "every wrong result is 3 times what is expected" in _diagnosed("value", beside).sentence
    factors = [1 + 1e-4]
    assert "times" not in _diagnosed("value", beside).sentence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "quantity", "id", "place"),
    [
        ("StackedAutoencoder", "activations", "dense_bias_twice", "coding"),
        ("StackedAutoencoder", "value", "loss_summed", "reconstruction"),
        ("StackedAutoencoder", "gradient", "tied_decoder_detached", "encoder.0.weight"),
        ("StackedAutoencoder", "training", "greedy_not_kept", "greedy/encoder.0.weight"),
        ("PretrainedClassifier", "training", "adam_epsilon_inside", "losses"),
        ("CharClassifier", "activations", "lstm_candidate_linear", "states"),
        ("VariationalAutoencoder", "value", "geron_784", "reconstruction"),
    ],
)
def test_the_mistake_is_named_and_so_is_its_place(spec: str, quantity: Quantity, id: str, place: str) -> None:
    """The only match is the mistake that was made, and the sentence begins with the first result that differs."""
    failing, named, sentence = _named([id], spec)
    assert (failing, named) == (quantity, {id})
    assert sentence.startswith(f"the first result that differs is `{place}`; matches the known ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "quantity", "ids"),
    [
        ("VariationalAutoencoder", "activations", ("decoder_hidden_linear", "vae_noise_left_out")),
        ("PretrainedClassifier", "training", ("adam_epsilon_inside", "momentum_sign")),
    ],
)
def test_two_mistakes_are_both_named(spec: str, quantity: Quantity, ids: tuple[str, ...]) -> None:
    """A pair of mistakes, one behind the other or each in other cases, is found."""
    failing, named, _ = _named(ids, spec)
    assert failing == quantity
    assert set(ids) <= named


@pytest.mark.parametrize(("seed", "text"), [(0, False), (1, True)], ids=["few", "many"])
def test_a_pattern_is_said_only_where_chance_would_hardly_make_it(seed: int, text: bool) -> None:
    """One case with one sample fails, or all of them: the number is said with it."""
    spec, evidence = catalogue()["vae_kl_loss"], []
    alone = 0
    for case in cases(spec, "float64", 0, 60):
        expected = expect(spec, case)["value"]
        right = expected["value"]
        assert isinstance(right, Expected)
        single = len(case.inputs["mean"]) == 1
        alone += single
        factor = 1.3 + 0.01 * alone if single and (text or alone == 1) else 1.0
        response = Returned({"value": Output(np.asarray(right.value * factor), "float64", "cpu")})
        evidence.append(Evidence(case, expected, response, compare_response(expected, response, "cpu")))
    sentence = describe(spec, "value", evidence).sentence
    assert ("only cases with one sample fail" in sentence) == text, sentence
    assert (f"of {alone}, and none of the {len(evidence) - alone} others" in sentence) == text, sentence


def test_digits_are_lost_to_both_sides() -> None:
    """Weight decay, smoothing and the like err a little too, but to one side."""

    def sentence(sides: tuple[float, ...]) -> str:
        def beside(case: Case, expected: Expectation) -> Response:
            right = expected["value"]
            assert isinstance(right, Expected)
            off = 1 + 1e-3 * sides[int(case.id[:4], 16) % 2] * (1 + int(case.id[4:6], 16) / 256)
            return Returned({"value": Output((right.value * off).astype(np.float32), "float32", "cpu")})

        return describe(catalogue()["vae_kl_loss"], "value", _evidence("value", beside)).sentence

    assert "digits are lost" in sentence((-1.0, 1.0))
    assert "digits are lost" not in sentence((1.0, 1.0))


def _answers_of(faults: tuple[Fault, ...], spec: str, quantity: Quantity) -> list[Evidence]:
    exam = examination(spec)
    return list(exam._evidence(_subject(faults, exam.spec, "float64"), quantity))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "quantity", "right", "id"),
    [
        ("LinearAutoencoder", "training", "gradient", "mse_gradient_detached"),
        ("StackedAutoencoder", "value", "activations", "dense_bias_twice"),
    ],
)
def test_nothing_is_named_that_contradicts_what_was_right(spec: str, quantity: Quantity, right: Quantity, id: str) -> None:
    """A gradient that is right is not cut off, though a training run that stands still looks like it."""
    wrong, target = _answers_of((entries()[id],), spec, quantity), Target("m", "numpy", "cpu")
    assert id in set(suspects(diagnose(catalogue()[spec], target, quantity, wrong)))
    beside: dict[Quantity, list[Evidence]] = {right: _answers_of((), spec, right)}
    assert id not in set(suspects(diagnose(catalogue()[spec], target, quantity, wrong, beside)))


THREADS = ("lstm_gates_igfo", "batch_taken_for_time", "contraction_mean_of_jacobian", "momentum_of_the_bias", "corrupted_target")


@pytest.mark.slow
@pytest.mark.parametrize("id", THREADS)
def test_what_threads_report_is_named(id: str) -> None:
    """Also what the reference itself would refuse to compute: a noisy target of cross-entropy lies outside [0, 1]."""
    fault = entries()[id]
    outcome = examination(fault.specs[0]).diagnosed((fault, REFUSING_NOTHING))
    assert outcome is not None
    assert id in set(suspects(outcome[1])), outcome[1].sentence
