"""Labelled images: MNIST and Fashion-MNIST in their IDX files, or the scanned digits that scikit-learn ships.

An IDX file is a big-endian header and then bytes: two zeros, 0x08 (unsigned bytes), the number of axes, and each extent as four bytes.

Source: Y. LeCun, C. Cortes & C. J. C. Burges, The MNIST database of handwritten digits.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from conformance.cases.real_data import ImageRows, digit_labels, digits
from conformance.errors import UnreadableData
from reference.specification import Array

FETCHED = ("mnist", "fashion_mnist")
# The largest known relative, EMNIST ByClass, has 5.5e8 pixels. A bound, so that a small gzip file cannot fill the memory.
_LARGEST = 2**30
_CHUNK = 2**20
_HELD_OUT_DIGITS = 360


@dataclass(frozen=True)
class Images:
    """Images (N, height, width) of float32 in [0, 1], and the class of each, (N,) of int64. Both are read-only."""

    images: Array
    labels: Array

    def __post_init__(self) -> None:
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Dataset:
    """Images to learn from and images to be judged by."""

    name: str
    train: Images
    test: Images


def load(data: str | os.PathLike[str] | None = None) -> Dataset:
    """The 1,797 digits of scikit-learn; or, from a folder, its four IDX files; or "mnist" or "fashion_mnist", fetched by Keras.

    Of the digits, the last 360 are for testing. A folder that is called like a data set that could be fetched comes first.

    Raises:
        UnreadableData: a folder or file that is missing, damaged, or does not fit the others; nothing to fetch with or from.
    """
    if data is None:
        images, labels = digits().reshape(-1, 8, 8).astype(np.float32), digit_labels()[:, 0]
        train, test = slice(None, -_HELD_OUT_DIGITS), slice(-_HELD_OUT_DIGITS, None)
        return Dataset("digits", Images(images[train], labels[train]), Images(images[test], labels[test]))
    folder = Path(data)
    if not folder.is_dir() and os.fspath(data) in FETCHED:
        return _fetched(os.fspath(data))
    if not folder.is_dir():
        content = "a file" if folder.exists() else "nothing there"
        raise UnreadableData(folder, f"a folder of IDX files, or one of {', '.join(FETCHED)}", content)
    dataset = Dataset(folder.resolve().name, read_pair(folder, "train"), read_pair(folder, "t10k"))
    if dataset.train.images.shape[1:] != dataset.test.images.shape[1:]:
        expected, actual = ("×".join(map(str, part.images.shape[1:])) for part in (dataset.train, dataset.test))
        raise UnreadableData(folder, f"t10k images of {expected} pixels, as in train", actual)
    return dataset


def image_rows(data: str | os.PathLike[str]) -> ImageRows:
    """The first test images of `load(data)`, as many as there are digits, as rows for cases of real data.

    Raises:
        UnreadableData: as `load`.
    """
    dataset = load(data)
    most = len(digits())
    images = dataset.test.images[:most]
    return ImageRows(dataset.name, images.reshape(len(images), -1).astype(np.float64), dataset.test.labels[:most, None])


def read_pair(folder: Path, part: str) -> Images:
    """The images and labels of one part, "train" or "t10k", of a folder."""
    image_file, label_file = _find(folder, f"{part}-images", axes=3), _find(folder, f"{part}-labels", axes=1)
    pixels, labels = read_idx(image_file, axes=3), read_idx(label_file, axes=1)
    if len(pixels) != len(labels):
        raise UnreadableData(label_file, f"{len(pixels)} labels, one for each image of {image_file.name}", f"{len(labels)}")
    return Images(_scaled(pixels), labels.astype(np.int64))


def read_idx(path: Path, axes: int) -> Array:
    """The unsigned bytes of one IDX file, gzip or not, as an array of that many axes.

    Whether a file is compressed is read from its first two bytes: browsers unpack a .gz and keep its name.
    No more memory is taken than the file has bytes to fill it.
    """
    magic = 0x0800 + axes
    with _opened(path) as stream:
        header = _read(stream, 4 + 4 * axes)
        if len(header) < 4 + 4 * axes:
            raise UnreadableData(path, f"a header of {4 + 4 * axes} bytes", f"{len(header)}")
        if int.from_bytes(header[:4]) != magic:
            raise UnreadableData(path, f"the magic number 0x{magic:08x}", f"0x{int.from_bytes(header[:4]):08x}")
        shape = tuple(int.from_bytes(header[i : i + 4]) for i in range(4, len(header), 4))
        size, extents = math.prod(shape), " × ".join(f"{n:,}" for n in shape)
        if not 0 < size <= _LARGEST:
            raise UnreadableData(path, f"from 1 to {_LARGEST:,} bytes of content", f"a header that claims {extents}")
        content = _read(stream, size + 1)  # one more: a byte too many is seen, and gzip comes to its checksum
    if len(content) != size:
        length = f"{len(content):,}" if len(content) < size else "more"
        raise UnreadableData(path, f"{size:,} bytes after the header, which claims {extents}", length)
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def _read(stream: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    """Up to `size` bytes, piece by piece: asked for all at once, Python would set the memory aside first."""
    content = bytearray()
    while len(content) < size and (chunk := stream.read(min(_CHUNK, size - len(content)))):
        content += chunk
    return bytes(content)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """The file, unpacked if it is compressed, with every failure to read it told in one line."""
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if compressed:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield unpacked
            else:
                yield raw
    except (gzip.BadGzipFile, zlib.error, EOFError) as damage:
        raise UnreadableData(path, "a whole gzip file", f"a damaged one ({damage})") from damage
    except OSError as failure:
        raise UnreadableData(path, "a file that can be read", f"{failure.strerror or failure}") from failure


def _find(folder: Path, stem: str, axes: int) -> Path:
    """The file, under the names that the archives and their mirrors give it."""
    name = f"{stem}-idx{axes}-ubyte"
    for candidate in (name, f"{name}.gz", f"{stem}.idx{axes}-ubyte", f"{stem}.idx{axes}-ubyte.gz"):
        if (folder / candidate).exists():
            return folder / candidate
    raise UnreadableData(folder, f"a file {name} or {name}.gz", "neither")


def _fetched(name: str) -> Dataset:
    """A data set that Keras downloads, or has downloaded before."""
    try:
        from keras import datasets
    except ImportError as missing:
        raise UnreadableData(name, "Keras to fetch it with, or a folder of IDX files", f"{missing}") from missing
    try:
        (train, train_labels), (test, test_labels) = getattr(datasets, name).load_data()
    except Exception as failure:  # Keras raises a bare Exception where there is no network
        reason = " ".join(str(failure).split())
        raise UnreadableData(name, "an internet connection to fetch it, or a folder of IDX files", reason) from failure
    return Dataset(name, Images(_scaled(train), train_labels.astype(np.int64)), Images(_scaled(test), test_labels.astype(np.int64)))


def _scaled(pixels: Array) -> Array:
    return pixels.astype(np.float32) / np.float32(255)
