"""Mistakes that any function can make while it computes: precision, inputs that it does not take, side effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from conformance.faults.fault import Change, Fault
from conformance.faults.interface import FUNCTIONS, Function, arrays

_WIDE = ("vae_kl_loss", "binary_cross_entropy", "mean_squared_error", "l1_activity_loss")
_SIGNED = ("vae_kl_loss", "reparameterize", "mean_squared_error", "binary_cross_entropy")
_LARGEST_EXPONENT = 88.0  # beyond it e^x overflows in single precision


def _asking(change: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """A change of every array that is given."""
    return lambda function: (
        lambda **inputs: function(**{n: change(x) if isinstance(x, np.ndarray) else x for n, x in inputs.items()})
    )


def _refusing(bad: Callable[[tuple[int, ...]], bool], message: str) -> Callable[[Function], Function]:
    """Raise for some shapes."""

    def wrap(function: Function) -> Function:
        def refusing(**inputs: Any) -> Any:
            if bad(arrays(inputs)[0].shape):
                raise ValueError(message)
            return function(**inputs)

        return refusing

    return wrap


def _overflowing(function: Function) -> Function:
    def overflowing(**inputs: Any) -> Any:
        lost = any(np.abs(x).max() > _LARGEST_EXPONENT for x in arrays(inputs))
        return function(**inputs) * (np.nan if lost else 1.0)

    return overflowing


def _changing(function: Function) -> Function:
    def changing(**inputs: Any) -> Any:
        value = function(**inputs)
        for array in arrays(inputs):
            array += 1.0
        return value

    return changing


def _remembering(function: Function) -> Function:
    mean = [0.0]

    def remembering(**inputs: Any) -> Any:
        mean[0] += 0.125
        return function(**inputs) + mean[0]

    return remembering


def _chancy(function: Function) -> Function:
    rng = np.random.default_rng()
    return lambda **inputs: function(**inputs) * (1.0 + 0.1 * rng.standard_normal())


def _no_gradient(function: str, file: str, old: str) -> Change:
    return Change(f"formulas.{file}:{function}_vjp", old, "return {} and {")


def _behaviour(
    id: str,
    specs: tuple[str, ...],
    wrap: Callable[[Function], Function],
    sentence: str,
    hint: str,
    seen: str,
    symptom: str | None = None,
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, wrap=wrap, symptom=symptom)


_AGAIN = "Call your function twice with the same arguments."
_DIGITS = "How many digits does your result share with the expected one? How many does a number of this precision have?"

ENTRIES = (
    _behaviour(
        "rounded_inputs",
        FUNCTIONS,
        _asking(lambda x: np.round(x, 3)),
        "The inputs are rounded to three decimals.",
        _DIGITS,
        "data that went through a text file",
    ),
    _behaviour(
        "negative_lost",
        _SIGNED,
        _asking(np.abs),
        "The signs of the inputs are lost.",
        "Exchange the sign of one input.",
        "unsigned types",
    ),
    _behaviour(
        "single_precision",
        FUNCTIONS,
        _asking(lambda x: x.astype(np.float32).astype(np.float64)),
        "It computes in single precision though the inputs are double.",
        _DIGITS,
        "constants and casts to float32",
    ),
    _behaviour(
        "half_precision",
        FUNCTIONS,
        _asking(lambda x: np.clip(x, -65504, 65504).astype(np.float16).astype(x.dtype)),
        "The inputs take a detour through half precision.",
        _DIGITS,
        "mixed precision left on",
    ),
    _behaviour(
        "nan_for_large",
        _WIDE,
        _overflowing,
        "The result is NaN where an input is beyond 88 in magnitude.",
        "What does your function return for inputs of 100 and −100?",
        "∞ − ∞ and 0 · ∞ after an exponential",
    ),
    _behaviour(
        "first_half_only",
        FUNCTIONS,
        _asking(lambda x: x[: (len(x) + 1) // 2]),
        "Only the first half of the batch is seen.",
        "Does the result change when you change the last sample?",
        "think of a split left over",
    ),
    _behaviour(
        "fails_single_sample",
        FUNCTIONS,
        _refusing(lambda shape: shape[0] == 1, "axis 1 is out of bounds for array of dimension 1"),
        "It raises for a batch of one sample.",
        "Try a batch of one.",
        "squeeze() without an axis",
        "raised",
    ),
    _behaviour(
        "fails_single_unit",
        FUNCTIONS,
        _refusing(lambda shape: shape[1] == 1, "axis 1 is out of bounds for array of dimension 1"),
        "It raises for a single column.",
        "Try arrays with one column.",
        "squeeze() without an axis",
        "raised",
    ),
    _behaviour(
        "square_only",
        FUNCTIONS,
        _refusing(lambda shape: shape[0] != shape[1], "operands could not be broadcast together"),
        "It works for square arrays only.",
        "Try a batch with fewer samples than columns, and one with more.",
        "onnx/onnx #7805",
        "raised",
    ),
    _behaviour(
        "always_raises",
        FUNCTIONS,
        _refusing(lambda shape: True, "no idea"),
        "It raises whatever it is given.",
        "Call your function once with the smallest arrays that you can think of.",
        "a typing error in a branch",
        "raised",
    ),
    _behaviour(
        "input_changed",
        FUNCTIONS,
        _changing,
        "It changes its input in place.",
        "Look at your arguments after the call.",
        "operators with an assignment, methods that end in _",
        "changed_input",
    ),
    _behaviour(
        "remembers_calls",
        FUNCTIONS,
        _remembering,
        "The result depends on earlier calls.",
        _AGAIN,
        "running means and counters in module variables",
        "answers_differently",
    ),
    _behaviour(
        "depends_on_chance",
        FUNCTIONS,
        _chancy,
        "The result depends on chance.",
        _AGAIN,
        "dropout or noise left on",
        "answers_differently",
    ),
    Fault(
        "no_gradient",
        FUNCTIONS,
        "No gradient reaches an input: the graph is cut.",
        "Which of your operations leave the graph? Look for values that were copied, converted or detached.",
        ".detach(), .numpy(), stop_gradient, torch.tensor(…) of a result",
        changes=(
            _no_gradient("kl_sparsity_loss", "sparsity", "return {"),
            _no_gradient("l1_activity_loss", "sparsity", "return {"),
            _no_gradient("vae_kl_loss", "variational", "return {"),
            _no_gradient("reparameterize", "variational", "return {"),
            _no_gradient("mean_squared_error", "reconstruction", "return {"),
            _no_gradient("binary_cross_entropy", "reconstruction", "return {"),
        ),
        symptom="no_gradient",
    ),
)
