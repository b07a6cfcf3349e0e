"""A plain `keras.Model` in the place of a class of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from conformance.respondent.frameworks.placed_tensorflow import unnumbered
from conformance.respondent.plain_models import BETAS, EPSILON, MOMENTUM, RHO, PlainModel, PlainRole, Slot, refuse_unlike
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom

State = dict[str, Any]


class PlainKerasModel(PlainModel):
    """A Keras model, its variables in the order of `weights`."""

    def __init__(
        self, model: keras.Model, role: PlainRole, configuration: Mapping[str, Any], batch: Mapping[str, tf.Tensor]
    ) -> None:
        super().__init__(role, configuration)
        self.model = model
        if not model.built or not model.weights:
            self.answer(batch[role.seen], training=False)  # its layers learn their widths from what they see

    def slots(self) -> list[Slot]:
        return [
            Slot(unnumbered(variable.path), tuple(range(len(variable.shape))), tuple(variable.shape), variable)
            for variable in self.model.weights
        ]

    def put(self, slot: Slot, array: np.ndarray) -> None:
        slot.parameter.assign(array)

    def read(self, slot: Slot) -> np.ndarray:
        return _as_array(slot.parameter)

    def answer(self, batch: tf.Tensor, training: bool) -> tf.Tensor:
        output = self.model(batch, training=training)
        if not isinstance(output, tf.Tensor):
            raise NotAnAnswer(f"the model returned {type(output).__name__}, expected a tf.Tensor", Symptom.WRONG_TYPE)
        return output

    def loss_terms(self, **batch: Any) -> dict[str, tf.Tensor]:
        output = self.answer(batch[self.role.seen], training=True)
        loss = self._loss(output, batch[self.role.target])
        # What `add_loss` and regularizers of layers ask for belongs to what Keras minimises.
        penalty = tf.add_n([tf.zeros_like(loss), *(tf.cast(term, loss.dtype) for term in self.model.losses)])
        penalties = {} if self.role.penalty is None else {self.role.penalty: penalty}
        return {self.role.term: loss, **penalties, "total": loss + penalty}

    def gradients(self, **batch: Any) -> dict[str, tf.Tensor]:
        return self._differentiated(self._learned(), batch)[1]

    def training_steps(self, batches: Iterable[Mapping[str, Any]], optimizer: str, learning_rate: float) -> list[float]:
        learned = self._learned()
        if not learned:
            raise NotAnAnswer("all its parameters are frozen, so there is nothing to train", Symptom.ALL_FROZEN)
        step, states, losses = _OPTIMIZERS[optimizer], {name: {} for name in learned}, []
        for position, batch in enumerate(batches):
            total, gradients = self._differentiated(learned, batch)
            for name, slot in learned.items():
                slot.parameter.assign_add(step(gradients[name], states[name], learning_rate, position + 1))
            losses.append(float(total))
        self.optimizer_state = {
            f"{name}/{quantity}": _as_array(value) for name, state in states.items() for quantity, value in state.items()
        }
        return losses

    def _learned(self) -> dict[str, Slot]:
        trained = {id(variable) for variable in self.model.trainable_weights}
        return {name: slot for name, slot in self.table.items() if id(slot.parameter) in trained}

    def _differentiated(self, learned: Mapping[str, Slot], batch: Mapping[str, Any]) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        with tf.GradientTape() as tape:
            total = self.loss_terms(**batch)["total"]
        gradients = tape.gradient(total, [slot.parameter.value for slot in learned.values()])
        for name, gradient in zip(learned, gradients, strict=True):
            if gradient is None:
                raise NotAnAnswer(f"no gradient reaches {name!r}", Symptom.NO_GRADIENT)
        # The gradient of an embedding comes as rows; the tensor that they make is wanted.
        return total, {name: tf.convert_to_tensor(gradient) for name, gradient in zip(learned, gradients, strict=True)}

    def _loss(self, output: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        refuse_unlike(self.role, self.loss, tuple(output.shape), tuple(target.shape))
        if self.loss == "mean_squared_error":
            return tf.reduce_mean(tf.math.squared_difference(output, target))
        # Keras leaves the logits with what its sigmoid and softmax return, for its own losses to use: finite where probabilities are 0.
        logits = getattr(output, "_keras_logits", None)
        if self.loss == "softmax_cross_entropy":
            classes = target[:, 0]
            if logits is None:
                return -tf.reduce_mean(tf.math.log(tf.gather(output, classes, axis=1, batch_dims=1)))
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits))
        if logits is None:
            return -tf.reduce_mean(target * tf.math.log(output) + (1.0 - target) * tf.math.log1p(-output))
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target, logits))


# By hand: Keras adds ε elsewhere in Adam, Adagrad and RMSprop than the contract, and takes 1 − β₂ᵗ in single precision. Each returns what is
# to be added to the parameter, and keeps what it holds in the state.


def _sgd(gradient: tf.Tensor, state: State, rate: float, step: int) -> tf.Tensor:
    return -rate * gradient


def _momentum(gradient: tf.Tensor, state: State, rate: float, step: int) -> tf.Tensor:
    state["velocity"] = MOMENTUM * state.get("velocity", tf.zeros_like(gradient)) - rate * gradient
    return state["velocity"]


def _nesterov(gradient: tf.Tensor, state: State, rate: float, step: int) -> tf.Tensor:
    return MOMENTUM * _momentum(gradient, state, rate, step) - rate * gradient


def _adagrad(gradient: tf.Tensor, state: State, rate: float, step: int) -> tf.Tensor:
    state["squares"] = state.get("squares", tf.zeros_like(gradient)) + gradient * gradient
    return -rate * gradient / (tf.sqrt(state["squares"]) + EPSILON)


def _rmsprop(gradient: tf.Tensor, state: State, rate: float, step: int) -> tf.Tensor:
    state["squares"] = RHO * state.get("squares", tf.zeros_like(gradient)) + (1.0 - RHO) * gradient * gradient
    return -rate * gradient / (tf.sqrt(state["squares"]) + EPSILON)


def _adam(gradient: tf.Tensor, state: State, rate: float, step: int) -> tf.Tensor:
    of_m, of_v = BETAS
    state["m"] = of_m * state.get("m", tf.zeros_like(gradient)) + (1.0 - of_m) * gradient
    state["v"] = of_v * state.get("v", tf.zeros_like(gradient)) + (1.0 - of_v) * gradient * gradient
    return -rate * (state["m"] / (1.0 - of_m**step)) / (tf.sqrt(state["v"] / (1.0 - of_v**step)) + EPSILON)


_OPTIMIZERS: Mapping[str, Callable[[tf.Tensor, State, float, int], tf.Tensor]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
}


def _as_array(value: Any) -> np.ndarray:
    """A copy in the host's memory; bfloat16, which NumPy lacks, as float32."""
    value = tf.convert_to_tensor(value)
    return np.array((tf.cast(value, tf.float32) if value.dtype == tf.bfloat16 else value).numpy())
