"""All that a package of this project is asked besides its cases, once a specification; of anybody's class what it draws at random."""

from __future__ import annotations

import contextlib
import inspect
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

import reference
from conformance.cases.case import draw
from conformance.cases.drawing import Recipe
from conformance.cases.kinds import kind_of
from conformance.cases.kinds.model_drawing import configured
from conformance.cases.profiles import ORDINARY
from conformance.judging.conduct import chance, refusals, training, weights
from conformance.judging.conduct.sides import Side
from conformance.respondent import frameworks
from conformance.respondent.deadline import Late, deadline
from conformance.respondent.frameworks import DEVICES
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.responses import Response, TimedOut
from conformance.targets.subject import LocalSubject, Subject
from reference.domains import Choice
from reference.specification import Quantity, Spec

# Samples of what is fitted: two steps of two and one of one.
_SAMPLES = 5
_REFERENCE = reference.__name__
_PRECISION = {_REFERENCE: "float64"}
_PRECISIONS = ("float64", "float32")
_LATE = "what it is asked besides its cases took more than {:g} seconds"


@runtime_checkable
class Elsewhere(Protocol):
    """A subject in another process, which has to be examined there."""

    def examine(self, spec: Spec, seconds: float) -> tuple[Quantity, str] | Response | None:
        """`first_problem` there; what came instead if it is not said."""
        ...


def is_held(subject: Subject) -> bool:
    """Whether it is a package of this project, so that it follows the whole contract, in a precision that trains."""
    target = subject.target
    own = {*frameworks.own_packages(), _REFERENCE}
    return target.module in own and target.mode == "eager" and target.dtype in _PRECISIONS


def first_problem(subject: Subject, spec: Spec, seconds: float) -> tuple[Quantity, str] | None:
    """The first thing that a package does otherwise than it has to, and the quantity that it counts to; None if there is none.

    Of a class that anybody else wrote only what it draws itself is asked, and that only where it offers to: it takes a seed, or a batch
    without noise.
    """
    if subject.offered(spec.name) is None or subject.target.device not in DEVICES:  # it is asked where it is used
        return None
    if isinstance(subject, Elsewhere):
        return _said(subject.examine(spec, seconds), spec, seconds, is_held(subject))
    return _first_problem_here(subject, spec, seconds) if isinstance(subject, LocalSubject) else None


def _said(answer: tuple[Quantity, str] | Response | None, spec: Spec, seconds: float, held: bool) -> tuple[Quantity, str] | None:
    """What is made of an answer from elsewhere; a process that does not give it has done so otherwise than it has to."""
    match answer:
        case None | tuple():
            return answer
        case TimedOut():
            return (spec.quantities[0], _LATE.format(seconds)) if held else None
        case _ if not held:  # who need not answer here may break off
            return None
        case _:
            return spec.quantities[0], f"asked what no case asks, it {getattr(answer, 'sentence', 'answered')}"


def _first_problem_here(subject: LocalSubject, spec: Spec, seconds: float) -> tuple[Quantity, str] | None:
    quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with quiet[0], quiet[1], warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return (_first_of_all if is_held(subject) else _first_of_chance)(subject, spec, seconds)


def _first_of_all(subject: LocalSubject, spec: Spec, seconds: float) -> tuple[Quantity, str] | None:
    quantity: Quantity = spec.quantities[0]
    try:
        with deadline(seconds):
            for quantity, problem in problems(subject, spec):
                return quantity, problem
    except Late:
        return quantity, _LATE.format(seconds)
    except Exception as error:  # a package of this project may raise anything, and that is the problem
        return quantity, f"what it is asked besides its cases ended with {type(error).__name__}: {error}".split("\n")[0]
    return None


def _first_of_chance(subject: LocalSubject, spec: Spec, seconds: float) -> tuple[Quantity, str] | None:
    target, package, right = subject.target, Side.of(subject), Side.of_specifications()
    if not kind_of(spec).trained or target.mode != "eager" or target.dtype != "float32":
        return None
    inputs = _inputs(spec, package, _plain_configuration(spec, package))
    given = inputs.configuration, inputs.weights, inputs.batch
    for asked in (chance.initial_weights(spec, package, right, {}), chance.own_noise(spec, package, *given)):
        # What raises, or does not end, where it need not answer is not offered.
        with contextlib.suppress(Exception, Late), deadline(seconds):
            for problem in asked:
                return spec.quantities[0], problem
    return None


def problems(subject: LocalSubject, spec: Spec) -> Iterator[tuple[Quantity, str]]:
    """Everything that it does otherwise, the quickest to ask first."""
    package: Side = Side.of(subject)
    first: Quantity = spec.quantities[0]
    right = Side.of_specifications()
    for paired_call in refusals.paired_calls(spec, package.dtype):
        if (problem := refusals.problem_of(paired_call, package, right)) is not None:
            yield first, problem
    # What follows looks at numbers of one precision; a second one would cost as much and show the same.
    if not kind_of(spec).trained or subject.target.dtype != _PRECISION.get(subject.target.module, "float32"):
        return
    plain = _plain_configuration(spec, package)
    for options in _options(spec, lambda model: model.parameter_shapes):
        yield from _counted(first, chance.initial_weights(spec, package, right, options))
    chosen = {name: value for name, value in plain.items() if not isinstance(spec.inputs[name], Choice)}
    for options in _options(spec, _chance_of):
        inputs = _inputs(spec, package, {**chosen, **options})
        given = inputs.configuration, inputs.weights, inputs.batch
        yield from _counted(first, chance.own_noise(spec, package, *given))
    yield from _counted(first, _told(spec, package, plain))
    inputs = _inputs(spec, package, plain)
    given = inputs.configuration, inputs.weights
    yield from _counted(first, weights.problems(spec, package, right, *given))
    if "training" in spec.quantities:
        yield from _counted("training", training.problems(spec, package, right, *given, inputs.batch))


def _plain_configuration(spec: Spec, package: Side) -> Mapping[str, Any]:
    return draw(spec, package.dtype, Recipe(ORDINARY, _SAMPLES)).model.configuration


def _inputs(spec: Spec, package: Side, configuration: Mapping[str, Any]) -> ModelInputs:
    return configured(spec, configuration, package.dtype, Recipe(ORDINARY, _SAMPLES), np.random.default_rng(0), 1)


def _told(spec: Spec, package: Side, configuration: Mapping[str, Any]) -> Iterator[str]:
    """A model is made where and as it is told. `meta` is a device that every machine has."""
    parameters = inspect.signature(package.offered(spec)).parameters
    for options in _options(spec, lambda model: model.parameter_shapes):
        told = {**configuration, **options}
        if "device" in parameters:
            model = package.offered(spec)(**told, device="meta")
            if any(value.device.type != "meta" for value in (*model.parameters(), *model.buffers())):
                yield f"{spec.name} with device = 'meta': expected every parameter there, got some elsewhere"
        for dtype in _PRECISIONS if "dtype" in parameters else ():
            weights = package.offered(spec)(**told, dtype=package.dtype_named(dtype)).export_weights()
            if any(value.dtype != dtype for value in weights.values()):
                yield f"{spec.name} with dtype = {dtype}: expected every parameter in it, got some in another"


def _counted(quantity: Quantity, problems: Iterator[str]) -> Iterator[tuple[Quantity, str]]:
    for problem in problems:
        yield quantity, problem


def _options(spec: Spec, fact: Callable[[Any], Any]) -> Iterator[dict[str, Any]]:
    """No options, then single choices that change the fact of the model."""
    facts = [fact(spec.evaluate())]
    yield {}
    for name, domain in spec.inputs.items():
        for value in domain.options if isinstance(domain, Choice) else ():
            try:
                changed = fact(spec.evaluate(**{name: value}))
            except ValueError:  # it does not go with the others' defaults
                continue
            if changed not in facts:
                facts.append(changed)
                yield {name: value}


def _chance_of(model: Any) -> Any:
    """What decides how a model draws noise: nothing where a batch has none."""
    return {"noise": model.batch_domains().get("noise"), "corruption": getattr(model, "corruption", None)}
