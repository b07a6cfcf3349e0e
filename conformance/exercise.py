"""Asking a target for its answer to a case. Knows nothing of what the answer should be.

Whatever the target does (raise, print, exit, return nonsense, change its inputs, never return) becomes a `Response`.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from conformance import frameworks
from conformance.cases import Case
from conformance.expectation import tokenizer_results, training_results
from conformance.frameworks import HALF_PRECISION, Framework
from conformance.printable import message_of
from conformance.responses import (
    NotAnAnswer,
    NotSupported,
    Output,
    ProtocolError,
    Raised,
    Response,
    Returned,
    TimedOut,
    Unsupported,
)
from conformance.targets import Target, load_module
from reference.specification import Quantity, Reals, Spec

Responses = dict[Quantity, Response]


class _Late(BaseException):
    """Raised in the target by the alarm. Not an Exception, so that a target that catches everything does not catch it."""


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Interrupt Python code after `seconds`. Works in the main thread; elsewhere it sets no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: object) -> None:
        raise _Late

    previous = signal.signal(signal.SIGALRM, ring)
    # It rings again every tenth of a second, should the first be swallowed.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@dataclass(frozen=True)
class Subject:
    """A target made ready to answer: its module imported, its framework loaded."""

    target: Target
    module: ModuleType
    framework: Framework

    @classmethod
    def of(cls, target: Target) -> Subject:
        """Import what the target needs. Raises UnusableTarget or NotSupported."""
        return cls(target, load_module(target.module), frameworks.load(target.framework))

    @cached_property
    def _functions(self) -> dict[str, Callable[..., Any]]:
        return {}

    def offered(self, spec: Spec) -> Any:
        """The module's object for the specification, compiled if the mode asks for it; raises NotSupported if there is none."""
        name = spec.name
        found = self._functions.get(name)
        if found is None:
            found = getattr(self.module, name, None)
            if found is None:
                raise NotSupported(f"{self.target.name} has no {name!r}")
            if not callable(found):
                raise NotAnAnswer(f"{name} is {type(found).__name__}, expected something callable")
            if self.target.mode == "compiled" and spec.kind != "model":
                if not any(isinstance(domain, Reals) for domain in spec.inputs.values()):
                    raise NotSupported("it works on Python lists, so there is nothing to compile")
                found = self.framework.compiled(found)
            self._functions[name] = found
        return found


def exercise(subject: Subject, spec: Spec, case: Case, seconds: float) -> Responses:
    """The target's response for every quantity of the specification, within a time limit."""
    responses: Responses = {}
    unanswered: Response | None = None
    try:
        with _deadline(seconds):
            _SCRIPTS[spec.kind](subject, spec, case, responses)
    except _Late:
        unanswered = TimedOut(seconds)
    except NotSupported as reason:
        unanswered = Unsupported(str(reason))
    except NotAnAnswer as problem:
        unanswered = ProtocolError(str(problem))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a target may raise anything, SystemExit included
        unanswered = Raised(type(error).__name__, message_of(error))
    if unanswered is not None:
        for quantity in spec.quantities:
            responses.setdefault(quantity, unanswered)
    return responses


def _call_function(subject: Subject, spec: Spec, case: Case, responses: Responses) -> None:
    """One forward pass serves value and gradient."""
    framework, target = subject.framework, subject.target
    function = subject.offered(spec)
    tensors = {
        name: framework.to_tensor(case.inputs[name], target.dtype, target.device)
        for name, domain in spec.inputs.items()
        if isinstance(domain, Reals)
    }
    arguments = {**own(case.inputs), **tensors}
    if case.cotangent is None:
        value = function(**arguments)
        _refuse_changed_lists(arguments, case.inputs)
        responses["value"] = Returned({"value": framework.to_output(value)})
        return
    value, gradients = framework.value_and_gradients(
        function, arguments, tensors, case.cotangent, target.dtype, target.device, _vjp(subject, spec, function)
    )
    output = framework.to_output(value)
    _refuse_changed_inputs(framework, tensors, case.inputs)
    responses["value"] = Returned({"value": output})
    if output.array.shape != case.cotangent.shape:
        raise NotAnAnswer(
            f"its value has shape {output.array.shape}, expected {case.cotangent.shape}, so its gradient was not asked for"
        )
    responses["gradient"] = Returned(_read_gradients(framework, gradients(), tensors))


def _vjp(subject: Subject, spec: Spec, function: Any) -> Callable[..., Any] | None:
    """`<name>_vjp` in the target, or beside the function where the target only hands it on."""
    places = (subject.module, sys.modules.get(getattr(function, "__module__", None) or ""))
    return next((found for place in places if (found := getattr(place, f"{spec.name}_vjp", None)) is not None), None)


def _call_tokenizer(subject: Subject, spec: Spec, case: Case, responses: Responses) -> None:
    inputs = own(case.inputs)
    results = tokenizer_results(subject.offered(spec), inputs)
    _refuse_changed_lists(inputs, case.inputs)
    responses["value"] = Returned(results)


def _call_model(subject: Subject, spec: Spec, case: Case, responses: Responses) -> None:
    framework, target, inputs = subject.framework, subject.target, own(case.inputs)

    def tensors(batch: Mapping[str, Any]) -> dict[str, Any]:
        dtypes = {name: target.dtype if array.dtype.kind == "f" else array.dtype.name for name, array in batch.items()}
        return {name: framework.to_tensor(array, dtypes[name], target.device) for name, array in batch.items()}

    def read(named: Mapping[str, Any]) -> dict[str, Output]:
        return {name: framework.to_output(value) for name, value in named.items()}

    model = framework.build(subject.offered(spec), inputs["configuration"], target.dtype, target.device, target.mode)
    model.import_weights(inputs["weights"])
    batch = tensors(inputs["batch"])
    used = {f"inference/{name}": value for name, value in model.inference(**batch).items()}
    responses["activations"] = Returned(read({**model.activations(**batch), **used}))
    responses["value"] = Returned(read(model.loss_terms(**batch)))
    responses["gradient"] = Returned(read(model.gradients(**batch)))
    _refuse_changed_inputs(framework, batch, case.inputs["batch"])
    if target.dtype in HALF_PRECISION:
        responses["training"] = Unsupported(f"{target.dtype} holds neither Adam's second moments nor its ε; train in float32")
        return
    results = training_results(model, inputs["weights"], [tensors(batch) for batch in inputs["batches"]], inputs["training"])
    responses["training"] = Returned({name: _host_output(value) for name, value in results.items()})


_SCRIPTS: Mapping[str, Callable[[Subject, Spec, Case, Responses], None]] = {
    "function": _call_function,
    "tokenizer": _call_tokenizer,
    "model": _call_model,
}


def _host_output(value: Any) -> Output:
    """Weights and losses are handed over in the host's memory, so on no device."""
    if type(value) is not np.ndarray:
        raise NotAnAnswer(f"exported {type(value).__name__}, expected a NumPy array")
    return Output(value, value.dtype.name, "host")


def _read_gradients(framework: Framework, found: Mapping[str, Any], names: Sequence[str] | Mapping[str, Any]) -> dict[str, Output]:
    for name in names:
        if found.get(name) is None:
            raise NotAnAnswer(f"no gradient reaches {name!r}")
    return {name: framework.to_output(found[name]) for name in names}


def own(value: Any) -> Any:
    """A copy of inputs that the target may do with as it likes."""
    if isinstance(value, Mapping):
        return {key: own(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(own(item) for item in value)
    return value.copy() if isinstance(value, np.ndarray) else value


def _refuse_changed_lists(given: Mapping[str, Any], originals: Mapping[str, Any]) -> None:
    for name, value in originals.items():
        if isinstance(value, list) and given[name] != value:
            raise NotAnAnswer(f"changed its input {name!r}")


def _refuse_changed_inputs(framework: Framework, tensors: Mapping[str, Any], originals: Mapping[str, Any]) -> None:
    for name, tensor in tensors.items():
        if not np.array_equal(framework.to_output(tensor).array, originals[name]):
            raise NotAnAnswer(f"changed its input {name!r}")
