"""Drawing a model: a configuration, weights with biases that matter, batches, and how it is trained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.cases.drawing import Recipe, defaults_of, draw_all
from conformance.cases.kinds.configurations import configuration
from conformance.respondent.model_inputs import ModelInputs
from conformance.tolerance import round_to
from reference.domains import Domain, Number
from reference.specification import Array, Spec

# As many as Adam's corrections need to matter; every second case is asked few, so that the time goes into more cases.
TRAINING_STEPS = 10
_FEW_STEPS = 3
# Powers of two, exact in every dtype; large enough that ten steps move the weights, small enough that they do not run away.
LEARNING_RATES = {"sgd": 2**-3, "momentum": 2**-4, "nesterov": 2**-4, "adagrad": 2**-4, "rmsprop": 2**-7, "adam": 2**-7}
# Their steps grow with the gradient, so that a usual rate may be too large for a model. Of 134 drawn cases of a variational autoencoder
# four ran to infinity; in no other one, and in none of two other models, did the loss grow fourfold.
_UNBOUNDED = ("sgd", "momentum", "nesterov")
_LARGEST_GROWTH = 8
# Biases that saturate what comes after them, on both sides: past where float32 overflows an exponential, past where it rounds a
# probability to 1, past the usual clamps. The first at which the model's numbers stay below the limit is taken.
_SATURATING = (120.0, 30.0, 14.0, 7.0)
_LARGEST_NUMBER = 2e7


def draw_model(spec: Spec, dtype: str, recipe: Recipe, rng: np.random.Generator) -> ModelInputs:
    """The model of a recipe."""
    steps = _FEW_STEPS if recipe.turn % 2 or recipe.profile.lengths == "one long" else TRAINING_STEPS
    inputs = configured(spec, configuration(spec, recipe, rng), dtype, recipe, rng, steps)
    optimizers = list(LEARNING_RATES)
    # Near zero a gradient is made of differences of small numbers, which adaptive steps blow up to full size: there nothing is pushed.
    if recipe.profile.extreme and recipe.profile.numbers != "near zero":
        inputs = _saturated(spec, dtype, rng, inputs)
        optimizers = [name for name in optimizers if name not in _UNBOUNDED]
    optimizer = optimizers[recipe.seed % len(optimizers)]
    training = {"optimizer": optimizer, "learning_rate": LEARNING_RATES[optimizer]}
    while optimizer in _UNBOUNDED and _runs_away(spec, inputs, training):
        training["learning_rate"] /= 2
    return replace(inputs, training=training)


def configured(
    spec: Spec,
    options: Mapping[str, Any],
    dtype: str,
    recipe: Recipe,
    rng: np.random.Generator,
    steps: int = TRAINING_STEPS,
) -> ModelInputs:
    """The configuration, with weights and batches for it."""
    model = spec.evaluate(**options)
    weights = {
        name: round_to(rng.uniform(-1, 1, size=shape) * (1.5 / math.sqrt(math.prod(shape[:-1])) if len(shape) > 1 else 0.5), dtype)
        for name, shape in model.parameter_shapes.items()
    }
    domains: Mapping[str, Domain] = model.batch_domains()
    shapes = list(model.parameter_shapes.values())
    # The last is the width of the last layer before the output.
    biases = [shape[0] for shape in shapes if len(shape) == 1]
    last = biases[-2] if len(biases) > 1 else shapes[-1][0]
    widths = [*(extent for extent in dict.fromkeys(extent for shape in shapes for extent in shape) if extent != last), last]
    batches = [draw_all(domains, dtype, recipe, rng, widths) for _ in range(steps)]
    calls = {name: draw_all(each, dtype, recipe, rng, widths) for name, each in model.method_domains().items()}
    return ModelInputs(options, weights, batches[0], batches, calls=calls)


def _saturated(spec: Spec, dtype: str, rng: np.random.Generator, inputs: ModelInputs) -> ModelInputs:
    """Some biases so large that what follows saturates."""
    kept = spec.evaluate(**inputs.configuration).unsaturated
    biases = {name: value for name, value in inputs.weights.items() if value.ndim == 1 and name not in kept}
    pushes = {name: np.where(rng.random(b.shape) < 0.5, rng.choice((-1.0, 1.0), size=b.shape), 0.0) for name, b in biases.items()}
    strengths = {name: rng.uniform(0.3, 1.0, size=b.shape) for name, b in biases.items()}
    saturated = inputs
    for amplitude in _SATURATING:
        moved = {name: round_to(b + amplitude * pushes[name] * strengths[name], dtype) for name, b in biases.items()}
        saturated = replace(inputs, weights={**inputs.weights, **moved})
        if _largest_number(spec, saturated) <= _LARGEST_NUMBER:
            return saturated
    return inputs


def _largest_number(spec: Spec, inputs: ModelInputs) -> float:
    """Of everything that the untrained model computes of its first batch; no weight of a term hides by being zero how large the term is."""
    weighed = {
        n: d for n, d in defaults_of(spec).items() if isinstance(spec.inputs[n], Number) and inputs.configuration.get(n) == 0
    }
    model = spec.evaluate(**{**inputs.configuration, **weighed})
    model.import_weights(inputs.weights)
    with np.errstate(all="ignore"):
        named: list[Mapping[str, Array]] = [
            method(**inputs.batch) for method in (model.activations, model.loss_terms, model.gradients)
        ]
    return max(float(np.max(np.abs(value), initial=0.0)) for values in named for value in values.values())


def _runs_away(spec: Spec, inputs: ModelInputs, training: Mapping[str, Any]) -> bool:
    """Whether the loss grows with the steps: then errors grow with it, to the end of the numbers, and there is nothing to compare."""
    model = spec.evaluate(**inputs.configuration)
    model.import_weights(inputs.weights)
    with np.errstate(all="ignore"):
        untrained = max(float(model.loss_terms(**batch)["total"]) for batch in inputs.batches)
        try:
            losses = model.training_steps(inputs.batches, **training)
        except ValueError:  # what is no number is refused
            return True
    return not max(losses) <= _LARGEST_GROWTH * (1 + abs(untrained))
