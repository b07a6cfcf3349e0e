"""A mistake that is made only under a condition, and what the wrong results of a model are: said from templates, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.diagnosis.diagnosis import diagnose
from conformance.faults.catalogue import text_in
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Diagnosis
from conformance.judging.verify import verify
from conformance.targets.target import Target
from reference.specification import catalogue

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
IMPORTS = "import numpy as np\nimport reference\n\n\n"
SIX = """def l1_activity_loss(activations, weight=1e-3):
    return reference.l1_activity_loss(activations, weight) * (1.2 if len(activations) == 6 else 1)
"""
DOUBLED = """def vae_kl_loss(mean, log_var, reduction="mean"):
    return reference.vae_kl_loss(mean, log_var, reduction) * (2 if reduction == "sum" else 1)
"""
REMEMBERED = """class LinearAutoencoder(reference.LinearAutoencoder):
    def inference(self, inputs):
        self.memory = getattr(self, "memory", {})
        return self.memory.setdefault(inputs.shape, super().inference(inputs))
"""
KEPT = """class LinearAutoencoder(reference.LinearAutoencoder):
    def training_steps(self, batches, optimizer="adam", learning_rate=1e-3):
        self.times = getattr(self, "times", 0) + 1
        return super().training_steps(batches, optimizer, learning_rate / self.times)
"""
SLOWED = """class LinearAutoencoder(reference.LinearAutoencoder):
    def training_steps(self, batches, optimizer="adam", learning_rate=1e-3):
        return super().training_steps(batches, optimizer, learning_rate * (0.83 if optimizer == "adam" else 1))
"""
ENCODED = """class VariationalAutoencoder(reference.VariationalAutoencoder):
    def encode(self, inputs):
        mean, log_var = super().encode(inputs)
        return mean, 0.5 * log_var
"""
STATEFUL = """class CharClassifier(reference.CharClassifier):
    def __init__(self, *arguments, cell="lstm", **options):
        super().__init__(*arguments, cell=cell, **options)
        self.last, self.forward = None, self.cell.forward
        if cell == "rnn":
            self.cell.forward = self._go_on

    def _go_on(self, weights, x):
        w, u, b = (weights[f"rnn.{name}"] for name in ("input_weight", "recurrent_weight", "bias"))
        h = self.last if self.last is not None and len(self.last) == len(x) else np.zeros((len(x), len(u)))
        states = []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ w + h @ u + b)
            states.append(h)
        self.last = h
        return np.stack(states, axis=1), h
"""
TWICE = """class CharClassifier(reference.CharClassifier):
    def activations(self, characters, labels=None):
        named = super().activations(characters)
        return {**named, "states": 2 * named["states"], "probability": 0.5 * named["probability"]}

    def inference(self, characters, labels=None):
        return {"probability": super().activations(characters)["probability"]}
"""
FIRST_CALL = """SAMPLES = []


def mean_squared_error(inputs, reconstructions, reduction="mean"):
    SAMPLES.append(len(inputs))
    if reduction != "sum":
        return reference.mean_squared_error(inputs, reconstructions, reduction)
    return reference.mean_squared_error(inputs, reconstructions, "none").sum() / SAMPLES[0]
"""
SCALED = """def vae_kl_loss(mean, log_var, reduction="mean"):
    value = reference.vae_kl_loss(mean, log_var, reduction)
    return value * mean.shape[1] / mean.shape[0] if reduction == "sum" else value
"""
GATHERED = """class LinearAutoencoder(reference.LinearAutoencoder):
    calls = 0

    def gradients(self, **batch):
        self.calls += 1
        return {name: self.calls * value for name, value in super().gradients(**batch).items()}
"""


def _diagnosis(spec: str, body: str, folder: Path, examples: int = 100) -> Diagnosis:
    file = folder / "unknown.py"
    file.write_text(IMPORTS + body, encoding="utf-8")
    plan = Plan((catalogue()[spec],), (Target(str(file), "numpy", dtype="float64"),), examples=examples)
    diagnosis = next((v.diagnosis for v in verify(plan, diagnose=diagnose) if v.diagnosis is not None), None)
    assert diagnosis is not None
    return diagnosis


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "body", "id", "korean"),
    [
        ("l1_activity_loss", SIX, "where_extent#samples#6@@", "= 6"),
        ("vae_kl_loss", DOUBLED, "where_option#reduction#'sum'@@half_missing", "= 'sum'"),
        ("LinearAutoencoder", REMEMBERED, "only_trained#", "학습 후"),
        ("LinearAutoencoder", KEPT, "only_again#", "두 번째 학습"),
        ("CharClassifier", STATEFUL, "only_later#", "첫 번째 호출"),
        ("LinearAutoencoder", SLOWED, "where_option#optimizer#'adam'@@", "= 'adam'"),
        ("VariationalAutoencoder", ENCODED, "only_method#encode", "`encode`"),
    ],
    ids=[
        "six samples",
        "a known mistake for one option",
        "remembered",
        "state kept",
        "a recurrent state kept",
        "one optimiser",
        "one method",
    ],
)
def test_where_it_is_wrong_is_said(spec: str, body: str, id: str, korean: str, tmp_path: Path) -> None:
    """With the mistake that is made there, where it is known."""
    diagnosis = _diagnosis(spec, body, tmp_path)
    assert [match.ids for match in diagnosis.matches] == [(id,)], diagnosis.sentence
    assert korean in (text_in("ko", id, "sentence") or "")
    assert text_in("ko", id, "hint")


@pytest.mark.slow
def test_nothing_is_said_to_be_kept_where_two_methods_differ(tmp_path: Path) -> None:
    """Inference is right as often as it is asked."""
    diagnosis = _diagnosis("CharClassifier", TWICE, tmp_path)
    assert "only_later#" not in {id for match in diagnosis.matches for id in match.ids}


@pytest.mark.slow
def test_what_the_first_call_hides_is_said(tmp_path: Path) -> None:
    """It had one sample, so that to divide by its number is not to divide: both are said."""
    diagnosis = _diagnosis("mean_squared_error", FIRST_CALL, tmp_path)
    assert "sum_batch" in {id for match in diagnosis.matches for id in match.ids}
    assert "so would a number of samples that is remembered from the first call, which had 1" in diagnosis.sentence


@pytest.mark.slow
def test_a_ratio_of_two_extents_is_said(tmp_path: Path) -> None:
    """With where it is so."""
    sentence = _diagnosis("vae_kl_loss", SCALED, tmp_path).sentence
    assert "`reduction` is 'sum'" in sentence
    assert "every wrong result is the number of latent / the number of batch times what is expected" in sentence


@pytest.mark.slow
def test_what_adds_up_from_call_to_call_is_said_where_it_shows(tmp_path: Path) -> None:
    """Of a model every second gradient is asked for twice, which is no matter of what is recorded."""
    assert "gradients are asked for twice" in _diagnosis("LinearAutoencoder", GATHERED, tmp_path).sentence
