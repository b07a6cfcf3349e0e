"""TensorFlow's second CPU computes what the first does; what is fixed to a device shows there, without a card."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reference.specification import catalogue

pytest.importorskip("tensorflow")
ROOT = Path(__file__).parents[2]
# Each lies on the first CPU in its own way.
MISPLACED = """
import keras
import tensorflow as tf

with tf.device("CPU:0"):
    HALF = tf.Variable(0.5)
    ONE = tf.constant(1.0)

def vae_kl_loss(mean, log_var, reduction="mean"):
    rows = HALF * tf.reduce_sum(mean ** 2 + tf.math.expm1(log_var) - log_var, 1)
    return tf.reduce_mean(rows) if reduction == "mean" else tf.reduce_sum(rows) if reduction == "sum" else rows

def l1_activity_loss(activations, weight=1e-3):
    return ONE * weight * tf.reduce_sum(tf.abs(activations)) / len(activations)

def reparameterize(mean, log_var, noise):
    with tf.device("CPU:0"):
        drawn = tf.zeros(noise.shape) + tf.random.normal(noise.shape)
    return mean + tf.exp(0.5 * log_var) * (noise + 0.0 * drawn)

def mean_squared_error(inputs, reconstructions, reduction="mean"):
    with tf.device("CPU:0"):
        rows = tf.reduce_sum(tf.reshape(tf.identity(inputs) - tf.identity(reconstructions), (len(inputs), -1)) ** 2, 1)
        mean = tf.reduce_mean(rows)
    return rows if reduction == "none" else mean

def build_linear_autoencoder(features, codings):
    with tf.device("CPU:0"):
        layers = [keras.layers.Dense(codings), keras.layers.Dense(features)]
        return keras.Sequential([keras.Input((features,)), *layers])
"""
MIXED = "computes on another device than its input"
SAID = {
    "vae_kl_loss": f"{MIXED}: Mul was given tensors on cpu:1 and on cpu (mine.py, line 10)",
    "l1_activity_loss": f"{MIXED}: Mul was given tensors on cpu:1 and on cpu (mine.py, line 14)",
    "reparameterize": f"{MIXED}: Mul was given tensors on cpu:1 and on cpu (mine.py, line 19)",
    "mean_squared_error": "value: expected a result on cpu:1, got one on cpu",
    "LinearAutoencoder": "its parameter 'sequential/dense/kernel' lies on cpu, expected cpu:1",
}


def _run(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=550, check=False)


@pytest.mark.slow
def test_all_of_it_computes_on_the_second_cpu() -> None:
    """Every specification: values, gradients, activations, training and Keras' own loop, and every result and variable lies there."""
    run = _run("-m", "tests.implementations.asked_on_second_cpu")
    assert run.stdout.splitlines() == [f"asked {len(catalogue())} specifications"], run.stdout + run.stderr


@pytest.mark.slow
def test_what_lies_on_the_first_cpu_is_found(tmp_path: Path) -> None:
    """A variable, a constant, noise, a result, and the weights of a plain model: each by a sentence, and only on the second CPU."""
    (tmp_path / "mine.py").write_text(MISPLACED)
    words = ["-m", "conformance", "verify", "--target", "mine.py", "--dtype", "float32", "--examples", "2", "--jobs", "1"]
    words += [word for name in SAID for word in ("--spec", name)]
    there = _run(*words, "--device", "cpu:1", folder=tmp_path)
    assert there.returncode == 1, there.stderr
    text = " ".join(there.stdout.split())
    assert [name for name, sentence in SAID.items() if sentence not in text] == [], there.stdout
    here = _run(*words, "--device", "cpu", "--spec", "l1_activity_loss", folder=tmp_path)
    assert "computes on another device" not in here.stdout
    assert "lies on" not in here.stdout


@pytest.mark.slow
def test_a_second_cpu_that_comes_too_late_is_not_run() -> None:
    """Where TensorFlow has computed already it says so, and nothing is taken for a pass."""
    source = (
        "import tensorflow as tf; tf.ones(1) + 1\n"
        "from conformance.targets.target import Target, obstacle\n"
        "print(obstacle(Target('impl_tf', 'tensorflow', 'cpu:1')))"
    )
    run = _run("-c", source)
    assert (
        run.stdout.strip()
        == "TensorFlow has computed here already, so it cannot have a second CPU; in a process of its own it has one"
    )
