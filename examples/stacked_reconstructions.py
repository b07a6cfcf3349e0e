"""Lecture 000 §3.2: a stacked autoencoder, what it makes of images it has never seen, and what PCA makes of them.

Both keep the same number of codings.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA

from examples import drawing
from examples.experiment import Experiment

_SHOWN = 12


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    pictures = run.pictures()
    # The lecture's widths for 28×28 pixels; for the small digits a code as tight.
    inner = (100, 30) if pictures.features >= 400 else (64, 8)
    model = run.model("StackedAutoencoder", sizes=(pictures.features, *inner))
    run.train(model, {"inputs": pictures.train}, epochs=run.epochs(250 if len(pictures.train) < 2000 else 40), learning_rate=2e-3)
    decoded = run.call(model.decode, run.call(model.encode, pictures.test))
    pca = PCA(inner[-1], random_state=run.seed).fit(pictures.train)
    projected = pca.inverse_transform(pca.transform(pictures.test))

    widths = "→".join(str(width) for width in (*model.sizes, *model.sizes[-2::-1]))
    errors = {
        f"autoencoder\n{widths}": (decoded, float(np.mean((decoded - pictures.test) ** 2))),
        f"PCA\n{inner[-1]} components": (projected, float(np.mean((projected - pictures.test) ** 2))),
    }
    shown = np.array([np.flatnonzero(pictures.test_labels[:, 0] == i % 10)[i // 10] for i in range(_SHOWN)])
    drawn = drawing.figure(2.1)
    panels = drawn.subplots(3, 1)
    drawing.show(panels[0], drawing.tiles(pictures.test[shown].reshape(1, _SHOWN, *pictures.shape)))
    labels = ["held-out\nimages"]
    for axes, (label, (images, error)) in zip(panels[1:], errors.items(), strict=True):
        drawing.show(axes, drawing.tiles(np.clip(images[shown], 0, 1).reshape(1, _SHOWN, *pictures.shape)))
        labels.append(f"{label}\nMSE {error:.4f}")
        print(f"{label.replace(chr(10), ' ')}: held-out MSE {error:.4f}")
    for axes, label in zip(panels, labels, strict=True):
        axes.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=6)
    return drawing.save(drawn, run.out, "stacked_reconstructions")


if __name__ == "__main__":
    main()
