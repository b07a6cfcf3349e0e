"""The linear autoencoder: what it learns is principal component analysis."""

from __future__ import annotations

import torch

from impl_torch.arguments import whole_number
from impl_torch.models.autoencoder import Autoencoder

__all__ = ["LinearAutoencoder"]


class LinearAutoencoder(Autoencoder):
    """One linear layer down and one up, with the mean squared error: x̂ = (x W + b) V + c.

    At the optimum W V projects onto the principal subspace.

    Args:
        features, codings: widths of the input and of the coding.
        seed, dtype, device: as in `StackedAutoencoder`.

    Batch: `inputs` (B, features).

    Raises:
        ValueError, TypeError: as in `StackedAutoencoder`.

    Source: lecture notes 003 §6c, 004; Baldi & Hornik 1989.
    """

    def __init__(
        self,
        features: int = 784,
        codings: int = 30,
        seed: int = 0,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        sizes = (whole_number("features", features, least=1), whole_number("codings", codings, least=1))
        super().__init__(sizes, "linear", "linear", "linear", "mean_squared_error", False, seed, dtype, device)
