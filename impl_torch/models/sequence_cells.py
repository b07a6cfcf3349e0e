"""The networks over characters that a classifier can be built on: from (B, T, E) to all states and one summary a sequence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

import torch
from torch import Tensor, nn

from impl_torch.layers.convolution import conv1d, global_max_pooling
from impl_torch.layers.recurrent import lstm, simple_rnn
from impl_torch.models.weights import Entry

Device = torch.device | str | None


class Cell(nn.Module, ABC):
    """A network over time with its own parameters and their canonical names."""

    features: int

    @abstractmethod
    def parameter_table(self) -> dict[str, Entry]:
        """Canonical names in order, each with its parameter and layout."""

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """All states (B, T, features), and the summary (B, features)."""


class SimpleRnn(Cell):
    """The last state of h_t = tanh(x_t W + h_{t−1} U + b)."""

    def __init__(
        self,
        inputs: int,
        units: int,
        kernel_size: int,
        generator: torch.Generator,
        dtype: torch.dtype | None,
        device: Device,
    ) -> None:
        super().__init__()
        self.features, self.layer = units, simple_rnn(inputs, units, generator, dtype, device)

    def parameter_table(self) -> dict[str, Entry]:
        return _recurrent_parameters("rnn", self.layer)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        states, last = self.layer(x)
        return states, last[0]


class Lstm(Cell):
    """The last state of an LSTM."""

    def __init__(
        self,
        inputs: int,
        units: int,
        kernel_size: int,
        generator: torch.Generator,
        dtype: torch.dtype | None,
        device: Device,
    ) -> None:
        super().__init__()
        self.features, self.layer = units, lstm(inputs, units, generator, dtype, device)

    def parameter_table(self) -> dict[str, Entry]:
        return _recurrent_parameters("lstm", self.layer)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        states, (last, _) = self.layer(x)
        return states, last[0]


class Bidirectional(Cell):
    """Two LSTMs, one over the reversed sequence. States side by side in the order of time; the summary is the last state of each."""

    def __init__(
        self,
        inputs: int,
        units: int,
        kernel_size: int,
        generator: torch.Generator,
        dtype: torch.dtype | None,
        device: Device,
    ) -> None:
        super().__init__()
        self.features, self.layer = 2 * units, lstm(inputs, units, generator, dtype, device, bidirectional=True)

    def parameter_table(self) -> dict[str, Entry]:
        return {**_recurrent_parameters("forward", self.layer), **_recurrent_parameters("backward", self.layer, "_reverse")}

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        states, (last, _) = self.layer(x)
        return states, torch.cat([last[0], last[1]], dim=1)


class Convolution(Cell):
    """The maximum over time of relu(Conv1D)."""

    def __init__(
        self,
        inputs: int,
        units: int,
        kernel_size: int,
        generator: torch.Generator,
        dtype: torch.dtype | None,
        device: Device,
    ) -> None:
        super().__init__()
        self.features, self.layer = units, conv1d(inputs, units, kernel_size, generator, dtype, device)

    def parameter_table(self) -> dict[str, Entry]:
        bias = cast(Tensor, self.layer.bias)
        # nn.Conv1d keeps (F, E, K), the canonical layout is (K, E, F).
        return {"convolution.weight": Entry(self.layer.weight, (2, 1, 0)), "convolution.bias": Entry(bias, (0,))}

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        states = torch.relu(self.layer(x.transpose(1, 2)))
        return states.transpose(1, 2), global_max_pooling(states)


def _recurrent_parameters(prefix: str, layer: nn.RNNBase, suffix: str = "") -> dict[str, Entry]:
    """The parameters of one direction."""
    return {
        f"{prefix}.input_weight": Entry(getattr(layer, f"weight_ih_l0{suffix}"), (1, 0)),
        f"{prefix}.recurrent_weight": Entry(getattr(layer, f"weight_hh_l0{suffix}"), (1, 0)),
        f"{prefix}.bias": Entry(getattr(layer, f"bias_ih_l0{suffix}"), (0,)),
    }


CELLS: Mapping[str, Callable[[int, int, int, torch.Generator, torch.dtype | None, Device], Cell]] = MappingProxyType(
    {"lstm": Lstm, "rnn": SimpleRnn, "bidirectional": Bidirectional, "cnn": Convolution}
)
