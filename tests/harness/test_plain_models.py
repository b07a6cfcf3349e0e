"""A `build_<model>` that returns layers in a row is judged for its network, and for nothing that it cannot show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.judging.expectation import expect
from conformance.judging.verify import check
from conformance.respondent.responses import Returned
from conformance.targets.subject import exercise
from reference.models.stacked import StackedAutoencoder
from reference.specification import catalogue
from tests.harness.plain_models import SOURCES, changed, drawn, seated, some_cases, verdicts
from tests.harness.running import conformance
from tests.harness.submissions import write

BUILT = {
    "torch": ("StackedAutoencoder", "LinearAutoencoder", "PretrainedClassifier", "CharClassifier"),
    "tensorflow": ("StackedAutoencoder", "LinearAutoencoder", "SparseAutoencoder", "PretrainedClassifier", "CharClassifier"),
}
# As many as there are optimisers, which come round.
_OPTIMIZERS = 6


@pytest.mark.slow
@pytest.mark.parametrize(("framework", "name"), [(framework, name) for framework, names in BUILT.items() for name in names])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_right_passes_every_part(framework: str, name: str, dtype: str) -> None:
    """Output, loss, gradients and training with every optimiser."""
    outcomes = verdicts(seated(framework, SOURCES[framework], dtype), name, _OPTIMIZERS if name == "LinearAutoencoder" else 3)
    assert [verdict.outcome for verdict in outcomes] == ["passed"] * 4, [verdict.reason for verdict in outcomes]
    assert all(verdict.budget_used is not None and verdict.cases >= 5 for verdict in outcomes)


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
    ("torch", "StackedAutoencoder", "nn.Sequential(*row([*", "nn.Sequential(nn.Dropout(1.0), *row([*", 0, "reconstruction"),
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


@pytest.mark.slow
@pytest.mark.parametrize(("framework", "name", "old", "new", "part", "sentence"), _WRONG)
def test_what_is_wrong_fails_where_it_is(framework: str, name: str, old: str, new: str, part: int, sentence: str) -> None:
    """The parts before it pass, and the first that does not says what it is."""
    outcomes = verdicts(seated(framework, changed(SOURCES[framework], old, new)), name, 5)
    assert [verdict.outcome == "passed" for verdict in outcomes][: part + 1] == [True] * part + [False], outcomes
    diagnosis = outcomes[part].diagnosis
    assert diagnosis is not None
    assert sentence in f"{outcomes[part].reason} {diagnosis.sentence}"


@pytest.mark.slow
def test_lazy_layers_learn_their_widths_first() -> None:
    """PyTorch's lazy layers have no shape until they have seen a batch."""
    source = changed(SOURCES["torch"], "nn.Linear(features, codings)", "nn.LazyLinear(codings)")
    assert [verdict.outcome for verdict in verdicts(seated("torch", source), "LinearAutoencoder", 2)] == ["passed"] * 4


@pytest.mark.slow
def test_a_gradient_that_is_cut_off_is_missed() -> None:
    """Its output is right, and no training would change it."""
    source = changed(
        SOURCES["torch"], "return torch.sigmoid(self.head(summary))", "return torch.sigmoid(self.head(summary)).detach()"
    )
    outcomes = verdicts(seated("torch", source), "CharClassifier", 2)
    assert [verdict.outcome for verdict in outcomes[:3]] == ["passed", "passed", "failed"]
    assert outcomes[2].reason == "its output is cut off from its parameters, so they have no gradient"


@pytest.mark.slow
def test_probabilities_made_by_hand_are_judged_too() -> None:
    """Where no sigmoid or softmax of the framework is seen, the loss is taken from the probabilities."""
    source = changed(SOURCES["torch"], "nn.Softmax(dim=1)", "ByHand()")
    source += "\nclass ByHand(nn.Module):\n    def forward(self, z):\n        return z.exp() / z.exp().sum(dim=1, keepdim=True)\n"
    outcomes = verdicts(seated("torch", source), "PretrainedClassifier", 2)
    assert [verdict.outcome for verdict in outcomes] == ["passed"] * 4, [verdict.reason for verdict in outcomes]


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_class_gives_every_name() -> None:
    """Who may leave something out is decided by the name under which it is offered, and then all or nothing."""
    for name, model, outcome in (
        ("StackedAutoencoder", StackedAutoencoder, "passed"),
        ("build_stacked_autoencoder", StackedAutoencoder, "passed"),
        ("StackedAutoencoder", _Reticent, "failed"),
        ("build_stacked_autoencoder", _Reticent, "passed"),
        ("build_stacked_autoencoder", _WithoutCoding, "failed"),
    ):
        outcomes = verdicts(seated("numpy", {name: model}, "float64"), "StackedAutoencoder", 2)
        assert outcomes[0].outcome == outcome, (name, model, outcomes[0].reason)
    both = seated("numpy", {"StackedAutoencoder": _Reticent, "build_stacked_autoencoder": _Reticent}, "float64")
    assert verdicts(both, "StackedAutoencoder", 2)[0].outcome == "failed"


@pytest.mark.slow
def test_verify_takes_a_plain_model(tmp_path: Path) -> None:
    """The same judgement from the command line."""
    right, wrong = (
        write(tmp_path, SOURCES["torch"]),
        write(tmp_path, changed(SOURCES["torch"], "nn.ReLU", "nn.LeakyReLU"), "wrong.py"),
    )
    options = ("--spec", "StackedAutoencoder", "--examples", "40", "--device", "cpu")
    passed = conformance("verify", "--target", right, *options)
    assert passed.exit_code == 0, passed.output
    failed = conformance("verify", "--target", wrong, *options)
    assert failed.exit_code == 1
    assert "leaky_relu" in failed.output
    kept = re.search("conformance reproduce ([0-9a-f]{12})", failed.output)
    assert kept is not None
    again = conformance("reproduce", kept[1], "--target", right)
    assert again.exit_code == 0, again.output
