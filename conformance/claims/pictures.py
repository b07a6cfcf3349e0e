"""Images as rows to learn from and rows that are held out: the scanned digits, or what `--data` names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from conformance.cases.image_files import Images, load

# Enough to decide a claim, few enough for a laptop.
_MOST_TRAIN, _MOST_TEST = 6000, 1000


@dataclass(frozen=True)
class Pictures:
    """Images as rows, (N, height·width) of float32 in [0, 1], and labels (N, 1)."""

    name: str
    shape: tuple[int, int]
    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    @property
    def features(self) -> int:
        return self.train.shape[1]

    @property
    def small(self) -> bool:
        """Of the size of the scikit-learn digits; otherwise of MNIST."""
        return len(self.train) < 2000

    @property
    def hash(self) -> str:
        """Of every pixel and label."""
        digest = hashlib.sha256(repr(self.shape).encode())
        for array in (self.train, self.train_labels, self.test, self.test_labels):
            digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def load_pictures(data: str | None) -> Pictures:
    """The digits, or from `data` at most 6,000 images to learn from and 1,000 held out, always the same ones.

    Raises:
        UnreadableData: data that are not there, or not what they should be.
    """
    dataset = load(data)
    height, width = dataset.train.images.shape[1:]
    (train, train_labels), (test, test_labels) = _chosen(dataset.train, _MOST_TRAIN), _chosen(dataset.test, _MOST_TEST)
    return Pictures(dataset.name, (height, width), train, train_labels, test, test_labels)


def _chosen(part: Images, most: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.sort(np.random.default_rng(0).permutation(len(part))[:most])
    return part.images[rows].reshape(len(rows), -1), part.labels[rows][:, None]
