"""A plain Keras or PyTorch model, as a course teaches to write one, in the place of a class of the contract.

It has no canonical names and no methods but its call. What is asked of it is its output, the loss of that output and gradients and
training steps of that loss: the optimiser and the loss are the framework's, so the network alone is judged. The weights of the contract
are put onto its parameters in the order in which they are registered.

Nothing here says what a model should answer: this runs beside foreign code.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.respondent.responses import NotAnAnswer, NotSupported
from conformance.respondent.symptoms import Symptom

MOMENTUM, RHO, BETAS, EPSILON = 0.9, 0.9, (0.9, 0.999), 1e-7


@dataclass(frozen=True)
class PlainRole:
    """What a plain model of a specification is called with, what it returns, and what that is compared with.

    seen, target   entries of the batch: the argument of the call, and what the loss compares the output with
    shown          the contract's name of the output; probabilities, not logits, where it is one of a class
    loss           its formula, where the configuration does not choose one; its name among the terms is `term`
    penalty        name of the term that the model adds to the loss itself (Keras' `add_loss`); None if it adds none
    needless       options that do not change the network
    matters_where  option -> (another option, its value): they change the network only there
    unable         (option, value, why): a configuration of which no plain model is asked
    defaults       what the contract's options are when they are not given
    """

    seen: str
    shown: str
    target: str
    loss: str
    term: str
    penalty: str | None
    needless: Sequence[str]
    matters_where: Mapping[str, tuple[str, Any]]
    unable: Sequence[tuple[str, Any, str]]
    defaults: Mapping[str, Any]

    def may_lack(self, option: str, options: Mapping[str, Any]) -> bool:
        """Whether a builder need not take the option: it is at its default, or changes nothing in the network."""
        setting, usual = options[option], self.defaults.get(option)
        if option in self.needless or (tuple(setting) == usual if isinstance(setting, (list, tuple)) else setting == usual):
            return True
        if option not in self.matters_where:
            return False
        partner, value = self.matters_where[option]
        return options[partner] != value


_WRITE_THE_CLASS = "write the class of the contract for it"


def role_of(stand_in: Mapping[str, Any] | str | None) -> PlainRole | str:
    """What a question says of plain models: their role, or why they have none."""
    if isinstance(stand_in, Mapping):
        return PlainRole(**stand_in)
    return stand_in or "nothing is agreed on for a plain model"


def able_role(role: PlainRole | str, name: str, configuration: Mapping[str, Any]) -> PlainRole:
    """What is asked of a plain model of the specification. Raises NotSupported where there is nothing, with the way out."""
    if isinstance(role, str):
        raise _refused(name, role)
    for option, value, why in role.unable:
        if configuration.get(option) == value:
            raise _refused(name, why)
    return role


def _refused(name: str, why: str) -> NotSupported:
    return NotSupported(f"{name}: {why}; {_WRITE_THE_CLASS}")


def arguments(
    builder: Callable[..., Any], title: str, role: PlainRole | str, name: str, configuration: Mapping[str, Any]
) -> dict[str, Any]:
    """The options that the builder takes. Raises NotAnAnswer if one that matters is not among them."""
    options = dict(configuration) if isinstance(role, str) else {**role.defaults, **configuration}
    try:
        parameters = inspect.signature(builder).parameters
    except (TypeError, ValueError):  # Python cannot say what it takes
        return options
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return options
    if isinstance(role, str):
        # Only a builder of the class itself may stand for it, and that takes what the class takes.
        if options.keys() - parameters.keys():
            raise _refused(name, role)
        return options
    lacking = [option for option in options if option not in parameters and not role.may_lack(option, options)]
    for option, _, why in role.unable:
        if option in lacking:
            raise _refused(name, why)
    if lacking:
        raise NotAnAnswer(
            f"{title} takes no argument {lacking[0]!r}, which is {options[lacking[0]]!r} here", Symptom.LACKS_ARGUMENT
        )
    return {option: value for option, value in options.items() if option in parameters}


@dataclass(frozen=True)
class Slot:
    """A parameter: its name in the model, its own axes in the order of the contract's, its shape in that order, the framework's object."""

    name: str
    axes: tuple[int, ...]
    shape: tuple[int, ...]
    parameter: Any

    def own(self, array: np.ndarray) -> np.ndarray:
        """An array of the contract in the layout of the parameter."""
        return np.ascontiguousarray(np.transpose(array, np.argsort(self.axes)))


def fitted(weights: Mapping[str, np.ndarray], slots: Sequence[Slot]) -> dict[str, Slot]:
    """The model's parameters by the contract's names, in order. Raises NotAnAnswer for the first that does not fit."""
    rule = "its parameters do not fit in the order in which they are registered"
    for number, ((name, array), slot) in enumerate(zip(weights.items(), slots, strict=False), start=1):
        if array.shape != slot.shape:
            expected, actual = f"{name} of shape {array.shape}", f"{slot.name} of shape {slot.shape}"
            raise NotAnAnswer(f"{rule}: expected {expected} as number {number}, got {actual}", Symptom.WEIGHTS_DO_NOT_FIT)
    if len(slots) < len(weights):
        name, array = list(weights.items())[len(slots)]
        raise NotAnAnswer(
            f"{rule}: expected {name} of shape {array.shape} as number {len(slots) + 1}, got none", Symptom.WEIGHTS_DO_NOT_FIT
        )
    if len(slots) > len(weights):
        extra = slots[len(weights)]
        raise NotAnAnswer(
            f"{rule}: expected {len(weights)} of them, got {extra.name} of shape {extra.shape} too", Symptom.WEIGHTS_DO_NOT_FIT
        )
    return dict(zip(weights, slots, strict=True))


class PlainModel(ABC):
    """What the interview asks of a class, answered for a plain model. A framework fills in how."""

    def __init__(self, role: PlainRole, configuration: Mapping[str, Any]) -> None:
        self.role = role
        self.loss = {**role.defaults, **configuration}.get("loss", role.loss)
        self.table: dict[str, Slot] = {}
        self.optimizer_state: dict[str, np.ndarray] = {}

    @abstractmethod
    def slots(self) -> list[Slot]:
        """Its parameters in the order in which they are registered."""

    @abstractmethod
    def put(self, slot: Slot, array: np.ndarray) -> None:
        """Replace a parameter."""

    @abstractmethod
    def read(self, slot: Slot) -> np.ndarray:
        """A copy of a parameter, in its own layout."""

    @abstractmethod
    def answer(self, batch: Any, training: bool) -> Any:
        """Its output."""

    @abstractmethod
    def loss_terms(self, **batch: Any) -> dict[str, Any]:
        """The loss of its output in training mode, what it adds itself, and the total."""

    @abstractmethod
    def gradients(self, **batch: Any) -> dict[str, Any]:
        """∂total/∂parameter of every parameter that is not frozen, in the contract's layout."""

    @abstractmethod
    def training_steps(self, batches: Iterable[Mapping[str, Any]], optimizer: str, learning_rate: float) -> list[float]:
        """One step of the optimiser a batch; the total before each."""

    def import_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Put the contract's weights onto the parameters. Raises NotAnAnswer if they do not fit; then nothing changes."""
        self.table = fitted(weights, self.slots())
        for name, slot in self.table.items():
            self.put(slot, slot.own(weights[name]))

    def export_weights(self) -> dict[str, np.ndarray]:
        """The weights under the contract's names."""
        return {name: np.ascontiguousarray(self.read(slot).transpose(slot.axes)) for name, slot in self.table.items()}

    def activations(self, **batch: Any) -> dict[str, Any]:
        """All that a plain model shows: its output, in training mode."""
        return {self.role.shown: self.answer(batch[self.role.seen], training=True)}

    def inference(self, **batch: Any) -> dict[str, Any]:
        """Its output when it is used."""
        return {self.role.shown: self.answer(batch[self.role.seen], training=False)}


def refuse_unlike(role: PlainRole, loss: str, shape: Sequence[int | None], target: Sequence[int | None]) -> None:
    """Refuse an output that the loss would broadcast."""
    if loss == "softmax_cross_entropy":
        fits, expected = len(shape) == 2 and shape[0] == target[0], f"({target[0]}, classes)"
    else:
        fits, expected = tuple(shape) == tuple(target), str(tuple(target))
    if not fits:
        raise NotAnAnswer(f"{role.shown}: expected shape {expected}, got {tuple(shape)}", Symptom.WRONG_SHAPE)
