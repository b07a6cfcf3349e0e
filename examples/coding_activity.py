"""Lecture 000 §4: how active the codings are, in a plain autoencoder, with the L1 penalty and with the KL penalty.

All three have as many sigmoid codings, more than there are inputs. Above, every activity of every coding; below, each coding's mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from examples import drawing
from examples.experiment import Experiment

TARGET = 0.1


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    pictures = run.pictures()
    sizes = (pictures.features, 100, 300)
    # A plain autoencoder with sigmoid codings is a sparse one whose penalty weighs nothing.
    plain = run.model("SparseAutoencoder", sizes=sizes, penalty="l1", weight=0.0)
    l1 = run.model("SparseAutoencoder", sizes=sizes, penalty="l1", weight=1e-3)
    kl = run.model("SparseAutoencoder", sizes=sizes, penalty="kl", weight=0.05, target=TARGET)
    models = {"plain": plain, "L1, λ = 0.001": l1, f"KL, target {TARGET}": kl}

    epochs = run.epochs(120 if len(pictures.train) < 2000 else 25)

    drawn = drawing.figure(3.9)
    panels = drawn.subplots(2, 3, sharex="row", sharey="row")
    colours = (drawing.GREY, drawing.ORANGE, drawing.BLUE)
    for (name, model), column, colour in zip(models.items(), panels.T, colours, strict=True):
        run.train(model, {"inputs": pictures.train}, epochs=epochs, batch_size=128, learning_rate=2e-3)
        codings = run.call(model.encode, pictures.test)
        error = float(np.mean((run.call(model.decode, codings) - pictures.test) ** 2))
        mean, silent = codings.mean(), np.mean(codings < 0.1)
        print(f"{name}: mean activity {mean:.3f}, {silent:.1%} below 0.1, held-out MSE {error:.4f}")
        bins = np.linspace(0, 1, 41)
        shares = np.full(codings.size, 100 / codings.size)
        column[0].hist(codings.ravel(), bins=bins, weights=shares, color=colour)
        column[0].set_title(name)
        column[0].text(
            0.97, 0.94, f"mean {mean:.3f}\nheld-out MSE {error:.4f}", ha="right", va="top", transform=column[0].transAxes
        )
        column[1].hist(codings.mean(axis=0), bins=bins, color=colour)
        column[1].axvline(TARGET, color="black", linestyle=":", linewidth=1)
        column[0].set_xlabel("activity of a coding for an image")
        column[1].set_xlabel("mean activity of a coding")
    panels[0, 0].set_yscale("log")
    panels[0, 0].set_ylabel("share / %")
    panels[1, 0].set_yscale("log")
    panels[1, 0].set_ylim(0.7, 500)
    panels[1, 0].set_ylabel("codings, of 300")
    panels[1, 0].text(TARGET + 0.02, 0.94, "target of KL", va="top", transform=panels[1, 0].get_xaxis_transform())
    return drawing.save(drawn, run.out, "coding_activity")


if __name__ == "__main__":
    main()
