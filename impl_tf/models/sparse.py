"""Sparse autoencoders: a penalty on the activities of the coding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

from impl_tf.arguments import number_between, one_of
from impl_tf.formulas.sparsity import kl_sparsity_loss, l1_activity_loss
from impl_tf.models.autoencoder import Autoencoder
from impl_tf.models.model import Named

__all__ = ["SparseAutoencoder"]

_USUAL_WEIGHT = {"l1": 1e-3, "kl": 0.05}


@keras.saving.register_keras_serializable(package="impl_tf")
class SparseAutoencoder(Autoencoder):
    """Stacked autoencoder with sigmoid codings and a sparsity penalty on them alone, by default 784→100→300→100→784.

    The penalty is a term of the loss, no `activity_regularizer`: what Keras divides that by depends on its version.

    Args:
        sizes: widths from the input to the coding; a coding wider than the input is overcomplete.
        penalty: "l1", `l1_activity_loss` of the codings, or "kl", `kl_sparsity_loss` of the codings.
        weight: of the penalty; None means 1e-3 for L1 and 0.05 for KL.
        target: wanted mean activity, for KL.
        activation: of the hidden layers that are neither coding nor output.
        output_activation, loss, seed, dtype, name: as in `StackedAutoencoder`.

    Batch: `inputs` (B, sizes[0]). Loss terms: reconstruction, sparsity, total.

    Raises:
        ValueError: as in `StackedAutoencoder`; an unknown penalty, a negative weight, a target outside (0, 1).
        TypeError: as in `StackedAutoencoder`; a weight or target that is no number.
    """

    penalty_names = ("sparsity",)

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 300),
        penalty: str = "l1",
        weight: float | None = None,
        target: float = 0.1,
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(sizes, activation, "sigmoid", output_activation, loss, False, seed, dtype, name)
        self.penalty = one_of("penalty", penalty, _USUAL_WEIGHT)
        weight = _USUAL_WEIGHT[penalty] if weight is None else weight
        self.weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
        self.target = number_between("target", target, 0.0, 1.0)
        self.build()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "penalty": self.penalty, "weight": self.weight, "target": self.target}

    def _penalties(self, named: Named) -> Named:
        if self.penalty == "kl":
            return {"sparsity": kl_sparsity_loss(named["coding"], self.target, self.weight)}
        return {"sparsity": l1_activity_loss(named["coding"], self.weight)}
