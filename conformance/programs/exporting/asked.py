"""What programs are asked of a specification, and what of it no program can be: each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.cases.case import Case, draw, known_cases, recipes
from conformance.cases.kinds import kind_of
from conformance.cases.kinds.model_drawing import LEARNING_RATES
from conformance.respondent.class_results import AGAIN, GREEDY, RELOADED, TRAINED
from reference.specification import Quantity, Spec

__all__ = ["TRAINED", "Named", "Training", "asked_cases", "no_program", "obstacle", "trained_cases"]

Named = dict[str, Any]

# A second step starts from what the first left in the optimiser.
_STEPS = 2
# Keras runs these itself, batch by batch, and hands out NumPy arrays.
_OF_THE_HOST = ("predict",)


@dataclass(frozen=True)
class Training:
    """How a model is trained."""

    optimizer: str
    learning_rate: float


def obstacle(spec: Spec) -> str | None:
    """Why nothing of a specification is a program; None if something is."""
    kind = kind_of(spec)
    if kind.trained or kind.tensors(spec):
        return None
    return "it works on Python lists and texts, so there is nothing to compile"


def asked_cases(spec: Spec, dtype: str, seed: int, count: int) -> list[Case]:
    """Published answers, and as many drawn cases; of a model half as many."""
    drawn = -(-count // 2) if kind_of(spec).trained else count
    return [*known_cases(spec, dtype), *(draw(spec, dtype, recipe) for recipe in recipes(seed, drawn))]


def trained_cases(cases: Sequence[Case]) -> Iterator[tuple[Case, Training]]:
    """A case for each optimiser, of few steps; the models take turns.

    None with extreme numbers: the gradient of what is saturated is nothing but roundings, which adaptive steps blow up to full size. Drawing
    chooses the optimiser by the numbers, but here every one is wanted.
    """
    calm = [case for case in cases if case.profile is None or not case.profile.extreme] or cases
    for position, (optimizer, rate) in enumerate(LEARNING_RATES.items()):
        case = calm[position % len(calm)]
        inputs = case.model
        # One that was drawn with it was drawn with a rate at which it does not run away.
        rate = inputs.training["learning_rate"] if inputs.optimizer == optimizer else rate
        training = Training(optimizer, rate)
        named = {"optimizer": optimizer, "learning_rate": rate}
        few = replace(inputs, batches=inputs.batches[:_STEPS], training=named, calls={}).named()
        yield replace(case, inputs=few), training


def no_program(quantity: Quantity, name: str) -> str | None:
    """Why one named result, or what a method says, is not computed by a program; None if it is."""
    if name.partition("/")[0] in _OF_THE_HOST:
        return "Keras runs it on the host, batch by batch, and hands out NumPy arrays"
    if name.startswith(RELOADED):
        return "weights go through a file, which a program has not"
    if quantity == "training" and name.startswith(AGAIN):
        return "it asks whether a model that was trained before keeps anything of it; a program keeps nothing"
    if quantity == "training" and name.startswith(GREEDY):
        return "pretraining builds a model a layer and hands weights over as NumPy arrays, so it is several programs"
    return None
