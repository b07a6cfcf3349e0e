"""What every full model offers: a parameter table, named activations, loss terms, gradients, training steps, weights in a file."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import floating_tensor, number_between, one_of, refuse_non_finite
from impl_tf.models import weights as weights_file
from impl_tf.training import OPTIMIZERS, quantities
from impl_tf.training.fit import is_array, refuse_bad_data

Named = dict[str, tf.Tensor]


class Model(keras.Model):
    """A `keras.Model` whose variables exist at once and have canonical names, weight matrices as (in, out).

    A batch is a set of named tensors or NumPy arrays; every method that takes one takes them as its arguments.

    `gradients` and `training_steps` call `self.loss_terms`, so that
    `model.loss_terms = tf.function(model.loss_terms, jit_compile=True)` compiles them too.

    Keras' `fit`, `evaluate` and `predict` work as ever. x is a batch, a dict of arrays, or the arrays of `batch_names` alone; the
    labels of a classifier stand in the dict or are given as y. `compile` needs no loss: what is minimised is the total of
    `loss_terms`. Where a loss and y are given, that loss takes the place of the model's own first term; penalties stay, counted once.
    Noise that the batch does not bring is drawn in training and left out of `evaluate` and `predict`. Arrays are checked
    before the first step (NaN, infinity, ids, labels); data sets and generators, which can be read once only, are not.
    On Ctrl-C `fit` passes the KeyboardInterrupt on; the model keeps what it has learned so far and stays usable.
    """

    # The arrays of x in order, where it is no dict; the name of y; what a dict may hold beside; the terms of the loss that are not
    # about the output.
    batch_names: ClassVar[tuple[str, ...]] = ("inputs",)
    label_name: ClassVar[str | None] = None
    noise_names: ClassVar[tuple[str, ...]] = ()
    penalty_names: ClassVar[tuple[str, ...]] = ()
    # What calling the model returns, of what `inference` returns.
    output_name: ClassVar[str] = "reconstruction"

    def parameter_table(self) -> dict[str, keras.Variable]:
        """Canonical names in order, each with its variable."""
        raise NotImplementedError

    def activations(self, *args: Any, **batch: Any) -> Named:
        """Every intermediate result by name, in the order of computation."""
        raise NotImplementedError

    def inference(self, *args: Any, **batch: Any) -> Named:
        """What the model says of a batch when it is used, not trained: without noise, sampling or labels."""
        raise NotImplementedError

    def loss_terms(self, *args: Any, **batch: Any) -> Named:
        """The terms of the loss by name, their sum last as `total`."""
        raise NotImplementedError

    def build(self, input_shape: Any = None) -> None:
        """Nothing is left to do: every layer is built by the constructor. (Keras would trace `call`.)"""
        self.built = True

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return sum(math.prod(variable.shape) for variable in self.parameter_table().values())

    @property
    def trainable_names(self) -> tuple[str, ...]:
        """Names of the parameters that training changes."""
        return tuple(self._learned())

    @property
    def optimizer_state(self) -> dict[str, np.ndarray]:
        """What the optimiser of the last `training_steps` held at the end, as "parameter/quantity"."""
        return getattr(self, "_optimizer_state", {})

    def gradients(self, *args: Any, **batch: Any) -> Named:
        """∂total/∂parameter by canonical name, for every parameter that is not frozen."""
        table = self._learned()
        _, gradients = self._differentiated(list(table.values()), *args, **batch)
        return dict(zip(table, gradients, strict=True))

    def training_steps(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[float]:
        """Take one optimiser step a batch, changing the weights; return the total loss before each step.

        The optimiser starts afresh in every call; what it holds after the last step is in `optimizer_state`.

        Raises:
            ValueError: unknown optimiser, or a learning rate that is not positive; NaN or infinity in a batch, before its step.
        """
        build = OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]
        stepper = build(number_between("learning_rate", learning_rate, 0.0, math.inf))
        table = self._learned()
        variables = list(table.values())
        losses = []
        for position, batch in enumerate(batches):
            for name, value in batch.items():
                if is_array(value):
                    refuse_non_finite(f"batches[{position}][{name!r}]", np.asarray(value))
            total, gradients = self._differentiated(variables, **batch)
            stepper.apply(gradients, variables)
            losses.append(total)
        state = {
            f"{name}/{quantity}": np.array(held[position].numpy())
            for quantity, held in quantities(stepper).items()
            for position, name in enumerate(table)
        }
        # Past Keras, which would track the dict as a part of the model.
        object.__setattr__(self, "_optimizer_state", state)
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

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        """`activations` in training, `inference` otherwise, of which the one output that the model is for."""
        batch = self._batch(inputs)
        batch.pop(self.label_name, None)
        named = self.activations(**self._with_noise(batch)) if training else self.inference(**batch)
        return named[self.output_name]

    def fit(self, x: Any = None, y: Any = None, *args: Any, **options: Any) -> keras.callbacks.History:
        """Keras' `fit`, after a look at the data; see the class.

        Raises:
            ValueError: NaN or infinity, with its first index; an id out of range; labels of another shape than (N, 1); no data,
                arrays of different lengths, or of another width than the model; an array that is missing or unknown.
            TypeError: whole numbers where floating-point numbers are expected, or the other way round.
        """
        refuse_bad_data(self, x, y)
        held_out = options.get("validation_data")
        if isinstance(held_out, (tuple, list)):
            refuse_bad_data(self, *held_out[:2])
        try:
            with _precision(self.compute_dtype):
                return super().fit(x, y, *args, **options)
        except Exception:
            # A step that failed while it was traced stays half traced, and Keras would go on with it in the next call.
            self.train_function = None
            raise

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **options: Any) -> Any:
        """Keras' `evaluate`, after a look at the data."""
        refuse_bad_data(self, x, y)
        with _precision(self.compute_dtype):
            return super().evaluate(x, y, *args, **options)

    def predict(self, x: Any = None, *args: Any, **options: Any) -> Any:
        """Keras' `predict`, after a look at the data: a NumPy array. The arrays of x can be given by name too."""
        named = {name: options.pop(name) for name in self.batch_names if name in options}
        x = named or None if x is None else {self.batch_names[0]: x, **named} if named else x
        refuse_bad_data(self, x, labelled=False)
        with _precision(self.compute_dtype):
            return super().predict(x, *args, **options)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> tf.Tensor:
        """The model's own total, or a loss given to `compile` with the model's penalties, plus what layers add by `add_loss`."""
        if y is not None and self.given_loss():
            total = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
            terms = self._judged(self._batch(x), training) if self.penalty_names else {}
            return tf.add_n([total, *(tf.cast(terms[name], total.dtype) for name in self.penalty_names)])
        if sample_weight is not None:
            raise ValueError("sample_weight: expected None without a loss given to compile, for loss_terms knows none; got weights")
        total = self._judged(self._batch(x, y), training)["total"]
        return tf.add_n([total, *(tf.cast(loss, total.dtype) for loss in self.losses)])

    def given_loss(self) -> bool:
        """Whether the last `compile` was given a loss. `self.loss` may be older: Keras leaves it where there is no new one."""
        last = getattr(self, "_compile_config", None)
        return last is not None and last.config.get("loss") is not None

    def _judged(self, batch: Named, training: bool) -> Named:
        """The terms of the loss in training, with noise; or of what the model is without it."""
        return self.loss_terms(**self._with_noise(batch)) if training else self._noiseless_loss_terms(batch)

    def _noiseless_loss_terms(self, batch: Named) -> Named:
        return self.loss_terms(**batch)

    def _with_noise(self, batch: Named) -> Named:
        """The batch, with noise drawn if the model wants some and none was given."""
        return batch

    def _batch(self, x: Any, y: Any = None) -> Named:
        """What Keras was given as x and y, by name."""
        return {name: self._cast(value) for name, value in self.named_batch(x, y).items()}

    def named_batch(self, x: Any, y: Any = None) -> dict[str, Any]:
        if isinstance(x, Mapping):
            named = dict(x)
        elif len(self.batch_names) > 1:
            if len(x) != len(self.batch_names):
                raise ValueError(f"x: expected the arrays {', '.join(self.batch_names)}, got {len(x)} arrays")
            named = dict(zip(self.batch_names, x, strict=True))
        else:
            named = {self.batch_names[0]: x}
        if y is None:
            return named
        if self.label_name is None:
            raise ValueError(
                "y: expected None without a loss given to compile, for the model's own loss needs x alone; got targets"
            )
        if self.label_name in named:
            raise ValueError(f"y: expected None where x holds {self.label_name!r}, got both")
        return {**named, self.label_name: y}

    def _widths(self) -> Mapping[str, int]:
        """How many columns the floating-point arrays of a batch have, where that is fixed."""
        return {}

    def inspect_entry(self, name: str, array: np.ndarray) -> None:
        """Refuse an array of a batch that no graph could refuse later."""
        width = self._widths().get(name)
        if width is not None:
            if array.dtype.kind in "biuOSU":
                raise TypeError(f"{name}: expected floating-point numbers, got dtype {array.dtype}")
            if array.ndim != 2 or array.shape[1] != width:
                raise ValueError(f"{name}: expected shape (N, {width}), got {array.shape}")
        refuse_non_finite(name, array)

    def _learned(self) -> dict[str, keras.Variable]:
        return {name: variable for name, variable in self.parameter_table().items() if variable.trainable}

    def _differentiated(self, variables: list[keras.Variable], *args: Any, **batch: Any) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            total = self.loss_terms(*args, **batch)["total"]
        gradients = tape.gradient(total, [variable.value for variable in variables])
        # The gradient of an embedding comes as rows; the tensor that they make is wanted.
        return total, [tf.convert_to_tensor(gradient) for gradient in gradients]

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


@contextlib.contextmanager
def _precision(dtype: str) -> Iterator[None]:
    """Within, data of the model keep their digits: Keras rounds arrays to its global default, float32, whatever the model computes in."""
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before)
