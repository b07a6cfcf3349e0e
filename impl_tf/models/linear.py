"""The linear autoencoder: what it learns is principal component analysis."""

from __future__ import annotations

from typing import Any

import keras

from impl_tf.arguments import whole_number
from impl_tf.models.autoencoder import Autoencoder

__all__ = ["LinearAutoencoder"]


@keras.saving.register_keras_serializable(package="impl_tf")
class LinearAutoencoder(Autoencoder):
    """x̂ = (x W + b) V + c with the mean squared error; at the optimum W V projects onto the principal subspace.

    Args:
        features, codings: widths of the input and of the coding.
        seed, dtype, name: as in `StackedAutoencoder`.

    Batch: `inputs` (B, features).

    Raises:
        ValueError: a width below 1; a batch of the wrong shape or empty.
        TypeError: widths or seed that are not whole numbers, a dtype that is not floating; a batch of another dtype.

    Source: Baldi & Hornik 1989.
    """

    def __init__(
        self, features: int = 784, codings: int = 30, seed: int = 0, *, dtype: Any = None, name: str | None = None
    ) -> None:
        sizes = (whole_number("features", features, least=1), whole_number("codings", codings, least=1))
        super().__init__(sizes, "linear", "linear", "linear", "mean_squared_error", False, seed, dtype, name)
        self.build()

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        common = {name: config[name] for name in ("seed", "dtype", "name")}
        return {"features": self.sizes[0], "codings": self.sizes[1], **common}
