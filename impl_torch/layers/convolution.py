"""One-dimensional convolution over time, and the maximum over time."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from impl_torch.layers.dense import glorot_uniform


class Conv1d(nn.Conv1d):
    """z_t = Σ_k x_{t+k−l} K_k + b with zeros outside: T steps give T; l = ⌊(K−1)/2⌋ zeros on the left, ⌊K/2⌋ on the right.

    (B, E, T) to (B, F, T). Not `padding="same"`, which does the same and warns of it when K is even.
    """

    def forward(self, input: Tensor) -> Tensor:
        width = self.kernel_size[0]
        # The layer pads by ⌊(K−1)/2⌋ on both sides, which is all there is when K is odd.
        return super().forward(functional.pad(input, (0, 1)) if width % 2 == 0 else input)


def conv1d(
    inputs: int,
    filters: int,
    width: int,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Conv1d:
    """Glorot uniform kernel, zero bias."""
    device = torch.get_default_device() if device is None else device
    layer = cast(Conv1d, nn.utils.skip_init(Conv1d, inputs, filters, width, padding=(width - 1) // 2, dtype=dtype, device=device))
    with torch.no_grad():
        layer.weight.copy_(glorot_uniform((width, inputs, filters), generator).permute(2, 1, 0))
        cast(Tensor, layer.bias).zero_()
    return layer


def global_max_pooling(x: Tensor) -> Tensor:
    """The largest value over time: (B, F, T) to (B, F). Not amax, which would share the gradient among equals."""
    return torch.max(x, dim=2).values
