"""Whatever a target does when it is asked becomes a response: it cannot stop the run, nor change a case under the others."""

from __future__ import annotations

from pathlib import Path

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Case, Recipe, draw, realistic_cases
from conformance.cases.profiles import ORDINARY
from conformance.respondent.interview import Question
from conformance.respondent.responses import NotSupported, ProtocolError, Raised, Response, Returned, TimedOut, Unsupported
from conformance.respondent.symptoms import Symptom
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target
from reference.specification import Quantity, catalogue
from tests.harness.submissions import answering, write


def _asked(folder: Path, source: str, name: str, framework: str = "numpy", case: Case | None = None) -> dict[Quantity, Response]:
    """The responses to one case, after making sure that the case is what it was."""
    spec = catalogue()[name]
    case = case or draw(spec, "float64", Recipe(ORDINARY, 4, 1))
    before = case.id
    responses = exercise(LocalSubject.of(Target(write(folder, source), framework, dtype="float64")), spec, case, 2.0)
    assert Case(case.spec, case.dtype, case.inputs, case.cotangent).id == before, "the case has changed"
    assert responses.keys() == set(spec.quantities)
    return responses


@pytest.mark.parametrize(("body", "response"), [
    ("raise ValueError('no\\nidea')", Raised("ValueError", "no")),
    ("raise ValueError", Raised("ValueError", "")),
    ("raise SystemExit(0)", Raised("SystemExit", "0")),
    ("raise Odd('own kind')", Raised("Odd", "own kind")),
    ("raise Mute", Raised("Mute", "")),
    ("while True: pass", TimedOut(0.2)),
    ("return None", ProtocolError("returned NoneType, expected a NumPy array or scalar", Symptom.RETURNED_NONE)),
    ("return np.array(['a'])", ProtocolError("returned an array of <U1, expected floating-point or whole numbers", Symptom.NO_NUMBERS)),
    ("return np.array(True)", ProtocolError("returned an array of bool, expected floating-point or whole numbers", Symptom.RETURNED_TRUTH)),
    ("return np.array(1j)", ProtocolError("returned an array of complex128, expected floating-point or whole numbers", Symptom.NO_NUMBERS)),
    ("return np.array([None])", ProtocolError("returned an array of object, expected floating-point or whole numbers", Symptom.NO_NUMBERS)),
    ("mean += 1; return right(mean, log_var, reduction)", ProtocolError("changed its input 'mean'", Symptom.CHANGED_INPUT)),
    ("log_var[...] = 0; return right(mean, log_var, reduction)", ProtocolError("changed its input 'log_var'", Symptom.CHANGED_INPUT)),
])  # fmt: skip
def test_what_a_function_may_do(body: str, response: Response, tmp_path: Path) -> None:
    """Exceptions of any kind, also one that cannot be described, no return, and results that are none, each under its own name."""
    odd = "class Odd(BaseException): pass\nclass Mute(Exception):\n    def __str__(self): raise RuntimeError('no words')\n"
    spec = catalogue()["vae_kl_loss"]
    subject = LocalSubject.of(Target(write(tmp_path, answering(body, odd)), "numpy", dtype="float64"))
    responses = exercise(subject, spec, draw(spec, "float64", Recipe(ORDINARY, 4, 1)), 0.2)
    assert responses == {"value": response, "gradient": response}


@pytest.mark.parametrize(("answer", "words"), [
    ("None", "vae_kl_loss_vjp returned NoneType, expected a dict"), ("{}", "no gradient reaches 'mean'"),
    ("{'mean': None, 'log_var': None}", "no gradient reaches"),
    ("{'mean': 1.0, 'log_var': 1.0}", "returned float"), ("[1]", "vae_kl_loss_vjp returned list, expected a dict"),
])  # fmt: skip
def test_what_a_gradient_may_be(answer: str, words: str, tmp_path: Path) -> None:
    """A gradient that is missing or no array is a protocol error; the value stands."""
    source = answering("return right(mean, log_var, reduction)") + f"\ndef vae_kl_loss_vjp(cotangent, **inputs): return {answer}\n"
    responses = _asked(tmp_path, source, "vae_kl_loss")
    assert isinstance(responses["value"], Returned)
    assert isinstance(responses["gradient"], ProtocolError)
    assert words in responses["gradient"].sentence


MUTATIONS = {
    "appends to its argument": ("pad_sequences", "sequences", """
from reference import pad_sequences as right
def pad_sequences(sequences, **options):
    result = right(sequences, **options)
    for row in sequences: row.append(7)
    return result
"""),
    "clears the list of sequences": ("pad_sequences", "sequences", """
from reference import pad_sequences as right
def pad_sequences(sequences, **options):
    result = right(sequences, **options)
    sequences.clear()
    return result
"""),
    "lowers the texts in place": ("CharTokenizer", "texts", """
from reference import CharTokenizer as Right
class CharTokenizer(Right):
    def fit(self, texts):
        texts[:] = [text.lower() + "!" for text in texts]
        return super().fit(texts)
"""),
    "trains the weights it was given": ("StackedAutoencoder", "weights", """
from reference import StackedAutoencoder as Right
class StackedAutoencoder(Right):
    def import_weights(self, weights):
        super().import_weights(weights)
        for value in weights.values(): value += 1
"""),
    "changes a training batch": ("StackedAutoencoder", "batches", """
from reference import StackedAutoencoder as Right
class StackedAutoencoder(Right):
    def training_steps(self, batches, **options):
        result = super().training_steps(batches, **options)
        batches[0]["inputs"] *= 0.5
        return result
"""),
    "drops a training batch": ("StackedAutoencoder", "batches", """
from reference import StackedAutoencoder as Right
class StackedAutoencoder(Right):
    def training_steps(self, batches, optimizer, learning_rate):
        result = super().training_steps(batches, optimizer, learning_rate)
        batches.pop()
        return result
"""),
}  # fmt: skip


@pytest.mark.parametrize(("name", "argument", "source"), MUTATIONS.values(), ids=MUTATIONS.keys())
def test_no_target_changes_a_case(name: str, argument: str, source: str, tmp_path: Path) -> None:
    """Lists, texts, weights and batches are the target's own copies: what it does to them reaches no other target."""
    _asked(tmp_path, source, name)


@pytest.mark.parametrize("mutation", ["appends to its argument", "clears the list of sequences", "lowers the texts in place"])
def test_changing_a_list_is_changing_an_input(mutation: str, tmp_path: Path) -> None:
    """A changed list is refused like a changed array."""
    name, argument, source = MUTATIONS[mutation]
    response = _asked(tmp_path, source, name)["value"]
    assert response == ProtocolError(f"changed its input {argument!r}", Symptom.CHANGED_INPUT)


def _model(method: str) -> str:
    """The reference's model with one method replaced."""
    return f"from reference import StackedAutoencoder as Right\nclass StackedAutoencoder(Right):\n    {method}\n"


@pytest.mark.parametrize(("body", "response"), [
    ("raise ValueError('no')", Raised("ValueError", "no")),
    ("return 1.0", ProtocolError("training_steps returned float, expected a list of float", Symptom.WRONG_TYPE)),
    ("return [1]", ProtocolError("training_steps returned list, expected a list of float", Symptom.WRONG_TYPE)),
    ("return (1.0,)", ProtocolError("training_steps returned tuple, expected a list of float", Symptom.WRONG_TYPE)),
])  # fmt: skip
def test_what_training_may_do(body: str, response: Response, tmp_path: Path) -> None:
    """A model that cannot be trained has been asked for everything before, and that stands."""
    source = _model(f"def training_steps(self, *a, **k): {body}")
    responses = _asked(tmp_path, source, "StackedAutoencoder")
    assert responses["training"] == response
    assert all(isinstance(responses[q], Returned) for q in ("value", "gradient", "activations"))


def test_weights_that_are_no_arrays(tmp_path: Path) -> None:
    """Exported weights are NumPy arrays, and nothing else."""
    source = _model("def export_weights(self): return {'w': [1.0]}")
    assert _asked(tmp_path, source, "StackedAutoencoder")["training"] == ProtocolError(
        "exported list, expected a NumPy array", Symptom.WRONG_TYPE
    )


def test_real_data_is_asked_like_drawn_data() -> None:
    """Digits through a model and twelve languages through the tokenizer take the same path."""
    for name in ("CharTokenizer", "StackedAutoencoder"):
        for case in realistic_cases(catalogue()[name], "float64"):
            responses = exercise(LocalSubject.of(Target("reference", "numpy", dtype="float64")), catalogue()[name], case, 20.0)
            assert all(isinstance(r, Returned) for r in responses.values())


def test_ctrl_c_inside_a_target_is_for_the_user(tmp_path: Path) -> None:
    """KeyboardInterrupt is no fault of the target: it ends the run."""
    with pytest.raises(KeyboardInterrupt):
        _asked(tmp_path, answering("raise KeyboardInterrupt"), "vae_kl_loss")


def test_what_a_module_does_not_offer(tmp_path: Path) -> None:
    """A missing name is unsupported, a name that is no function is none; NumPy has no compiled mode."""
    assert _asked(tmp_path, "x = 1", "vae_kl_loss")["value"] == Unsupported("submission has no 'vae_kl_loss'")
    three = _asked(tmp_path / "three", "vae_kl_loss = 3.0", "vae_kl_loss")["value"]
    assert three == ProtocolError("vae_kl_loss is float, expected something callable", Symptom.NOT_CALLABLE)
    compiled = LocalSubject.of(Target(write(tmp_path / "compiled", answering("return mean")), "numpy", mode="compiled"))
    with pytest.raises(NotSupported, match="no compiled mode"):
        compiled.respondent.offered(Question("vae_kl_loss", "function", ("mean",), ("value",), {}))
