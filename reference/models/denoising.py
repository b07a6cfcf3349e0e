"""The denoising autoencoder: reconstructs the clean input from a corrupted one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference.arguments import number_between, one_of, real_array, same_shape_and_dtype
from reference.domains import Bits, Choice, Domain, Number, Reals, Widths
from reference.models.autoencoder import LOSSES, Autoencoder
from reference.models.model import Named
from reference.specification import Array, OfImages, specify

CORRUPTIONS = ("gaussian", "masking", "dropout")


@specify(
    kind="model",
    equation="loss(x, decode(encode(corrupt(x, noise)))); corrupt: x + level·noise, x·noise, or x·noise/(1−level)",
    source="003 §6b",
    inputs={
        "sizes": Widths(2, 4),
        "corruption": Choice(CORRUPTIONS),
        "level": Number(0.0, 1.0, default=0.25, edges=(0.1, 0.5)),
        "activation": Choice(("relu", "sigmoid", "tanh")),
        "output_activation": Choice(("sigmoid", "linear")),
        "loss": Choice(LOSSES),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"sizes": (features, 32, 16)}),
    stand_in="a plain model draws its noise itself, so nobody can say what comes out",
)
class DenoisingAutoencoder(Autoencoder):
    """Stacked autoencoder that is given a corrupted input and judged by the clean one.

    Args:
        sizes, activation, output_activation, loss, seed: as in `StackedAutoencoder`.
        corruption: "gaussian": x + level · noise, noise ~ N(0, 1); "masking": x · noise, noise a mask that is 0 with probability
            `level`; "dropout": the same mask, the rest scaled by 1 / (1 − level).
        level: in (0, 1).

    Batch: `inputs` (B, sizes[0]) and `noise` of the same shape, an argument so that every framework can be given the same. At
    inference there is no noise.

    Activations: corrupted, then as in `StackedAutoencoder`.

    Raises:
        ValueError: as in `StackedAutoencoder`, an unknown corruption, noise of another shape than the inputs; an argument outside its interval.

    Source: lecture notes 003 §6b; Vincent et al. 2008.

    >>> DenoisingAutoencoder((4, 2)).parameter_count
    22
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 30),
        corruption: str = "gaussian",
        level: float = 0.25,
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
    ) -> None:
        super().__init__(sizes, activation, activation, output_activation, loss, False, seed)
        self.corruption = one_of("corruption", corruption, CORRUPTIONS)
        self.level = number_between("level", level, 0.0, 1.0)

    def batch_domains(self) -> dict[str, Domain]:
        axes = ("batch", self.sizes[0])
        noise = Reals(axes, -8.0, 8.0, typical=(-3.0, 3.0), edges=(0.0,)) if self.corruption == "gaussian" else Bits(axes)
        return {**super().batch_domains(), "noise": noise}

    # A batch of this model has one entry more than one of its base.
    def activations(self, inputs: Any, noise: Any) -> Named:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().activations(inputs, noise=noise)

    def loss_terms(self, inputs: Any, noise: Any) -> Named:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().loss_terms(inputs, noise=noise)

    def _corrupted(self, inputs: Array, **noise: Any) -> Array:
        noise_array = real_array("noise", noise["noise"], rank=2)
        same_shape_and_dtype("inputs", inputs, "noise", noise_array)
        if self.corruption == "gaussian":
            return inputs + self.level * noise_array
        return inputs * noise_array / (1.0 - self.level if self.corruption == "dropout" else 1.0)
