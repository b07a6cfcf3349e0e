"""What is asked of a target, and how its answers are read. Knows nothing of what the answers should be.

Whatever the target does (raise, print, exit, return nonsense, change its inputs, never return) becomes a `Response`.

This file and those that it imports are all that runs beside foreign code: they import nothing of the reference, and a worker that
holds a submission has no others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from conformance.respondent import offered_options, plain_models, whole_numbers
from conformance.respondent.belongings import own, refuse_changed_inputs, refuse_changed_lists, refuse_shared_memory
from conformance.respondent.class_results import (
    TRAINED,
    mapping,
    method_results,
    reloaded,
    tokenizer_results,
    training_results,
)
from conformance.respondent.deadline import Late, deadline
from conformance.respondent.frameworks import HALF_PRECISION, Framework, has_numbers
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.placement import refuse_strays
from conformance.respondent.responses import (
    NotAnAnswer,
    NotSupported,
    Output,
    Response,
    Returned,
    TimedOut,
    Unsupported,
)
from conformance.respondent.symptoms import Symptom
from conformance.respondent.unanswered import in_place_of_an_answer


@dataclass(frozen=True)
class Question:
    """A case as the target sees it.

    name        the public name of the function or class asked for
    kind        function | tokenizer | model
    reals       names of the inputs that are handed over as tensors
    quantities  value, gradient, activations, training: what an answer consists of
    inputs      plain Python values and NumPy arrays
    cotangent   weighs the elements of the value when its gradient is asked for; None if no gradient is
    gradients   names of the inputs by which its gradient is asked for
    untracked   whether the value is asked for where no gradients are recorded
    defaults    what its options are where they are not given
    stand_in    the fields of a `PlainRole`, if a plain model may stand for the class; else why not, if there is something to say
    """

    name: str
    kind: str
    reals: tuple[str, ...]
    quantities: tuple[str, ...]
    inputs: Mapping[str, Any]
    cotangent: np.ndarray | None = None
    stand_in: Mapping[str, Any] | str | None = None
    gradients: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    untracked: bool = False


def builder_of(name: str) -> str:
    """The function that may stand for a class: `build_stacked_autoencoder` for StackedAutoencoder."""
    return "build" + "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


@dataclass(frozen=True)
class Respondent:
    """A module that is asked, in one framework, dtype, mode, and on one device. `folder` holds all that is foreign, if that is known."""

    module: ModuleType
    name: str
    framework: Framework
    dtype: str
    device: str
    mode: str
    folder: str | None = None
    _compiled: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def offered(self, question: Question) -> Any:
        """The module's object of the name, compiled if the mode asks for it; raises NotSupported if there is none."""
        name = question.name
        if name in self._compiled:
            return self._compiled[name]
        offer = getattr(self.module, name, None)
        if offer is None and question.kind == "model":
            offer = getattr(self.module, builder_of(name), None)
        if offer is None:
            raise NotSupported(f"{self.name} has no {name!r}")
        if not callable(offer):
            raise NotAnAnswer(f"{name} is {type(offer).__name__}, expected something callable", Symptom.NOT_CALLABLE)
        if self.mode == "compiled" and question.kind != "model":
            if not question.reals:
                raise NotSupported("it works on Python lists, so there is nothing to compile")
            offer = self.framework.compiled(offer)
        self._compiled[name] = offer
        return offer


def interview(respondent: Respondent, question: Question, seconds: float) -> dict[Any, Response]:
    """The target's response for every quantity of the question, within a time limit."""
    framework, unanswered = respondent.framework, None
    responses: dict[Any, Response] = {}
    try:
        with deadline(seconds), framework.computing_in(respondent.dtype), framework.placed(respondent.device):
            _SCRIPTS[question.kind](respondent, question, responses)
    except Late:
        unanswered = TimedOut(seconds)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a target may raise anything, SystemExit included
        unanswered = in_place_of_an_answer(error, framework, respondent.folder)
    if unanswered is not None:
        for quantity in question.quantities:
            responses.setdefault(quantity, unanswered)
    return responses


def _call_function(respondent: Respondent, question: Question, responses: dict[Any, Response]) -> None:
    """One forward pass serves value and gradient."""
    framework = respondent.framework
    function = respondent.offered(question)
    tensors = {name: framework.to_tensor(question.inputs[name], respondent.dtype, respondent.device) for name in question.reals}
    written = getattr(respondent.module, question.name, function)  # what is compiled may have another signature
    arguments = {**own(question.inputs), **tensors}
    arguments = offered_options.taken(written, question.name, arguments, question.defaults)
    if question.cotangent is None:
        value = function(**arguments)
        refuse_changed_lists(arguments, question.inputs)
        # What is given no tensor is told no device.
        output = framework.to_output(value) if question.reals else replace(whole_numbers.to_output(framework, value), device="host")
        responses["value"] = Returned({"value": output})
        return
    if question.untracked:
        with framework.recording(False):
            responses["value"] = Returned({"value": framework.to_output(function(**arguments))})
        refuse_changed_inputs(framework, tensors, question.inputs)
    differentiated = {name: tensors[name] for name in question.gradients}
    vjp = _vjp(respondent, question, function)
    value, gradients = framework.value_and_gradients(
        function, arguments, differentiated, question.cotangent, respondent.dtype, respondent.device, vjp
    )
    output = framework.to_output(value)
    refuse_changed_inputs(framework, tensors, question.inputs)
    responses.setdefault("value", Returned({"value": output}))
    if output.array.shape != question.cotangent.shape:
        raise NotAnAnswer(
            f"its value has shape {output.array.shape}, expected {question.cotangent.shape}, so its gradient was not asked for",
            Symptom.WRONG_SHAPE,
        )
    responses["gradient"] = Returned(_read_gradients(framework, gradients(), question.gradients))


def _vjp(respondent: Respondent, question: Question, function: Any) -> Callable[..., Any] | None:
    """`<name>_vjp` in the target, or beside the function where the target only hands it on."""
    places = (respondent.module, sys.modules.get(getattr(function, "__module__", None) or ""))
    return next((vjp for place in places if (vjp := getattr(place, f"{question.name}_vjp", None)) is not None), None)


def _call_tokenizer(respondent: Respondent, question: Question, responses: dict[Any, Response]) -> None:
    inputs = own(question.inputs)
    results = tokenizer_results(respondent.offered(question), inputs)
    refuse_changed_lists(inputs, question.inputs)
    responses["value"] = Returned(results)


def _call_model(respondent: Respondent, question: Question, responses: dict[Any, Response]) -> None:
    framework, inputs = respondent.framework, ModelInputs.of(own(question.inputs))

    def tensors(batch: Mapping[str, Any]) -> dict[str, Any]:
        def tensor(value: Any) -> Any:
            if not isinstance(value, np.ndarray):
                return value
            return framework.to_tensor(value, respondent.dtype if value.dtype.kind == "f" else value.dtype.name, respondent.device)

        return {name: tensor(value) for name, value in batch.items()}

    def read(values: Mapping[str, Any]) -> dict[str, Output]:
        return {name: framework.to_output(value) for name, value in values.items()}

    def activations() -> Response:
        inference = mapping(model.inference(**batch), "inference returned")
        layers = mapping(model.activations(**batch), "activations returned")
        methods = method_results(model, {name: tensors(arguments) for name, arguments in inputs.calls.items()})
        named = {**layers, **{f"inference/{name}": value for name, value in inference.items()}}
        # Keras' `predict` answers in the host's memory.
        others = {
            name: _host_output(value) if isinstance(value, np.ndarray) else framework.to_output(value)
            for name, value in methods.items()
        }
        # Weights without numbers are worth no file.
        again = reloaded(model, inputs.weights, batch) if has_numbers(respondent.device) else {}
        return Returned({**read({**named, **again}), **others})

    def handed_over(value: Any) -> Output:
        output = _host_output(value)
        return output if has_numbers(respondent.device) else replace(output, device=respondent.device)

    def training() -> Response:
        if respondent.dtype in HALF_PRECISION:
            return Unsupported(f"{respondent.dtype} holds neither Adam's second moments nor its ε; train in float32")
        exported = mapping(model.export_weights(), "export_weights returned")
        before = own(dict(exported))
        results = training_results(model, inputs.weights, [tensors(batch) for batch in inputs.batches], inputs.training)
        refuse_shared_memory(exported, before, "export_weights hands out its own memory: training changed what it had returned")
        sentence = "import_weights keeps the memory that it is given: training changed the caller's"
        refuse_shared_memory(inputs.weights, original.weights, sentence)
        refuse_strays(framework, model, respondent.device)
        read_of = {name: framework.to_output if name.startswith(TRAINED) else handed_over for name in results}
        return Returned({name: read_of[name](value) for name, value in results.items()})

    def gradient() -> Response:
        if question.untracked:  # in every second case: what a call leaves behind must not be in the next one's
            model.gradients(**batch)
        return Returned(read(mapping(model.gradients(**batch), "gradients returned")))

    scripts: Mapping[str, Callable[[], Response]] = {
        "activations": activations,
        "value": lambda: Returned(read(mapping(model.loss_terms(**batch), "loss_terms returned"))),
        "gradient": gradient,
        "training": training,
    }
    batch, original = tensors(inputs.batch), ModelInputs.of(question.inputs)
    model = _built(respondent, question, respondent.offered(question), inputs.configuration, batch)
    refuse_strays(framework, model, respondent.device)
    model.import_weights(inputs.weights)
    refuse_strays(framework, model, respondent.device)
    for quantity in question.quantities:
        lacking = [method for method in _METHODS[quantity] if not hasattr(model, method)]
        # What trains records for itself; a model's own gradients may rely on it.
        with framework.recording(not (question.untracked and quantity in ("activations", "value"))):
            try:
                responses[quantity] = Unsupported(f"{question.name} has no {lacking[0]!r}") if lacking else scripts[quantity]()
            except (Late, KeyboardInterrupt):
                raise
            except BaseException as error:  # what fails in one quantity is no answer to the others, which may be right
                responses[quantity] = in_place_of_an_answer(error, framework, respondent.folder)
                model.import_weights(inputs.weights)
        refuse_changed_inputs(framework, batch, original.batch)


def _built(
    respondent: Respondent, question: Question, offered: Any, configuration: Mapping[str, Any], batch: Mapping[str, Any]
) -> Any:
    """The model; what a `build_<model>` returns may be a plain Keras or PyTorch model."""
    framework, dtype, device, mode = respondent.framework, respondent.dtype, respondent.device, respondent.mode
    name = question.name
    if getattr(respondent.module, name, None) is not None:
        if not configuration:
            offered_options.refuse_without_defaults(offered, name, question.defaults)
        own_options = offered_options.taken(offered, name, configuration, question.defaults)
        return framework.build(offered, own_options, dtype, device, mode)
    builder, role = builder_of(name), plain_models.role_of(question.stand_in)
    model = framework.build(offered, plain_models.arguments(offered, builder, role, name, configuration), dtype, device, mode)
    if hasattr(model, "import_weights"):
        return model
    if mode == "compiled":
        raise NotSupported("a plain model is asked eagerly; write the class of the contract to have it compiled")
    return framework.plain(model, builder, plain_models.able_role(role, name, configuration), configuration, batch)


# What a model needs for each quantity; a class that lacks a method does not offer what needs it.
_METHODS = {
    "activations": ("activations", "inference"),
    "value": ("loss_terms",),
    "gradient": ("gradients",),
    "training": ("training_steps", "export_weights"),
}

_SCRIPTS: Mapping[str, Callable[[Respondent, Question, dict[Any, Response]], None]] = {
    "function": _call_function,
    "tokenizer": _call_tokenizer,
    "model": _call_model,
}


def _host_output(value: Any) -> Output:
    """Weights and losses are handed over in the host's memory, so on no device."""
    if type(value) is not np.ndarray:
        raise NotAnAnswer(f"exported {type(value).__name__}, expected a NumPy array", Symptom.WRONG_TYPE)
    return Output(value, value.dtype.name, "host")


def _read_gradients(framework: Framework, gradients: Mapping[str, Any], names: Sequence[str]) -> dict[str, Output]:
    for name in names:
        if gradients.get(name) is None:
            raise NotAnAnswer(f"no gradient reaches {name!r}", Symptom.NO_GRADIENT)
    return {name: framework.to_output(gradients[name]) for name in names}
