"""The linear autoencoder: what it learns is principal component analysis."""

from __future__ import annotations

from reference.arguments import whole_number
from reference.domains import Length
from reference.models.autoencoder import Autoencoder
from reference.specification import OfImages, StandIn, specify


@specify(
    kind="model",
    equation="x̂ = (x W + b) V + c; at the optimum W V projects onto the principal subspace",
    source="003 §6c, 004",
    inputs={"features": Length(2, 9), "codings": Length(1, 9)},
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"features": features, "codings": 16}),
    stand_in=StandIn(
        seen="inputs",
        shown="reconstruction",
        target="inputs",
        loss="mean_squared_error",
        term="reconstruction",
    ),
)
class LinearAutoencoder(Autoencoder):
    """One linear layer down and one up, with the mean squared error.

    Args:
        features, codings: widths of the input and of the coding.
        seed: of the initial weights.

    Batch: `inputs` (B, features).

    Raises:
        ValueError: a width below 1, a batch of the wrong shape, empty or not finite.

    Source: lecture notes 003 §6c, 004; Baldi & Hornik 1989.

    >>> LinearAutoencoder(4, 2).parameter_count
    22
    """

    def __init__(self, features: int = 784, codings: int = 30, seed: int = 0) -> None:
        sizes = (whole_number("features", features, 1), whole_number("codings", codings, 1))
        super().__init__(sizes, "linear", "linear", "linear", "mean_squared_error", False, seed)
