"""What is said of a `build_<model>` that gives nothing to judge: one sentence, with the way out where there is one."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from conformance.judging.expectation import expect
from conformance.judging.verify import judge
from conformance.respondent.packed_values import decode, encode
from conformance.respondent.plain_models import PlainRole, able_role, arguments, role_of
from conformance.respondent.responses import NotAnAnswer, NotSupported, Unsupported
from conformance.targets.subject import exercise, told_of_stand_in
from reference.models.stacked import StackedAutoencoder
from reference.specification import StandIn, catalogue
from tests.harness.plain_models import SOURCES, changed, drawn, seated, sentence, some_cases


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


def test_tied_weights_are_not_asked_of_a_plain_model() -> None:
    """They are of the class; a builder that is asked nevertheless says why not."""
    spec, tied = catalogue()["StackedAutoencoder"], drawn("StackedAutoencoder", tied=True)
    plain, whole = seated("torch", SOURCES["torch"]), seated("numpy", {"StackedAutoencoder": StackedAutoencoder}, "float64")
    asked = {subject.target.framework: some_cases(subject, spec, 20) for subject in (plain, whole)}
    assert not any(case.inputs["configuration"].get("tied") for case in asked["torch"])
    assert any(case.inputs["configuration"].get("tied") for case in asked["numpy"])
    # A class is also asked for its defaults, of which a builder has none.
    assert len(asked["torch"]) == len(asked["numpy"]) - 1
    for source in (SOURCES["torch"], changed(SOURCES["torch"], 'sigmoid"):\n    return', 'sigmoid", **options):\n    return')):
        text = sentence("torch", source, tied)
        assert text.startswith("StackedAutoencoder: a plain model has no tied matrices")
        assert text.endswith("write the class of the contract for it")
    assert [v.outcome for v in judge(plain, spec, [(tied, expect(spec, tied))], 30.0)] == ["unsupported"] * 4


@pytest.mark.parametrize("name", ["DenoisingAutoencoder", "VariationalAutoencoder", "ContractiveAutoencoder", "HybridClassifier"])
def test_what_no_plain_model_can_show_is_not_offered(name: str) -> None:
    """The reason and the way out, in one sentence."""
    built = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    source = f"from torch import nn\ndef build{built}(**options):\n    return nn.Linear(2, 2)"
    text = sentence("torch", source, drawn(name))
    assert text.startswith(f"{name}: ")
    assert text.endswith("; write the class of the contract for it")
    assert "nothing is agreed on" not in text


def test_a_penalty_is_shown_by_keras_alone() -> None:
    source = "from torch import nn\ndef build_sparse_autoencoder(**options):\n    return nn.Linear(2, 2)"
    text = sentence("torch", source, drawn("SparseAutoencoder"))
    assert text.startswith("a plain module does not show its sparsity penalty: PyTorch has no add_loss")


def test_a_plain_model_is_not_compiled() -> None:
    subject = seated("torch", SOURCES["torch"], mode="compiled")
    responses = exercise(subject, catalogue()["LinearAutoencoder"], drawn("LinearAutoencoder"), 30.0)
    assert {response.sentence for response in responses.values() if isinstance(response, Unsupported)} == {
        "a plain model is asked eagerly; write the class of the contract to have it compiled"
    }


def test_numpy_has_no_plain_models() -> None:
    text = sentence("numpy", "def build_linear_autoencoder(**options):\n    return {}", drawn("LinearAutoencoder"))
    assert text == "build_linear_autoencoder returned dict; NumPy has no plain models, so write the class of the contract"


def test_an_option_that_matters_has_to_be_taken() -> None:
    """Others may be left out: those at their defaults, and those that change nothing in the network."""

    def builder(sizes: Any, activation: str) -> None: ...

    def given(**options: object) -> dict[str, Any]:
        return _arguments(builder, "StackedAutoencoder", {"sizes": (4, 2), **options})

    usual = {"sizes": (4, 2), "activation": "relu"}
    assert given() == given(output_activation="sigmoid", loss="binary_cross_entropy", tied=False) == usual
    with pytest.raises(NotAnAnswer, match=r"^build_it takes no argument 'output_activation', which is 'linear' here$"):
        given(output_activation="linear")
    with pytest.raises(NotSupported, match="tied"):
        given(tied=True)
    assert _arguments(lambda cell: None, "CharClassifier", {"cell": "rnn", "kernel_size": 2}) == {"cell": "rnn"}
    with pytest.raises(NotAnAnswer, match="'kernel_size', which is 2 here"):
        _arguments(lambda cell: None, "CharClassifier", {"cell": "cnn", "kernel_size": 2})
    everything = _arguments(lambda **options: None, "LinearAutoencoder", {"features": 3})
    assert everything == {"features": 3, "codings": 30}


def test_every_model_says_what_a_plain_one_may_do() -> None:
    """What is asked of it, or one sentence why nothing is; in names that the model knows."""
    models = {name: spec for name, spec in catalogue().items() if spec.kind == "model"}
    assert {name for name, spec in catalogue().items() if spec.stand_in is not None} == models.keys()
    stand_ins = {name: spec.stand_in for name, spec in models.items() if isinstance(spec.stand_in, StandIn)}
    assert len(stand_ins) == 5
    for name, stand_in in stand_ins.items():
        inputs = models[name].inputs
        case = drawn(name, **({"tied": False} if "tied" in inputs else {}))
        named = {*stand_in.needless, *(option for option, _, _ in stand_in.unable)}
        for option, (other, _) in stand_in.matters_where.items():
            named |= {option, other}
        assert named <= inputs.keys()
        assert {stand_in.seen, stand_in.target} <= case.model.batch.keys()
        expected = expect(models[name], case)
        assert {stand_in.shown, f"inference/{stand_in.shown}"} <= expected["activations"].keys()
        assert {stand_in.term, "total"} | ({stand_in.penalty} - {None}) == expected["value"].keys()
        for beginning in stand_in.left_out:
            assert any(result.startswith(beginning) for result in expected["training"])


def test_a_target_is_told_the_role_of_a_plain_model_in_plain_values() -> None:
    """They come out of the worker's encoding as they went in; defaults are those of the contract's signatures, in order."""
    for name, spec in catalogue().items():
        told = told_of_stand_in(spec)
        assert decode(encode(told, []), []) == told
        role = role_of(told)
        assert isinstance(role, PlainRole) == isinstance(spec.stand_in, StandIn)
        if isinstance(role, PlainRole):
            wanted = {n: p.default for n, p in inspect.signature(spec.evaluate).parameters.items() if n != "seed"}
            assert list(role.defaults.items()) == list(wanted.items()), name


def test_a_model_of_which_nothing_is_said_is_refused() -> None:
    with pytest.raises(
        NotSupported, match=r"^New: nothing is agreed on for a plain model; write the class of the contract for it$"
    ):
        able_role(role_of(None), "New", {})


def _arguments(builder: Any, name: str, configuration: dict[str, Any]) -> dict[str, Any]:
    return arguments(builder, "build_it", role_of(told_of_stand_in(catalogue()[name])), name, configuration)
