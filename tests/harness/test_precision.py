"""What computes in a narrower precision than was asked for is told that, and how to mend it; nothing is said of lost digits."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from conformance import conforms


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


def _single(mean, log_var, noise):
    mean, log_var, noise = mean.float(), log_var.float(), noise.float()
    return mean + torch.exp(log_var / 2) * noise


def _single_inside(mean, log_var, noise):
    return _single(mean, log_var, noise).double()


def _single_inside_kl(mean, log_var, reduction="mean"):
    mean, log_var = mean.float(), log_var.float()
    rows = 0.5 * (mean**2 + torch.expm1(log_var) - log_var).sum(dim=1)
    return {"mean": rows.mean(), "sum": rows.sum(), "none": rows}[reduction].double()


def _cut(mean, log_var, noise):
    return (mean + torch.exp(log_var / 2) * noise) * (1 + 3.3e-8)


def _complaint(function: object, name: str = "reparameterize") -> str:
    with pytest.raises(AssertionError) as failure:
        conforms(name, function, dtype="float64", examples=20)  # type: ignore[arg-type]
    return str(failure.value)


@pytest.mark.parametrize(
    ("function", "why"), [(_single, "dtype of the answer"), (_single_inside, "every number of the answer is one of float32")]
)
def test_single_precision_is_named(function: object, why: str) -> None:
    """Whether the answer says so or only its numbers do."""
    sentence = _complaint(function)
    assert f"it computes in float32 where float64 was asked ({why}): " in sentence
    assert "torch.float64" in sentence
    assert "digits are lost" not in sentence


def test_single_precision_is_named_where_it_overflows() -> None:
    """e^700 is no number of float32: that the answer is infinite there is no sign of another mistake."""
    sentence = _complaint(_single_inside_kl, "vae_kl_loss")
    assert "it computes in float32 where float64 was asked (every number of the answer is one of float32)" in sentence


def test_other_errors_are_as_small_and_are_not_called_that() -> None:
    """As near, but no numbers of single precision."""
    assert "float32 where" not in _complaint(_cut)


def test_a_layer_of_keras_is_told_its_dtype() -> None:
    """By default it casts what it is given to float32: how that is said to it stands in the sentence."""
    keras = pytest.importorskip("keras")

    class Sampling(keras.layers.Layer):
        def call(self, inputs):
            mean, log_var, noise = inputs
            return mean + keras.ops.exp(log_var / 2) * noise

    def sampled(mean, log_var, noise):
        return Sampling()([mean, log_var, noise])

    sentence = _complaint(sampled)
    assert 'dtype="float64" for the layer, or keras.config.set_floatx("float64")' in sentence
