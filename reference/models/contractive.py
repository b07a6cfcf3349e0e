"""The contractive autoencoder: the coding should hardly move when the input does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from reference.arguments import number_between
from reference.domains import Choice, Number, Widths
from reference.layers.activations import ACTIVATIONS
from reference.models.autoencoder import LOSSES, Autoencoder
from reference.models.model import Named
from reference.specification import Array, OfImages, specify


@specify(
    kind="model",
    equation="loss(x, x̂) + λ · mean over the batch of ‖J_f(x)‖²_F,  ‖J_f‖²_F = Σ_j f'(z_j)² Σ_i W_ij²",
    source="003 §6b, 004",
    inputs={
        "sizes": Widths(2, 2),
        "weight": Number(0.0, 2.0, default=0.1, edges=(0.0, 1.0)),
        "activation": Choice(("sigmoid", "tanh")),
        "output_activation": Choice(("sigmoid", "linear")),
        "loss": Choice(LOSSES),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"sizes": (features, 24)}),
    stand_in="a plain model does not show the coding, of which the penalty is made",
)
class ContractiveAutoencoder(Autoencoder):
    """Autoencoder of one hidden layer with the squared Frobenius norm of the encoder's Jacobian as a penalty.

    Args:
        sizes: input and coding; one hidden layer, for which the norm has a closed form.
        weight: λ, not negative.
        activation: of the coding, "sigmoid" | "tanh".
        output_activation, loss, seed: as in `StackedAutoencoder`.

    Batch: `inputs` (B, sizes[0]). Loss terms: reconstruction, contraction, total.

    Raises:
        ValueError: as in `StackedAutoencoder`, more than one hidden layer; an argument outside its interval.

    Source: lecture notes 003 §6b, 004; Rifai et al. 2011.

    >>> ContractiveAutoencoder((4, 2)).parameter_count
    22
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100),
        weight: float = 0.1,
        activation: str = "sigmoid",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, False, seed)
        if len(self.sizes) != 2:
            raise ValueError(f"sizes: expected an input and a coding, got {len(self.sizes)} sizes")
        if activation not in ("sigmoid", "tanh"):
            raise ValueError(f"activation: expected one of 'sigmoid', 'tanh', got {activation!r}")
        self.weight = number_between("weight", weight, 0.0, math.inf, low_included=True)

    def _penalties(self, named: Named) -> Named:
        slope = self._slope(named)
        return {"contraction": self.weight * (slope**2 @ self._column_norms()).mean()}

    def _penalty_cotangents(self, named: Named) -> Named:
        """∂/∂a_j = 2 f'(a_j) f''/f' Σ_i W_ij², the slope written as a function of the output a: 1 − 2a, or −2a for tanh."""
        coding, slope = named["coding"], self._slope(named)
        bend = 1.0 - 2.0 * coding if self.activation == "sigmoid" else -2.0 * coding
        return {"coding": self.weight * 2.0 * slope * bend * self._column_norms() / len(coding)}

    def _penalty_gradients(self, named: Named) -> Named:
        """∂/∂W_ij = 2 W_ij · mean over the batch of f'(z_j)²."""
        return {"encoder.0.weight": self.weight * 2.0 * self.weights["encoder.0.weight"] * (self._slope(named) ** 2).mean(axis=0)}

    def _slope(self, named: Named) -> Array:
        return ACTIVATIONS[self.activation].slope(named["coding"])

    def _column_norms(self) -> Array:
        weight = self.weights["encoder.0.weight"]
        return np.sum(weight * weight, axis=0)
