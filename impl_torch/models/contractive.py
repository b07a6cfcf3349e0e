"""The contractive autoencoder: the coding should hardly move when the input does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import nn

from impl_torch.arguments import number_between, widened
from impl_torch.models.autoencoder import Autoencoder
from impl_torch.models.model import Named

__all__ = ["ContractiveAutoencoder"]


class ContractiveAutoencoder(Autoencoder):
    """Autoencoder of one hidden layer with the squared Frobenius norm of the encoder's Jacobian as a penalty.

    λ · mean over the batch of ‖J_f(x)‖²_F, ‖J_f‖²_F = Σ_j f'(z_j)² Σ_i W_ij².

    Args:
        sizes: input and coding; one hidden layer, for which the norm has a closed form.
        weight: λ, not negative.
        activation: of the coding, "sigmoid" | "tanh".
        output_activation, loss, seed, dtype, device: as in `StackedAutoencoder`.

    Batch: `inputs` (B, sizes[0]). Activations as in `StackedAutoencoder`. Loss terms: reconstruction, contraction, total.

    Raises:
        ValueError, TypeError: as in `StackedAutoencoder`; more than one hidden layer, another activation, a negative weight.

    Source: lecture notes 003 §6b, 004; Rifai et al. 2011.
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100),
        weight: float = 0.1,
        activation: str = "sigmoid",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, False, seed, dtype, device)
        if len(self.sizes) != 2:
            raise ValueError(f"sizes: expected an input and a coding, got {len(self.sizes)} sizes")
        if activation not in ("sigmoid", "tanh"):
            raise ValueError(f"activation: expected one of 'sigmoid', 'tanh', got {activation!r}")
        self.weight = number_between("weight", weight, 0.0, math.inf, low_included=True)

    def _penalties(self, named: Named) -> Named:
        coding = widened(named["coding"])
        # f' as a function of the output.
        slope = coding * (1.0 - coding) if self.activation == "sigmoid" else 1.0 - coding * coding
        # (out, in): Σ over the inputs.
        norms = widened(cast(nn.Linear, self.encoder[0]).weight).square().sum(dim=1)
        return {"contraction": (self.weight * (slope.square() @ norms).mean()).to(named["coding"].dtype)}
