"""What the module samples, under the name of the contract: given moments instead of an encoder, and no decoder behind them."""

from __future__ import annotations

from unittest.mock import patch

import torch
from torch import Tensor
from torch_module import VAE


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    model = VAE()
    model.encode, model.decode = lambda x: (mean, log_var), lambda z: z
    with patch.object(torch, "randn_like", lambda like: noise):
        sample, _, _ = model(mean)
    return sample
