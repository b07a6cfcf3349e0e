"""The stacked autoencoder: dense layers down to a coding, and the same widths back up; trained at once or layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from reference.domains import Choice, Widths
from reference.models.autoencoder import LOSSES, Autoencoder
from reference.specification import OfImages, StandIn, specify


@specify(
    kind="model",
    equation="x → encoder → coding → decoder → x̂; loss(x, x̂)",
    source="000 §3.1–3.2",
    inputs={
        "sizes": Widths(2, 4),
        "activation": Choice(("relu", "sigmoid", "tanh", "linear")),
        "output_activation": Choice(("sigmoid", "linear")),
        "loss": Choice(LOSSES),
        "tied": Choice((False, False, True)),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"sizes": (features, 32, 16)}),
    stand_in=StandIn(
        seen="inputs",
        shown="reconstruction",
        target="inputs",
        loss="mean_squared_error",
        term="reconstruction",
        needless=("loss",),
        unable=(("tied", True, "a plain model has no tied matrices, whose parameters are fewer than its layers"),),
        left_out=("greedy/",),
    ),
)
class StackedAutoencoder(Autoencoder):
    """Autoencoder of several dense layers, by default 784→100→30→100→784 with ReLU inside and a sigmoid at the end.

    Args:
        sizes: widths from the input to the coding; the decoder mirrors them. A coding wider than the input is overcomplete.
        activation: of every layer but the last: "relu" | "sigmoid" | "tanh" | "linear".
        output_activation: of the last layer.
        loss: "mean_squared_error" over every element, or "binary_cross_entropy" from the logits, which needs a sigmoid output.
        tied: use the transposed encoder matrices in the decoder.
        seed: of the initial weights (Glorot uniform; biases zero).

    Batch: `inputs` (B, sizes[0]), in [0, 1] for the cross-entropy.

    Activations: encoder.0, …, coding, decoder.0, …, logits, reconstruction.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name, cross-entropy without a sigmoid output;
            a batch of the wrong shape, empty or not finite.

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
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, tied, seed)

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
        batches, losses = list(batches), []
        pairs = len(self.sizes) - 1
        codings = [np.asarray(batch["inputs"]) for batch in batches]
        for i in range(pairs):
            first = i == 0
            pair = StackedAutoencoder(
                self.sizes[i : i + 2],
                self.activation,
                self.output_activation if first else self.activation,
                self.loss if first else "mean_squared_error",
            )
            inside = {
                f"{half}.0.{kind}": f"{half}.{j}.{kind}"
                for half, j in (("encoder", i), ("decoder", pairs - 1 - i))
                for kind in ("weight", "bias")
            }
            pair.import_weights({own: self.weights[whole] for own, whole in inside.items()})
            losses.append(pair.training_steps([{"inputs": x} for x in codings], optimizer, learning_rate))
            self.weights = {**self.weights, **{whole: pair.weights[own] for own, whole in inside.items()}}
            codings = [pair.encode(x) for x in codings]
        return losses
