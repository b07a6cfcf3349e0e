"""Lecture 000, listing 3: codings of held-out images, brought to the plane by t-SNE and coloured by label.

The labels colour the points; neither the autoencoder nor t-SNE has seen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from sklearn.manifold import TSNE
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from examples import drawing
from examples.experiment import Experiment

_MOST = 1000
_APART = 0.065


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    pictures = run.pictures()
    model = run.model("StackedAutoencoder", sizes=(pictures.features, 100, 30))
    run.train(model, {"inputs": pictures.train}, epochs=run.epochs(100 if len(pictures.train) < 2000 else 25))
    # The listing's validation data; of the digits there are few, so those that were learned from are shown as well.
    few = len(pictures.test) < 500
    images = np.concatenate([pictures.test, pictures.train])[:_MOST] if few else pictures.test
    labels = np.concatenate([pictures.test_labels, pictures.train_labels])[: len(images), 0]
    codings = run.call(model.encode, images)
    perplexity = min(30.0, len(images) / 4)
    with threadpool_limits(1):  # threads that wait for each other make it several times slower on a busy machine
        plane = TSNE(perplexity=perplexity, init="pca", random_state=run.seed).fit_transform(codings)
    plane = (plane - plane.min(axis=0)) / np.ptp(plane, axis=0)
    neighbours = KNeighborsClassifier(6).fit(plane, labels).kneighbors(plane, return_distance=False)[:, 1:]
    print(f"{np.mean(labels[neighbours] == labels[:, None]):.1%} of the five nearest neighbours in the plane have the same label")

    drawn = drawing.figure(4.6)
    axes = drawn.subplots()
    colours = matplotlib.colormaps["tab10"](labels / 10 + 0.05)
    axes.scatter(*plane.T, s=9, c=colours, linewidths=0)
    _add_images(axes, plane, images.reshape(-1, *pictures.shape), colours)
    axes.set_title(f"Listing 3: 30 codings of each of {len(images):,} images, in the plane by t-SNE; colour is the label")
    axes.set_axis_off()
    return drawing.save(drawn, run.out, "tsne_codings")


def _add_images(axes: Axes, plane: np.ndarray, images: np.ndarray, colours: np.ndarray) -> None:
    """Show a point as its image where no other image is near."""
    shown = np.empty((0, 2))
    for point, image, colour in zip(plane, images, colours, strict=True):
        if len(shown) and np.min(np.hypot(*(shown - point).T)) < _APART:
            continue
        shown = np.vstack([shown, point])
        ink = OffsetImage(image, cmap="gray_r", zoom=16 / image.shape[0], interpolation="nearest")
        box = {"edgecolor": colour, "linewidth": 1.2, "boxstyle": "square,pad=0.1"}
        axes.add_artist(AnnotationBbox(ink, tuple(point), frameon=True, pad=0.1, bboxprops=box))


if __name__ == "__main__":
    main()
