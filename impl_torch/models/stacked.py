"""The stacked autoencoder: dense layers down to a coding, and the same widths back up; trained at once or layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from impl_torch.models.autoencoder import Autoencoder

__all__ = ["StackedAutoencoder"]


class StackedAutoencoder(Autoencoder):
    """Autoencoder of several dense layers, by default 784→100→30→100→784 with ReLU inside and a sigmoid at the end.

    Args:
        sizes: widths from the input to the coding; the decoder mirrors them. A coding wider than the input is overcomplete.
        activation: of every layer but the last: "relu" | "sigmoid" | "tanh" | "linear".
        output_activation: of the last layer.
        loss: "mean_squared_error" over every element, or "binary_cross_entropy" from the logits, which needs a sigmoid output.
        tied: use the transposed encoder matrices in the decoder.
        seed: of the initial weights (Glorot uniform; biases zero). PyTorch's global generator is neither read nor moved.
        dtype, device: of the parameters; None means PyTorch's default.

    Batch: `inputs` (B, sizes[0]), in [0, 1] for the cross-entropy, in the dtype and on the device of the model.

    Activations: encoder.0, …, coding, decoder.0, …, logits, reconstruction.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name, cross-entropy without a sigmoid output;
            a batch of the wrong shape, empty, or on another device.
        TypeError: sizes or seed that are not whole numbers, a dtype that is not floating; a batch of another dtype.

    Source: lecture notes 000 §3.1–3.2.

    >>> StackedAutoencoder().parameter_count
    163814
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 30),
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        tied: bool = False,
        seed: int = 0,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, tied, seed, dtype, device)

    def pretrain(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[list[float]]:
        """Greedy layer-wise pretraining; returns the losses of every layer.

        Layer i and its mirror image are trained as an autoencoder of their own on the codings of the layers below, which stay as
        they are; every layer sees all batches once. The outermost pair has the output activation and loss of the whole, an inner
        pair reconstructs activations, so it has their activation and the squared error. Untied weights only.

        Source: lecture notes 004; Bengio et al. 2007.
        """
        if self.tied:
            raise ValueError("tied: expected False for layer-wise pretraining, got True")
        codings, losses = [batch["inputs"] for batch in batches], []
        for i in range(len(self.encoder)):
            pair = self._pair(i)
            losses.append(pair.training_steps([{"inputs": x} for x in codings], optimizer, learning_rate))
            with torch.no_grad():
                codings = [pair.encode(x) for x in codings]
        return losses

    def _pair(self, i: int) -> StackedAutoencoder:
        """Layer i and its mirror image, the layers themselves and no copies, so that training them trains this model."""
        outermost = i == 0
        pair = StackedAutoencoder(
            self.sizes[i : i + 2],
            self.activation,
            self.output_activation if outermost else self.activation,
            self.loss if outermost else "mean_squared_error",
            device="meta",  # its own layers are never used
        )
        pair.encoder, pair.decoder = nn.ModuleList([self.encoder[i]]), nn.ModuleList([self.decoder[-1 - i]])
        return pair
