"""A small variational autoencoder, as a team writes it for itself. It knows nothing of the conformance suite."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def kl_divergence(mean: Tensor, log_var: Tensor, reduction: str = "mean") -> Tensor:
    """KL of N(mean, exp(log_var)) from the standard normal: summed over the latent axis, reduced over the batch."""
    rows = 0.5 * (mean.square() + (torch.expm1(log_var) - log_var)).sum(dim=1)
    return {"mean": rows.mean, "sum": rows.sum, "none": lambda: rows}[reduction]()


def sample(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """A sample that gradients pass through."""
    return mean + torch.exp(0.5 * log_var) * noise


class TinyVAE(nn.Module):
    """16 → 8 → 2 and back."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 8), nn.ReLU())
        self.mean, self.log_var = nn.Linear(8, 2), nn.Linear(8, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 16))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the reconstruction, and the KL divergence."""
        hidden = self.encoder(inputs)
        mean, log_var = self.mean(hidden), self.log_var(hidden)
        return self.decoder(sample(mean, log_var, torch.randn_like(mean))), kl_divergence(mean, log_var)
