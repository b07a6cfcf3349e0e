"""What every full model offers: a parameter table, named activations, loss terms, gradients, training steps, weights in a file."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import floating_tensor, number_between, one_of
from impl_tf.models import weights as weights_file
from impl_tf.training import OPTIMIZERS

Named = dict[str, tf.Tensor]


class Model(keras.Model):
    """A `keras.Model` whose variables exist at once and have canonical names, weight matrices as (in, out).

    A batch is a set of named tensors or NumPy arrays; every method that takes one takes them as its arguments.

    `gradients` and `training_steps` call `self.loss_terms`, so that
    `model.loss_terms = tf.function(model.loss_terms, jit_compile=True)` compiles them too.

    Keras' `fit` works as ever; without targets, `fit(x)`, it minimises the total of `loss_terms`, and `compile` needs no loss.
    Then x is a batch, a dict of arrays, or the one array `inputs`.
    """

    def parameter_table(self) -> dict[str, keras.Variable]:
        """Canonical names in order, each with its variable."""
        raise NotImplementedError

    def activations(self, *args: Any, **batch: Any) -> Named:
        """Every intermediate result by name, in the order of computation."""
        raise NotImplementedError

    def loss_terms(self, *args: Any, **batch: Any) -> Named:
        """The terms of the loss by name, their sum last as `total`."""
        raise NotImplementedError

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return sum(math.prod(variable.shape) for variable in self.parameter_table().values())

    def gradients(self, *args: Any, **batch: Any) -> Named:
        """∂total/∂parameter by canonical name, for every parameter that is not frozen."""
        table = self._learned()
        _, gradients = self._differentiated(list(table.values()), *args, **batch)
        return dict(zip(table, gradients, strict=True))

    def training_steps(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[float]:
        """Take one optimiser step a batch, changing the weights; return the total loss before each step.

        Raises:
            ValueError: unknown optimiser, or a learning rate that is not positive.
        """
        build = OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]
        stepper = build(number_between("learning_rate", learning_rate, 0.0, math.inf))
        variables = list(self._learned().values())
        losses = []
        for batch in batches:
            total, gradients = self._differentiated(variables, **batch)
            stepper.apply(gradients, variables)
            losses.append(total)
        # Read at the end, so that no step waits for the device.
        return [float(loss) for loss in losses]

    def export_weights(self) -> dict[str, np.ndarray]:
        """A copy of the weights under their canonical names, in the model's dtype; bfloat16 as float32."""
        return weights_file.exported(self.parameter_table())

    def import_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Replace all weights; refuses missing, extra, misshapen and non-finite entries, and then changes nothing."""
        self._replace(weights, "weights")

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True, **options: Any) -> None:
        """Write the weights atomically to a safetensors file; a path that ends otherwise goes to Keras."""
        if Path(filepath).suffix != ".safetensors":
            super().save_weights(filepath, overwrite=overwrite, **options)
            return
        _refuse_options(options)
        if not overwrite and Path(filepath).exists():
            raise FileExistsError(f"filepath: expected a new file with overwrite=False, got {os.fspath(filepath)}")
        weights_file.save(filepath, self.export_weights())

    def load_weights(self, filepath: str | os.PathLike[str], **options: Any) -> None:
        """Read the weights from a safetensors file of any of the packages; on an error nothing changes. Other files go to Keras."""
        if Path(filepath).suffix != ".safetensors":
            super().load_weights(filepath, **options)
            return
        _refuse_options(options)
        self._replace(weights_file.load(filepath), os.fspath(filepath))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> tf.Tensor:
        """With targets y the loss given to `compile`; without them the model's own total, plus what layers added by `add_loss`."""
        if y is not None:
            return super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        if sample_weight is not None:
            raise ValueError("sample_weight: expected None without targets y, for loss_terms takes x alone; got weights")
        batch = x if isinstance(x, Mapping) else {"inputs": x}
        total = self.loss_terms(**{name: self._cast(value) for name, value in batch.items()})["total"]
        return tf.add_n([total, *(tf.cast(loss, total.dtype) for loss in self.losses)])

    def _learned(self) -> dict[str, keras.Variable]:
        return {name: variable for name, variable in self.parameter_table().items() if variable.trainable}

    def _differentiated(self, variables: list[keras.Variable], *args: Any, **batch: Any) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            total = self.loss_terms(*args, **batch)["total"]
        return total, tape.gradient(total, [variable.value for variable in variables])

    def _replace(self, weights: Mapping[str, Any], source: str) -> None:
        table = self.parameter_table()
        for name, value in weights_file.checked(weights, table, source).items():
            table[name].assign(value)

    def _rows(self, name: str, value: Any, width: int) -> tf.Tensor:
        """`value` as a tensor, after refusing what is not (B, width) in the dtype of the model."""
        rows = floating_tensor(name, value, rank=2)
        if not rows.shape.is_compatible_with((None, width)):
            raise ValueError(f"{name}: expected shape (B, {width}), got {tuple(rows.shape)}")
        if rows.dtype != self.compute_dtype:
            raise TypeError(f"{name}: expected the dtype of the model, {self.compute_dtype}, got {rows.dtype.name}")
        return rows

    def _cast(self, value: Any) -> tf.Tensor:
        """Floating-point input as `keras.Model.__call__` would give it to `call`; `fit` itself hands over `floatx`."""
        tensor = tf.convert_to_tensor(value)
        return tf.cast(tensor, self.compute_dtype) if tensor.dtype.is_floating else tensor


def _refuse_options(options: Mapping[str, Any]) -> None:
    if options:
        raise TypeError(f"{next(iter(options))}: expected no such option with a .safetensors file, got one")
