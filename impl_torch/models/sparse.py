"""Sparse autoencoders: a penalty on the activities of the coding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from impl_torch.arguments import number_between, one_of
from impl_torch.formulas.sparsity import kl_sparsity_loss, l1_activity_loss
from impl_torch.models.autoencoder import Autoencoder
from impl_torch.models.model import Named

__all__ = ["SparseAutoencoder"]

_USUAL_WEIGHT = {"l1": 1e-3, "kl": 0.05}


class SparseAutoencoder(Autoencoder):
    """Stacked autoencoder with sigmoid codings and a sparsity penalty on them alone, by default 784→100→300→100→784.

    Args:
        sizes: widths from the input to the coding; a coding wider than the input is overcomplete.
        penalty: "l1", `l1_activity_loss` of the codings, or "kl", `kl_sparsity_loss` of the codings.
        weight: of the penalty; None means 1e-3 for L1 and 0.05 for KL.
        target: wanted mean activity, for KL.
        activation: of the hidden layers that are neither coding nor output.
        output_activation, loss, seed, dtype, device: as in `StackedAutoencoder`.

    Batch: `inputs` (B, sizes[0]). Activations as in `StackedAutoencoder`. Loss terms: reconstruction, sparsity, total.

    Raises:
        ValueError, TypeError: as in `StackedAutoencoder`; an unknown penalty, a negative weight, a target outside (0, 1).

    Source: lecture notes 000 §4.2.1–4.2.2.
    """

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
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__(sizes, activation, "sigmoid", output_activation, loss, False, seed, dtype, device)
        self.penalty = one_of("penalty", penalty, _USUAL_WEIGHT)
        weight = _USUAL_WEIGHT[penalty] if weight is None else weight
        self.weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
        self.target = number_between("target", target, 0.0, 1.0)

    def _penalties(self, named: Named) -> Named:
        if self.penalty == "kl":
            return {"sparsity": kl_sparsity_loss(named["coding"], self.target, self.weight)}
        return {"sparsity": l1_activity_loss(named["coding"], self.weight)}
