"""The stacked autoencoder: dense layers down to a coding, and the same widths back up; trained at once or layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras

from impl_tf.models.autoencoder import Autoencoder

__all__ = ["StackedAutoencoder"]


@keras.saving.register_keras_serializable(package="impl_tf")
class StackedAutoencoder(Autoencoder):
    """Autoencoder of several dense layers, by default 784→100→30→100→784 with ReLU inside and a sigmoid at the end.

    Args:
        sizes: widths from the input to the coding; the decoder mirrors them. A coding wider than the input is overcomplete.
        activation: of every layer but the last: "relu" | "sigmoid" | "tanh" | "linear".
        output_activation: of the last layer.
        loss: "mean_squared_error" over every element, or "binary_cross_entropy" from the logits, which needs a sigmoid output.
        tied: use the transposed encoder matrices in the decoder.
        seed: of the initial weights (Glorot uniform; biases zero). No global generator is read or moved.
        dtype: of the variables, or a Keras dtype policy; None means the global policy.
        name: of the Keras model.

    Batch: `inputs` (B, sizes[0]), in [0, 1] for the cross-entropy, in the dtype of the model.

    Activations: encoder.0, …, coding, decoder.0, …, logits, reconstruction.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name, cross-entropy without a sigmoid output;
            a batch of the wrong shape or empty.
        TypeError: sizes or seed that are not whole numbers, a dtype that is not floating; a batch of another dtype.

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
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, tied, seed, dtype, name)
        self.build()

    def pretrain(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[list[float]]:
        """Greedy layer-wise pretraining; returns the losses of every layer.

        Layer i and its mirror image are trained as an autoencoder of their own on the codings of the layers below, which stay as
        they are; every layer sees all batches once. The outermost pair has the output activation and loss of the whole, an inner
        pair reconstructs activations, so it has their activation and the squared error.

        Raises:
            ValueError: tied weights; an unknown optimiser, or a learning rate that is not positive.

        Source: Bengio et al. 2007.
        """
        if self.tied:
            raise ValueError("tied: expected False for layer-wise pretraining, got True")
        codings, losses = [batch["inputs"] for batch in batches], []
        for i, (down, up) in enumerate(zip(self.encoder, reversed(self.decoder), strict=True)):
            first = i == 0
            pair = StackedAutoencoder(
                self.sizes[i : i + 2],
                self.activation,
                self.output_activation if first else self.activation,
                self.loss_name if first else "mean_squared_error",
                dtype=self.dtype_policy,
            )
            for mine, its in ((down, pair.encoder[0]), (up, pair.decoder[0])):
                its.set_weights(mine.get_weights())
            losses.append(pair.training_steps([{"inputs": x} for x in codings], optimizer, learning_rate))
            for mine, its in ((down, pair.encoder[0]), (up, pair.decoder[0])):
                mine.set_weights(its.get_weights())
            codings = [pair.encode(x) for x in codings]
        return losses

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "tied": self.tied}
