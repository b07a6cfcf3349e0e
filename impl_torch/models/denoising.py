"""The denoising autoencoder: reconstructs the clean input from a corrupted one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from impl_torch.arguments import number_between, one_of, same_shape_and_dtype
from impl_torch.models.autoencoder import Autoencoder
from impl_torch.models.model import Named

__all__ = ["DenoisingAutoencoder"]

CORRUPTIONS = ("gaussian", "masking", "dropout")


class DenoisingAutoencoder(Autoencoder):
    """Stacked autoencoder that is given a corrupted input and judged by the clean one.

    Args:
        sizes, activation, output_activation, loss, seed, dtype, device: as in `StackedAutoencoder`.
        corruption: "gaussian": x + level · noise, noise ~ N(0, 1); "masking": x · noise, noise a mask that is 0 with probability
            `level`; "dropout": the same mask, the rest scaled by 1 / (1 − level).
        level: in (0, 1).

    Batch: `inputs` (B, sizes[0]) and `noise` of the same shape, an argument so that every framework can be given the same. Left
    out, it is drawn from PyTorch's global generator in training mode, and in evaluation mode there is none. `inference`, `encode`
    and `decode` know no noise.

    Activations: corrupted, then as in `StackedAutoencoder`.

    Raises:
        ValueError, TypeError: as in `StackedAutoencoder`; an unknown corruption, a level outside (0, 1), noise unlike the inputs.

    Source: lecture notes 003 §6b; Vincent et al. 2008.
    """

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
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, False, seed, dtype, device)
        self.corruption = one_of("corruption", corruption, CORRUPTIONS)
        self.level = number_between("level", level, 0.0, 1.0)

    def activations(self, inputs: Tensor, noise: Tensor | None = None) -> Named:
        self._rows("inputs", inputs, self.sizes[0])
        if noise is None and self.training:
            noise = self._drawn(inputs)
        corrupted = inputs if noise is None else self._corrupted(inputs, noise)
        return {"corrupted": corrupted, **self._reconstructed(corrupted)}

    def loss_terms(self, inputs: Tensor, noise: Tensor | None = None) -> Named:
        return self._terms(inputs, self.activations(inputs, noise))

    def _drawn(self, inputs: Tensor) -> Tensor:
        if self.corruption == "gaussian":
            return torch.randn_like(inputs)
        return torch.bernoulli(torch.full_like(inputs, 1.0 - self.level))

    def _corrupted(self, inputs: Tensor, noise: Tensor) -> Tensor:
        same_shape_and_dtype("inputs", inputs, "noise", noise)
        if self.corruption == "gaussian":
            return inputs + self.level * noise
        return inputs * noise / (1.0 - self.level if self.corruption == "dropout" else 1.0)
