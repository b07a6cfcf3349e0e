"""The denoising autoencoder: reconstructs the clean input from a corrupted one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from impl_tf.arguments import number_between, one_of, same_shape_and_dtype
from impl_tf.models.autoencoder import Autoencoder
from impl_tf.models.model import Named

__all__ = ["DenoisingAutoencoder"]

CORRUPTIONS = ("gaussian", "masking", "dropout")


@keras.saving.register_keras_serializable(package="impl_tf")
class DenoisingAutoencoder(Autoencoder):
    """Stacked autoencoder that is given a corrupted input and judged by the clean one.

    Args:
        sizes, activation, output_activation, loss, dtype, name: as in `StackedAutoencoder`.
        corruption: "gaussian": x + level · noise, noise ~ N(0, 1); "masking": x · noise, noise a mask that is 0 with probability
            `level`; "dropout": the same mask, the rest scaled by 1 / (1 − level).
        level: in (0, 1).
        seed: of the initial weights, and of the noise that `fit` draws where the batch brings none.

    Batch: `inputs` (B, sizes[0]) and `noise` of the same shape and dtype, an argument so that every framework can be given the same.
    At inference there is no noise.

    Activations: corrupted, then as in `StackedAutoencoder`.

    Raises:
        ValueError: as in `StackedAutoencoder`; an unknown corruption, a level outside (0, 1), noise of another shape.
        TypeError: as in `StackedAutoencoder`; a level that is no number, noise of another dtype.

    Source: Vincent et al. 2008.
    """

    noise_names = ("noise",)

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 30),
        corruption: str = "gaussian",
        level: float = 0.25,
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, False, seed, dtype, name)
        self.corruption = one_of("corruption", corruption, CORRUPTIONS)
        self.level = number_between("level", level, 0.0, 1.0)
        self.noise_generator = keras.random.SeedGenerator(seed)
        self.build()

    def activations(self, inputs: tf.Tensor, noise: tf.Tensor) -> Named:
        return super().activations(inputs, noise=noise)

    def loss_terms(self, inputs: tf.Tensor, noise: tf.Tensor) -> Named:
        return super().loss_terms(inputs, noise=noise)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "corruption": self.corruption, "level": self.level}

    def _widths(self) -> Mapping[str, int]:
        return {"inputs": self.sizes[0], "noise": self.sizes[0]}

    def _corrupted(self, inputs: tf.Tensor, **noise: Any) -> tf.Tensor:
        noise_tensor = same_shape_and_dtype("inputs", inputs, "noise", noise["noise"])
        if self.corruption == "gaussian":
            return inputs + tf.constant(self.level, inputs.dtype) * noise_tensor
        return (
            inputs * noise_tensor
            if self.corruption == "masking"
            else inputs * noise_tensor / tf.constant(1.0 - self.level, inputs.dtype)
        )

    def _with_noise(self, batch: Named) -> Named:
        return batch if "noise" in batch else {**batch, "noise": self._drawn(batch["inputs"])}

    def _drawn(self, inputs: tf.Tensor) -> tf.Tensor:
        if self.corruption == "gaussian":
            return keras.random.normal(tf.shape(inputs), dtype=inputs.dtype.name, seed=self.noise_generator)
        uniform = keras.random.uniform(tf.shape(inputs), dtype="float32", seed=self.noise_generator)
        return tf.cast(uniform >= self.level, inputs.dtype)
