"""Lecture 000 §5: what a variational autoencoder invents, its plane of codings, and the way from one image to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import norm

from examples import drawing
from examples.experiment import Experiment, Pictures

_LATENT = 10
_GRID, _STEPS = 11, 11
_PAIRS = ((0, 6), (1, 7), (3, 8), (4, 9))


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    pictures = run.pictures()
    wide, flat = (_trained(run, pictures, latent) for latent in (_LATENT, 2))
    rng = np.random.default_rng(run.seed)
    height, width = pictures.shape

    drawn = drawing.figure(4.7)
    (left, right), (first, second) = drawn.subplots(2, 2, height_ratios=(4.6, 1))
    invented = run.call(wide.generate, rng.standard_normal((_GRID**2, _LATENT)).astype(np.float32))
    drawing.show(left, drawing.tiles(invented.reshape(_GRID, _GRID, height, width)))
    left.set_title(f"Samples: z ~ N(0, 1) in {_LATENT} dimensions")
    _draw_plane(right, run, flat, pictures)
    for axes, pairs in ((first, _PAIRS[:2]), (second, _PAIRS[2:])):
        ways = np.stack([_way(run, wide, pictures, pair) for pair in pairs])
        drawing.show(axes, drawing.tiles(ways.reshape(len(pairs), _STEPS, height, width)))
    first.set_title("Interpolation between held-out images")
    return drawing.save(drawn, run.out, "variational_samples")


def _trained(run: Experiment, pictures: Pictures, latent: int) -> Any:
    hidden = (150, 100) if pictures.features >= 400 else (100, 60)
    model = run.model("VariationalAutoencoder", (pictures.features, *hidden), latent=latent, loss="binary_cross_entropy")
    epochs = run.epochs(120 if len(pictures.train) < 2000 else 30)
    losses = run.train(model, {"inputs": pictures.train}, epochs, learning_rate=2e-3, noise=latent)
    print(f"{latent} latent dimensions: loss {losses[0]:.2f} → {losses[-1]:.2f} nats an image")
    return model


def _draw_plane(axes: Axes, run: Experiment, model: Any, pictures: Pictures) -> None:
    """Decode a grid over the plane: every step the same probability of the prior, so nothing far out is shown."""
    steps = norm.ppf(np.linspace(0.04, 0.96, _GRID))
    grid = np.stack(np.meshgrid(steps, steps[::-1]), axis=-1).reshape(-1, 2).astype(np.float32)
    drawing.show(axes, drawing.tiles(run.call(model.decode, grid).reshape(_GRID, _GRID, *pictures.shape)))
    axes.set_title("The plane: z in two dimensions, decoded")
    reach = f"{steps[-1]:.2f}"
    axes.set_xlabel(f"z₁ from −{reach} to {reach}")
    axes.set_ylabel(f"z₂ from −{reach} to {reach}")


def _way(run: Experiment, model: Any, pictures: Pictures, pair: tuple[int, int]) -> np.ndarray:
    """Decoded steps between the first held-out images of two labels, (steps, features)."""
    first, second = (pictures.test[pictures.test_labels[:, 0] == label][:1] for label in pair)
    return run.call(model.interpolate, first, second, steps=_STEPS)[:, 0]


if __name__ == "__main__":
    main()
