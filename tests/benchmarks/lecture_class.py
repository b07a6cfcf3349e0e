"""A class of submissions for the four formulas: half of them in PyTorch, half in TensorFlow, half of each right, the others with a mistake."""

from __future__ import annotations

from pathlib import Path

FORMULAS = ("kl_sparsity_loss", "l1_activity_loss", "vae_kl_loss", "mean_squared_error")
ASSIGNMENT = 'title = "Four formulas"\n' + "".join(
    f"\n[specs.{name}]\npoints = {{ value = 2, gradient = 1, edges = 1 }}\n" for name in FORMULAS
)
_TORCH = """import torch


def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    p = activations.mean(dim=0).clamp(epsilon, 1 - epsilon)
    return weight * (target * torch.log(target / p) + (1 - target) * torch.log((1 - target) / (1 - p))).sum()


def l1_activity_loss(activations, weight=0.001):
    return weight * activations.abs().sum() / activations.shape[0]


def vae_kl_loss(mean, log_var, reduction="mean"):
    each = 0.5 * (mean * mean + (torch.expm1(log_var) - log_var)).sum(dim=1)
    return each if reduction == "none" else getattr(each, reduction)()


def mean_squared_error(inputs, reconstructions, reduction="mean"):
    squares = (inputs - reconstructions) ** 2
    if reduction == "mean":
        return squares.mean()
    each = squares.sum(dim=1)
    return each if reduction == "none" else each.mean()
"""
_TENSORFLOW = """import tensorflow as tf


def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    p = tf.clip_by_value(tf.reduce_mean(activations, axis=0), epsilon, 1 - epsilon)
    return weight * tf.reduce_sum(target * tf.math.log(target / p) + (1 - target) * tf.math.log((1 - target) / (1 - p)))


def l1_activity_loss(activations, weight=0.001):
    return weight * tf.reduce_sum(tf.abs(activations)) / tf.cast(tf.shape(activations)[0], activations.dtype)


def vae_kl_loss(mean, log_var, reduction="mean"):
    each = 0.5 * tf.reduce_sum(mean * mean + (tf.math.expm1(log_var) - log_var), axis=1)
    if reduction == "none":
        return each
    return tf.reduce_mean(each) if reduction == "mean" else tf.reduce_sum(each)


def mean_squared_error(inputs, reconstructions, reduction="mean"):
    squares = (inputs - reconstructions) ** 2
    if reduction == "mean":
        return tf.reduce_mean(squares)
    each = tf.reduce_sum(squares, axis=1)
    return each if reduction == "none" else tf.reduce_mean(each)
"""
# One mistake each: what stands in the source, and what is written instead.
_MISTAKES = {
    "torch": (
        ("0.5 * (mean", "(mean"),
        ("dim=0", "dim=1"),
        ("/ activations.shape[0]", ""),
        (".abs()", ""),
        ("torch.expm1(log_var)", "log_var.exp()"),
    ),
    "tensorflow": (
        ("0.5 * tf", "tf"),
        ("axis=0", "axis=1"),
        ("tf.abs(activations)", "activations"),
        ("tf.math.expm1", "tf.exp"),
        ("mean * mean", "mean"),
    ),
}


def write(folder: Path, count: int) -> int:
    """So many submissions, none like another; returns how many of them are right."""
    right = 0
    for number in range(count):
        framework, source = (("torch", _TORCH), ("tensorflow", _TENSORFLOW))[number % 2]
        if number // 2 % 2:
            old, new = _MISTAKES[framework][number // 4 % len(_MISTAKES[framework])]
            assert old in source
            source = source.replace(old, new)
        else:
            right += 1
        (folder / f"student{number:03}.py").write_text(f"{source}\n# {number}\n", encoding="utf-8")
    return right
