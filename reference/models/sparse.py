"""Sparse autoencoders: a penalty on the activities of the coding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from reference.arguments import number_between, one_of
from reference.domains import Choice, Number, Widths
from reference.formulas.sparsity import kl_sparsity_loss, kl_sparsity_loss_vjp, l1_activity_loss, l1_activity_loss_vjp
from reference.models.autoencoder import LOSSES, Autoencoder
from reference.models.model import Named
from reference.specification import OfImages, StandIn, specify

_USUAL_WEIGHT = {"l1": 1e-3, "kl": 0.05}


@specify(
    kind="model",
    equation="loss(x, x̂) + penalty(codings); L1: λ Σ|a| / B, KL: λ Σ_D KL(p ‖ p̂)",
    source="000 §4.2",
    inputs={
        "sizes": Widths(2, 4),
        "penalty": Choice(("l1", "kl")),
        "weight": Number(0.0, 2.0, default=0.05, edges=(0.0, 1.0)),
        "target": Number(0.0, 1.0, default=0.1, edges=(0.05, 0.5)),
        "activation": Choice(("relu", "sigmoid", "tanh")),
        "output_activation": Choice(("sigmoid", "linear")),
        "loss": Choice(LOSSES),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"sizes": (features, 32, 96), "penalty": "kl"}),
    stand_in=StandIn(
        seen="inputs",
        shown="reconstruction",
        target="inputs",
        loss="mean_squared_error",
        term="reconstruction",
        penalty="sparsity",
        needless=("loss",),
        matters_where={"target": ("penalty", "kl")},
    ),
)
class SparseAutoencoder(Autoencoder):
    """Stacked autoencoder with sigmoid codings and a sparsity penalty on them alone, by default 784→100→300→100→784.

    Args:
        sizes: widths from the input to the coding; a coding wider than the input is overcomplete.
        penalty: "l1", `l1_activity_loss` of the codings, or "kl", `kl_sparsity_loss` of the codings.
        weight: of the penalty; None means 1e-3 for L1 and 0.05 for KL.
        target: wanted mean activity, for KL.
        activation: of the hidden layers that are neither coding nor output.
        output_activation, loss, seed: as in `StackedAutoencoder`.

    Batch: `inputs` (B, sizes[0]). Loss terms: reconstruction, sparsity, total.

    Raises:
        ValueError: as in `StackedAutoencoder`; an unknown penalty, a negative weight, a target outside (0, 1).

    Source: lecture notes 000 §4.2.1–4.2.2.

    >>> SparseAutoencoder().weight
    0.001
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 300),
        penalty: str = "l1",
        weight: float | None = None,
        target: float = 0.1,
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
    ) -> None:
        super().__init__(sizes, activation, "sigmoid", output_activation, loss, False, seed)
        self.penalty = one_of("penalty", penalty, _USUAL_WEIGHT)
        weight = _USUAL_WEIGHT[penalty] if weight is None else weight
        self.weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
        self.target = number_between("target", target, 0.0, 1.0)

    @property
    def unsaturated(self) -> tuple[str, ...]:
        """The divergence clips p̂ at 1 − ε, which float32 rounds: a coding at its end differs by the rounding of the clip alone."""
        return tuple(name for name in self.weights if name.startswith("encoder.") and self.penalty == "kl")

    def _penalties(self, named: Named) -> Named:
        if self.penalty == "kl":
            return {"sparsity": kl_sparsity_loss(named["coding"], self.target, self.weight)}
        return {"sparsity": l1_activity_loss(named["coding"], self.weight)}

    def _penalty_cotangents(self, named: Named) -> Named:
        one = np.ones(())
        if self.penalty == "kl":
            gradients = kl_sparsity_loss_vjp(one, named["coding"], self.target, self.weight)
        else:
            gradients = l1_activity_loss_vjp(one, named["coding"], self.weight)
        return {"coding": gradients["activations"]}
