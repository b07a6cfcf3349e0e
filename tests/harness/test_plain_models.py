"""A `build_<model>` that returns layers in a row is judged for its network, and for nothing that it cannot show."""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance import frameworks
from conformance.allowances import ALLOWANCES, able_first
from conformance.cases import Case, cases
from conformance.exercise import LocalSubject, exercise
from conformance.expectation import expect
from conformance.faults.diagnosis import diagnose
from conformance.plain_models import KINDS, arguments
from conformance.responses import NotAnAnswer, NotSupported, ProtocolError, Returned, Unsupported
from conformance.targets import Target
from conformance.verdicts import Verdict
from conformance.verify import allowance_of, check, judge
from reference.models.stacked import StackedAutoencoder
from reference.specification import Spec, catalogue
from tests.harness.plain_models import SOURCES, changed

BUILT = {
    "torch": ("StackedAutoencoder", "LinearAutoencoder", "PretrainedClassifier", "CharClassifier"),
    "tensorflow": ("StackedAutoencoder", "LinearAutoencoder", "SparseAutoencoder", "PretrainedClassifier", "CharClassifier"),
}
# As many as there are optimisers, which come round.
_OPTIMIZERS = 6


def seated(framework: str, source: str | dict[str, Any], dtype: str = "float32", mode: str = "eager") -> LocalSubject:
    """The text, or the names, as a target in this process."""
    if (reason := frameworks.missing_framework(framework)) is not None:
        pytest.skip(f"not run: {reason}")
    adapter, module = frameworks.load(framework), types.ModuleType("submission")
    exec(source, vars(module)) if isinstance(source, str) else vars(module).update(source)
    return LocalSubject(Target("submission.py", framework, "cpu", dtype, mode), module, adapter)


def some_cases(subject: LocalSubject, spec: Spec, count: int, seed: int = 1) -> list[Case]:
    """Real and drawn cases that the subject can be asked."""
    return list(able_first(allowance_of(subject, spec), cases(spec, subject.target.dtype, seed, 10 * count), count))


def verdicts(subject: LocalSubject, name: str, count: int) -> list[Verdict]:
    spec = catalogue()[name]
    prepared = [(case, expect(spec, case)) for case in some_cases(subject, spec, count)]
    return list(judge(subject, spec, prepared, 60.0, diagnose=diagnose, shrinking="first"))


def drawn(name: str, dtype: str = "float32", **options: object) -> Case:
    """The first drawn case with these options."""
    spec = catalogue()[name]
    found = (case for case in cases(spec, dtype, 0, 100) if "real" not in case.flags)
    return next(case for case in found if case.inputs["configuration"].items() >= options.items())


def sentence(framework: str, source: str | dict[str, Any], case: Case, quantity: str = "activations") -> str:
    """What is said of an answer that is none."""
    subject = seated(framework, source)
    response = exercise(subject, catalogue()[case.spec], case, 30.0)[quantity]  # pyright: ignore[reportArgumentType]
    assert isinstance(response, (ProtocolError, Unsupported)), response
    return response.sentence


@pytest.mark.parametrize(("framework", "name"), [(framework, name) for framework, names in BUILT.items() for name in names])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_right_passes_every_part(framework: str, name: str, dtype: str) -> None:
    """Output, loss, gradients and training with every optimiser."""
    found = verdicts(seated(framework, SOURCES[framework], dtype), name, _OPTIMIZERS if name == "LinearAutoencoder" else 3)
    assert [verdict.outcome for verdict in found] == ["passed"] * 4, [verdict.reason for verdict in found]
    assert all(verdict.budget_used is not None and verdict.cases >= 5 for verdict in found)


_WRONG = [
    # framework, model, what is changed, the first part that is wrong, what is said
    ("torch", "StackedAutoencoder", "(fan_in, fan_out),", "(fan_in, fan_out, bias=False),", 0, "expected encoder.0.bias of shape"),
    (
        "torch",
        "StackedAutoencoder",
        "[*sizes, *sizes[-2::-1]]",
        "[*sizes[::-1], *sizes[1:]]",
        0,
        "expected encoder.0.weight of shape",
    ),
    ("torch", "StackedAutoencoder", "KINDS[last if", "KINDS['linear' if", 0, "output_without_activation"),
    ("torch", "StackedAutoencoder", "nn.ReLU", "nn.LeakyReLU", 0, "leaky_relu"),
    ("torch", "StackedAutoencoder", "nn.Sequential(*row", "nn.Sequential(nn.Dropout(0.5), *row", 0, "reconstruction"),
    ("torch", "PretrainedClassifier", "requires_grad_(trainable_encoder)", "requires_grad_(True)", 2, "encoder_not_frozen"),
    ("torch", "PretrainedClassifier", ", nn.Softmax(dim=1))", ")", 0, "probabilities_without_softmax"),
    ("torch", "PretrainedClassifier", "nn.Softmax(dim=1)", "nn.Softmax(dim=0)", 0, "softmax_over_batch"),
    ("torch", "CharClassifier", "torch.sigmoid(self.head(summary))", "self.head(summary)", 0, "probability_without_sigmoid"),
    ("torch", "CharClassifier", "(self.head(summary))", "(self.head(summary))[:, 0]", 0, "expected shape (1, 1), got (1,)"),
    (
        "torch",
        "LinearAutoencoder",
        "(codings, features))",
        "(codings, features), nn.BatchNorm1d(features))",
        0,
        "2.weight of shape",
    ),
    (
        "tensorflow",
        "StackedAutoencoder",
        "layers.Dense(w, ",
        "layers.Dense(w, use_bias=False, ",
        0,
        "got sequential/dense/kernel of shape",
    ),
    (
        "tensorflow",
        "StackedAutoencoder",
        "[*sizes[1:], *sizes[-2::-1]]",
        "[*sizes[-2::-1], *sizes[1:]]",
        0,
        "expected encoder.0.weight",
    ),
    (
        "tensorflow",
        "StackedAutoencoder",
        "-2::-1]], activation, output_activation)",
        "-2::-1]], activation, None)",
        0,
        "output_without_activation",
    ),
    ("tensorflow", "SparseAutoencoder", " / ops.shape(codings)[0]", "", 1, "sum_all"),
    ("tensorflow", "PretrainedClassifier", "= trainable_encoder", "= True", 2, "encoder_not_frozen"),
    ("tensorflow", "PretrainedClassifier", ', activation="softmax"', "", 0, "probabilities_without_softmax"),
    ("tensorflow", "CharClassifier", "embedding)", "embedding, mask_zero=True)", 0, "masked"),
]


@pytest.mark.parametrize(("framework", "name", "old", "new", "part", "said"), _WRONG)
def test_what_is_wrong_fails_where_it_is(framework: str, name: str, old: str, new: str, part: int, said: str) -> None:
    """The parts before it pass, and the first that does not says what it is."""
    found = verdicts(seated(framework, changed(SOURCES[framework], old, new)), name, 5)
    assert [verdict.outcome == "passed" for verdict in found][: part + 1] == [True] * part + [False], found
    diagnosis = found[part].diagnosis
    assert diagnosis is not None
    assert said in f"{found[part].reason} {diagnosis.sentence}"


def test_a_misfit_is_one_sentence() -> None:
    """The first parameter that does not fit, what was expected, what came; or that there are too few."""
    case = drawn("LinearAutoencoder")
    features, codings = (case.inputs["configuration"][name] for name in ("features", "codings"))
    assert features != codings
    source = "from torch import nn\ndef build_linear_autoencoder(features, codings):\n    return "
    rule = "its parameters do not fit in the order in which they are registered: "
    turned = source + "nn.Sequential(nn.Linear(codings, features), nn.Linear(features, codings))"
    assert sentence("torch", turned, case) == (
        f"{rule}expected encoder.0.weight of shape {(features, codings)} as number 1, got 0.weight of shape {(codings, features)}"
    )
    few = source + "nn.Linear(features, codings)"
    assert sentence("torch", few, case) == (f"{rule}expected decoder.0.weight of shape {(codings, features)} as number 3, got none")
    many = source + "nn.Sequential(nn.Linear(features, codings), nn.Linear(codings, features), nn.PReLU())"
    assert sentence("torch", many, case) == rule + "expected 4 of them, got 2.weight of shape (1,) too"


@pytest.mark.parametrize(
    ("framework", "returned", "expected"), [("torch", "[]", "an nn.Module"), ("tensorflow", "None", "a keras.Model")]
)
def test_what_is_no_model_is_said_to_be_none(framework: str, returned: str, expected: str) -> None:
    source = f"def build_linear_autoencoder(**options):\n    return {returned}"
    kind = type(eval(returned)).__name__
    assert (
        sentence(framework, source, drawn("LinearAutoencoder")) == f"build_linear_autoencoder returned {kind}, expected {expected}"
    )


def test_lazy_layers_learn_their_widths_first() -> None:
    """PyTorch's lazy layers have no shape until they have seen a batch."""
    source = changed(SOURCES["torch"], "nn.Linear(features, codings)", "nn.LazyLinear(codings)")
    assert [verdict.outcome for verdict in verdicts(seated("torch", source), "LinearAutoencoder", 2)] == ["passed"] * 4


def test_a_gradient_that_is_cut_off_is_missed() -> None:
    """Its output is right, and no training would change it."""
    source = changed(
        SOURCES["torch"], "return torch.sigmoid(self.head(summary))", "return torch.sigmoid(self.head(summary)).detach()"
    )
    found = verdicts(seated("torch", source), "CharClassifier", 2)
    assert [verdict.outcome for verdict in found[:3]] == ["passed", "passed", "failed"]
    assert found[2].reason == "its output is cut off from its parameters, so they have no gradient"


def test_probabilities_made_by_hand_are_judged_too() -> None:
    """Where no sigmoid or softmax of the framework is seen, the loss is taken from the probabilities."""
    source = changed(SOURCES["torch"], "nn.Softmax(dim=1)", "ByHand()")
    source += "\nclass ByHand(nn.Module):\n    def forward(self, z):\n        return z.exp() / z.exp().sum(dim=1, keepdim=True)\n"
    found = verdicts(seated("torch", source), "PretrainedClassifier", 2)
    assert [verdict.outcome for verdict in found] == ["passed"] * 4, [verdict.reason for verdict in found]


def test_logits_are_seen_behind_probabilities_that_are_zero() -> None:
    """A sigmoid of −200 is 0 in single precision; the loss of it is 200."""
    case = drawn("CharClassifier")
    weights = {**case.inputs["weights"], "head.weight": 0 * case.inputs["weights"]["head.weight"], "head.bias": np.array([-200.0])}
    batch = {**case.inputs["batch"], "labels": np.ones_like(case.inputs["batch"]["labels"])}
    far = replace(case, inputs={**case.inputs, "weights": weights, "batch": batch})
    for framework in BUILT:
        response, comparison = check(seated(framework, SOURCES[framework]), catalogue()["CharClassifier"], far, 30.0)["value"]
        assert isinstance(response, Returned)
        assert comparison is not None
        assert comparison.agrees, comparison
        assert float(response.outputs["total"].array) == 200.0


def test_all_that_a_plain_model_gives_is_its_output() -> None:
    """Hidden activations and layer-wise pretraining are left out, and nothing else."""
    subject, spec = seated("torch", SOURCES["torch"]), catalogue()["StackedAutoencoder"]
    case = some_cases(subject, spec, 1)[-1]
    expected, responses = expect(spec, case), exercise(subject, spec, case, 30.0)
    names = {q: set(r.outputs) for q, r in responses.items() if isinstance(r, Returned)}
    assert names["activations"] == {"reconstruction", "inference/reconstruction"}
    assert (names["value"], names["gradient"]) == (set(expected["value"]), set(expected["gradient"]))
    assert names["training"] == {name for name in expected["training"] if not name.startswith("greedy/")}
    assert names["training"] < set(expected["training"])


class _Reticent(StackedAutoencoder):
    """A class of the contract that shows no more than a plain model would, or leaves one activation out."""

    hidden: Sequence[str] = ()

    def activations(self, inputs: Any) -> dict[str, Any]:
        named = super().activations(inputs)
        return {
            name: value for name, value in named.items() if name not in self.hidden and (self.hidden or name == "reconstruction")
        }


class _WithoutCoding(_Reticent):
    hidden = ("coding",)


def test_a_class_gives_every_name() -> None:
    """Who may leave something out is decided by the name under which it is offered, and then all or nothing."""
    for name, model, outcome in (
        ("StackedAutoencoder", StackedAutoencoder, "passed"),
        ("build_stacked_autoencoder", StackedAutoencoder, "passed"),
        ("StackedAutoencoder", _Reticent, "failed"),
        ("build_stacked_autoencoder", _Reticent, "passed"),
        ("build_stacked_autoencoder", _WithoutCoding, "failed"),
    ):
        found = verdicts(seated("numpy", {name: model}, "float64"), "StackedAutoencoder", 2)
        assert found[0].outcome == outcome, (name, model, found[0].reason)
    both = seated("numpy", {"StackedAutoencoder": _Reticent, "build_stacked_autoencoder": _Reticent}, "float64")
    assert verdicts(both, "StackedAutoencoder", 2)[0].outcome == "failed"


def test_tied_weights_are_not_asked_of_a_plain_model() -> None:
    """They are of the class; a builder that is asked nevertheless says why not."""
    spec, tied = catalogue()["StackedAutoencoder"], drawn("StackedAutoencoder", tied=True)
    plain, whole = seated("torch", SOURCES["torch"]), seated("numpy", {"StackedAutoencoder": StackedAutoencoder}, "float64")
    asked = {subject.target.framework: some_cases(subject, spec, 20) for subject in (plain, whole)}
    assert not any(case.inputs["configuration"].get("tied") for case in asked["torch"])
    assert any(case.inputs["configuration"].get("tied") for case in asked["numpy"])
    assert len(asked["torch"]) == len(asked["numpy"])
    for source in (SOURCES["torch"], changed(SOURCES["torch"], 'sigmoid"):\n    return', 'sigmoid", **options):\n    return')):
        said = sentence("torch", source, tied)
        assert said.startswith("StackedAutoencoder: a plain model has no tied matrices")
        assert said.endswith("write the class of the contract for it")
    assert [v.outcome for v in judge(plain, spec, [(tied, expect(spec, tied))], 30.0)] == ["unsupported"] * 4


@pytest.mark.parametrize("name", ["DenoisingAutoencoder", "VariationalAutoencoder", "ContractiveAutoencoder", "HybridClassifier"])
def test_what_no_plain_model_can_show_is_not_offered(name: str) -> None:
    """The reason and the way out, in one sentence."""
    built = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    source = f"from torch import nn\ndef build{built}(**options):\n    return nn.Linear(2, 2)"
    said = sentence("torch", source, drawn(name))
    assert said.startswith(f"{name}: ")
    assert said.endswith("; write the class of the contract for it")
    assert "nothing is agreed on" not in said


def test_a_penalty_is_shown_by_keras_alone() -> None:
    source = "from torch import nn\ndef build_sparse_autoencoder(**options):\n    return nn.Linear(2, 2)"
    said = sentence("torch", source, drawn("SparseAutoencoder"))
    assert said.startswith("a plain module does not show its sparsity penalty: PyTorch has no add_loss")


def test_a_plain_model_is_not_compiled() -> None:
    subject = seated("torch", SOURCES["torch"], mode="compiled")
    found = exercise(subject, catalogue()["LinearAutoencoder"], drawn("LinearAutoencoder"), 30.0)
    assert {response.sentence for response in found.values() if isinstance(response, Unsupported)} == {
        "a plain model is asked eagerly; write the class of the contract to have it compiled"
    }


def test_numpy_has_no_plain_models() -> None:
    said = sentence("numpy", "def build_linear_autoencoder(**options):\n    return {}", drawn("LinearAutoencoder"))
    assert said == "build_linear_autoencoder returned dict; NumPy has no plain models, so write the class of the contract"


def test_an_option_that_matters_has_to_be_taken() -> None:
    """Others may be left out: those at their defaults, and those that change nothing in the network."""

    def builder(sizes: Any, activation: str) -> None: ...

    def given(**options: object) -> dict[str, Any]:
        return arguments(builder, "build_it", "StackedAutoencoder", {"sizes": (4, 2), **options})

    usual = {"sizes": (4, 2), "activation": "relu"}
    assert given() == given(output_activation="sigmoid", loss="binary_cross_entropy", tied=False) == usual
    with pytest.raises(NotAnAnswer, match=r"^build_it takes no argument 'output_activation', which is 'linear' here$"):
        given(output_activation="linear")
    with pytest.raises(NotSupported, match="tied"):
        given(tied=True)
    assert arguments(lambda cell: None, "b", "CharClassifier", {"cell": "rnn", "kernel_size": 2}) == {"cell": "rnn"}
    with pytest.raises(NotAnAnswer, match="'kernel_size', which is 2 here"):
        arguments(lambda cell: None, "b", "CharClassifier", {"cell": "cnn", "kernel_size": 2})
    everything = arguments(lambda **options: None, "b", "LinearAutoencoder", {"features": 3})
    assert everything == {"features": 3, "codings": 30}


def test_both_sides_speak_of_the_same_models() -> None:
    """The table in the worker and the one of the judge; defaults are those of the contract's signatures."""
    assert KINDS.keys() == ALLOWANCES.keys()
    for name, kind in KINDS.items():
        assert ALLOWANCES[name].shown == (kind.shown,)
        wanted = {n: p.default for n, p in _parameters(name).items() if n != "seed"}
        assert kind.defaults == wanted


def _parameters(name: str) -> Any:
    import inspect

    return inspect.signature(catalogue()[name].evaluate).parameters
