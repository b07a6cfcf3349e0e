"""The closed-form KL divergence of a variational autoencoder, as it is often written down: something is missing."""

import torch


def vae_kl_loss(mean, log_var, reduction="mean"):
    per_sample = torch.sum(mean**2 + torch.expm1(log_var) - log_var, dim=1)
    if reduction == "none":
        return per_sample
    return per_sample.mean() if reduction == "mean" else per_sample.sum()
