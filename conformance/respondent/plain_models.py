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
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.respondent.responses import NotAnAnswer, NotSupported
from conformance.respondent.symptoms import Symptom

MOMENTUM, RHO, BETAS, EPSILON = 0.9, 0.9, (0.9, 0.999), 1e-7


@dataclass(frozen=True)
class Kind:
    """What a plain model of a specification is called with, what it returns, and what that is compared with.

    seen, target   entries of the batch: the argument of the call, and what the loss compares the output with
    shown          the contract's name of the output; probabilities, not logits, where it is one of a class
    loss           its formula, where the configuration does not choose one; its name among the terms is `term`
    penalty        name of the term that the model adds to the loss itself (Keras' `add_loss`); None if it adds none
    defaults       what the contract's options are when they are not given
    needless       options that do not change the network: whether they are, given all options
    """

    seen: str
    shown: str
    target: str
    loss: str
    term: str
    defaults: Mapping[str, Any]
    penalty: str | None = None
    needless: Mapping[str, Callable[[Mapping[str, Any]], bool]] = field(default_factory=dict)

    @property
    def network_options(self) -> tuple[str, ...]:
        """What a builder takes: the options that may change a network that is no tied one."""
        return tuple(name for name in self.defaults if name != "tied" and self.needless.get(name) is not _always)


def _always(options: Mapping[str, Any]) -> bool:
    return True


_DENSE: Mapping[str, Any] = {"activation": "relu", "output_activation": "sigmoid", "loss": "mean_squared_error"}
KINDS: Mapping[str, Kind] = {
    "StackedAutoencoder": Kind(
        *("inputs", "reconstruction", "inputs", "mean_squared_error", "reconstruction"),
        {"sizes": (784, 100, 30), **_DENSE, "tied": False},
        needless={"loss": _always},
    ),
    "SparseAutoencoder": Kind(
        *("inputs", "reconstruction", "inputs", "mean_squared_error", "reconstruction"),
        {"sizes": (784, 100, 300), "penalty": "l1", "weight": None, "target": 0.1, **_DENSE},
        penalty="sparsity",
        needless={"loss": _always, "target": lambda options: options["penalty"] == "l1"},
    ),
    "LinearAutoencoder": Kind(
        *("inputs", "reconstruction", "inputs", "mean_squared_error", "reconstruction"),
        {"features": 784, "codings": 30},
    ),
    "PretrainedClassifier": Kind(
        *("inputs", "probabilities", "labels", "softmax_cross_entropy", "cross_entropy"),
        {"encoder": (784, 100, 30), "classes": 10, "trainable_encoder": False, "activation": "relu"},
    ),
    "CharClassifier": Kind(
        *("characters", "probability", "labels", "binary_cross_entropy", "cross_entropy"),
        {"vocabulary_size": 16, "embedding": 8, "units": 64, "cell": "lstm", "kernel_size": 3},
        needless={"kernel_size": lambda options: options["cell"] != "cnn"},
    ),
}
_WRITE_THE_CLASS = "write the class of the contract for it"
_TIED = f"a plain model has no tied matrices, whose parameters are fewer than its layers; {_WRITE_THE_CLASS}"
_NOT_OFFERED: Mapping[str, str] = {
    "DenoisingAutoencoder": "a plain model draws its noise itself, so nobody can say what comes out",
    "VariationalAutoencoder": "a plain model draws its noise itself and shows neither mean nor log_var",
    "ContractiveAutoencoder": "a plain model does not show the coding, of which the penalty is made",
    "HybridClassifier": "how a plain model takes its two inputs is not fixed",
}


def kind_of(name: str, configuration: Mapping[str, Any]) -> Kind:
    """What is asked of a plain model of the specification. Raises NotSupported where there is nothing, with the way out."""
    if name not in KINDS:
        raise _no_kind(name)
    if configuration.get("tied"):
        raise NotSupported(f"{name}: {_TIED}")
    return KINDS[name]


def _no_kind(name: str) -> NotSupported:
    return NotSupported(f"{name}: {_NOT_OFFERED.get(name, 'nothing is agreed on for a plain model')}; {_WRITE_THE_CLASS}")


def arguments(builder: Callable[..., Any], called: str, name: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The options that the builder takes. Raises NotAnAnswer if one that matters is not among them."""
    kind = KINDS.get(name)
    options = {**kind.defaults, **configuration} if kind else dict(configuration)
    try:
        parameters = inspect.signature(builder).parameters
    except (TypeError, ValueError):  # Python cannot say what it takes
        return options
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return options
    if kind is None:
        # Only a builder of the class itself may stand for it, and that takes what the class takes.
        if options.keys() - parameters.keys():
            raise _no_kind(name)
        return options
    lacking = [option for option in options if option not in parameters and not _needless(kind, option, options)]
    if "tied" in lacking:
        raise NotSupported(f"{name}: {_TIED}")
    if lacking:
        raise NotAnAnswer(
            f"{called} takes no argument {lacking[0]!r}, which is {options[lacking[0]]!r} here", Symptom.LACKS_ARGUMENT
        )
    return {option: value for option, value in options.items() if option in parameters}


def _needless(kind: Kind, option: str, options: Mapping[str, Any]) -> bool:
    """Whether a builder need not take the option: it is at its default, or changes nothing in the network."""
    given, usual = options[option], kind.defaults.get(option)
    same = tuple(given) == usual if isinstance(given, (list, tuple)) else given == usual
    return same or (option in kind.needless and kind.needless[option](options))


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
            wanted, got = f"{name} of shape {array.shape}", f"{slot.name} of shape {slot.shape}"
            raise NotAnAnswer(f"{rule}: expected {wanted} as number {number}, got {got}", Symptom.WEIGHTS_DO_NOT_FIT)
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

    def __init__(self, kind: Kind, configuration: Mapping[str, Any]) -> None:
        self.kind = kind
        self.loss = {**kind.defaults, **configuration}.get("loss", kind.loss)
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
    def answer(self, seen: Any, training: bool) -> Any:
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
        return {self.kind.shown: self.answer(batch[self.kind.seen], training=True)}

    def inference(self, **batch: Any) -> dict[str, Any]:
        """Its output when it is used."""
        return {self.kind.shown: self.answer(batch[self.kind.seen], training=False)}


def refuse_unlike(kind: Kind, loss: str, shape: Sequence[int | None], target: Sequence[int | None]) -> None:
    """Refuse an output that the loss would broadcast."""
    if loss == "softmax_cross_entropy":
        fits, wanted = len(shape) == 2 and shape[0] == target[0], f"({target[0]}, classes)"
    else:
        fits, wanted = tuple(shape) == tuple(target), str(tuple(target))
    if not fits:
        raise NotAnAnswer(f"{kind.shown}: expected shape {wanted}, got {tuple(shape)}", Symptom.WRONG_SHAPE)
