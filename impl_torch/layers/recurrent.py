"""PyTorch's recurrent layers over (B, T, E), with one bias in place of two.

PyTorch adds two biases, of the input and of the state; the contract has one. Here the second is a zero buffer: it is no parameter, is
not trained and not stored, and follows the module to other devices and dtypes, so the fast kernels run as they are.
Gates stand in the order i, f, g, o.
"""

from __future__ import annotations

from typing import Any, Self, cast

import torch
from torch import nn

from impl_torch.layers.dense import glorot_uniform


class _OneBias(nn.RNNBase):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, batch_first=True, **kwargs)
        for name in [name for name, _ in self.named_parameters() if name.startswith("bias_hh")]:
            zero = torch.zeros_like(getattr(self, name), requires_grad=False)
            delattr(self, name)
            self.register_buffer(name, zero, persistent=False)
            # RNNBase hands the kernels a list of its own, which it brings up to date on assignment only.
            setattr(self, name, zero)

    def train(self, mode: bool = True) -> Self:
        """Stay in training mode: cuDNN gives no gradients outside it, and without dropout it changes nothing else."""
        return super().train(True)


class Lstm(_OneBias, nn.LSTM):
    """i, f, o = σ(·), g = tanh(·) of x_t W + h_{t−1} U + b;  c_t = f c_{t−1} + i g;  h_t = o tanh(c_t)."""


class SimpleRnn(_OneBias, nn.RNN):
    """h_t = tanh(x_t W + h_{t−1} U + b)."""


def lstm(
    inputs: int,
    units: int,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    bidirectional: bool = False,
) -> Lstm:
    """Glorot uniform matrices, zero biases but the forget gate's, which is one: it starts open."""
    layer = cast(Lstm, _initial(Lstm, inputs, units, generator, dtype, device, bidirectional=bidirectional))
    with torch.no_grad():
        for name, bias in layer.named_parameters():
            if name.startswith("bias"):
                bias[units : 2 * units] = 1.0
    return layer


def simple_rnn(
    inputs: int,
    units: int,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> SimpleRnn:
    """Glorot uniform matrices, zero bias."""
    return cast(SimpleRnn, _initial(SimpleRnn, inputs, units, generator, dtype, device))


def _initial(
    kind: type[_OneBias],
    inputs: int,
    units: int,
    generator: torch.Generator,
    dtype: torch.dtype | None,
    device: torch.device | str | None,
    **kwargs: Any,
) -> _OneBias:
    # What nn.utils.skip_init does, which asks for a signature that nn.LSTM does not have. The buffers are left uninitialised too.
    layer = kind(inputs, units, dtype=dtype, device="meta", **kwargs)
    layer = layer.to_empty(device=torch.get_default_device() if device is None else device)
    with torch.no_grad():
        for parameter in layer.parameters():
            if parameter.dim() == 2:
                parameter.copy_(glorot_uniform(tuple(parameter.shape)[::-1], generator).T)
            else:
                parameter.zero_()
        for buffer in layer.buffers():
            buffer.zero_()
    return layer
