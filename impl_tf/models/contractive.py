"""The contractive autoencoder: the coding should hardly move when the input does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from impl_tf.arguments import layer_sizes, number_between, one_of, widened
from impl_tf.models.autoencoder import Autoencoder
from impl_tf.models.model import Named

__all__ = ["ContractiveAutoencoder"]


@keras.saving.register_keras_serializable(package="impl_tf")
class ContractiveAutoencoder(Autoencoder):
    """Autoencoder of one hidden layer with the squared Frobenius norm of the encoder's Jacobian as a penalty.

    contraction = λ · mean over the batch of ‖J_f(x)‖²_F,  ‖J_f‖²_F = Σ_j f'(z_j)² Σ_i W_ij².

    Args:
        sizes: input and coding; one hidden layer, for which the norm has a closed form.
        weight: λ, not negative.
        activation: of the coding, "sigmoid" | "tanh".
        output_activation, loss, seed, dtype, name: as in `StackedAutoencoder`.

    Batch: `inputs` (B, sizes[0]). Loss terms: reconstruction, contraction, total.

    Raises:
        ValueError: as in `StackedAutoencoder`; other than two sizes, another activation, a negative weight.
        TypeError: as in `StackedAutoencoder`; a weight that is no number.

    Source: Rifai et al. 2011.
    """

    penalty_names = ("contraction",)

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100),
        weight: float = 0.1,
        activation: str = "sigmoid",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        if len(layer_sizes("sizes", sizes, least=2)) != 2:
            raise ValueError(f"sizes: expected an input and a coding, got {len(sizes)} sizes")
        one_of("activation", activation, ("sigmoid", "tanh"))
        super().__init__(sizes, activation, activation, output_activation, loss, False, seed, dtype, name)
        self.weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
        self.build()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight}

    def _penalties(self, named: Named) -> Named:
        coding = widened(named["coding"])
        slope = coding * (1.0 - coding) if self.activation == "sigmoid" else 1.0 - tf.square(coding)
        matrix = tf.cast(tf.convert_to_tensor(self.encoder[0].kernel), coding.dtype)
        norms = tf.linalg.matvec(tf.square(slope), tf.reduce_sum(tf.square(matrix), axis=0))
        return {"contraction": tf.cast(tf.constant(self.weight, coding.dtype) * tf.reduce_mean(norms), named["coding"].dtype)}
