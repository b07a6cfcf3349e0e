"""Image files: what was written is read, and every damage is told in one line that names the file."""

from __future__ import annotations

import gzip
import os
import struct
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cases.image_files import load, read_idx
from conformance.errors import UnreadableData

NAMES = {part: (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte") for part in ("train", "t10k")}


def idx(array: np.ndarray) -> bytes:
    """The array as an IDX file; written apart from the reader, after the format's description."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def write_folder(folder: Path, packed: bool = False, train: int = 7, test: int = 3) -> dict[str, np.ndarray]:
    """A small data set of four files; returns what they hold by name."""
    arrays: dict[str, np.ndarray] = {}
    rng = np.random.default_rng(0)
    for count, (images, labels) in zip((train, test), NAMES.values(), strict=True):
        arrays[images] = rng.integers(0, 256, (count, 5, 4))
        arrays[labels] = rng.integers(0, 10, count)
    for name, array in arrays.items():
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    return arrays


@pytest.mark.parametrize("packed", [False, True])
def test_round_trip(tmp_path: Path, packed: bool) -> None:
    """Images come back scaled to [0, 1], labels unchanged, both read-only."""
    arrays, dataset = write_folder(tmp_path, packed), load(tmp_path)
    assert dataset.name == tmp_path.name
    for part, (images, labels) in zip((dataset.train, dataset.test), NAMES.values(), strict=True):
        np.testing.assert_array_equal(np.rint(part.images * 255), arrays[images])
        np.testing.assert_array_equal(part.labels, arrays[labels])
        assert part.images.dtype == np.float32
        assert 0 <= part.images.min() <= part.images.max() <= 1
        assert not part.images.flags.writeable
        assert not part.labels.flags.writeable


def test_other_names_of_the_same_files(tmp_path: Path) -> None:
    """Mirrors write a dot before idx; browsers unpack a .gz and keep its name."""
    arrays = write_folder(tmp_path)
    for name in arrays:
        (tmp_path / name).rename(tmp_path / f"{name.replace('-idx', '.idx')}.gz")
    assert len(load(tmp_path).train) == 7


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 2**32 - 1), st.booleans())
def test_any_array_comes_back(tmp_path_factory: pytest.TempPathFactory, shape: list[int], seed: int, packed: bool) -> None:
    """Reading undoes writing for every shape."""
    array = np.random.default_rng(seed).integers(0, 256, shape)
    path = tmp_path_factory.mktemp("idx") / "array"
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    np.testing.assert_array_equal(read_idx(path, axes=len(shape)), array)


Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "empty": (lambda _: b"", "expected a header of 16 bytes, found 0"),
    "half a header": (lambda content: content[:9], "expected a header of 16 bytes, found 9"),
    "labels for images": (lambda c: b"\0\0\x08\x01" + c[4:], "expected the magic number 0x00000803, found 0x00000801"),
    "floats for bytes": (lambda c: b"\0\0\x0d\x03" + c[4:], "expected the magic number 0x00000803, found 0x00000d03"),
    "little-endian": (lambda c: c[:4][::-1] + c[4:], "expected the magic number 0x00000803, found 0x03080000"),
    "a web page": (lambda _: b"<!DOCTYPE html><html>not found</html>", "expected the magic number 0x00000803, found 0x3c21444f"),
    "truncated": (lambda c: c[:-1], "expected 140 bytes after the header, which claims 7 × 5 × 4, found 139"),
    "trailing byte": (lambda c: c + b"\0", "expected 140 bytes after the header, which claims 7 × 5 × 4, found more"),
    "no images": (lambda c: c[:4] + bytes(4) + c[8:16], "found a header that claims 0 × 5 × 4"),
    "no pixels": (lambda c: c[:8] + bytes(4) + c[12:16], "found a header that claims 7 × 0 × 4"),
    "2^31 images": (lambda c: c[:4] + struct.pack(">I", 2**31) + c[8:], "found a header that claims 2,147,483,648 × 5 × 4"),
    "one image fewer": (lambda c: c[:4] + struct.pack(">I", 6) + c[8:-20], "expected 6 labels, one for each image of"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES.keys())
def test_every_damage_is_told(tmp_path: Path, damage: Damage, told: str, packed: bool) -> None:
    """One line names the file, what was expected and what was found, compressed or not."""
    write_folder(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte"
    content = damage(path.read_bytes())
    path.write_bytes(gzip.compress(content) if packed else content)
    message = _refusal(tmp_path)
    assert told in message
    assert str(tmp_path / "train-") in message


GZIP_DAMAGES: dict[str, Damage] = {
    "cut": lambda content: content[:-12],
    "cut in the checksum": lambda content: content[:-2],
    "wrong checksum": lambda content: content[:-8] + bytes([content[-8] ^ 1]) + content[-7:],
    "a changed bit": lambda content: content[:40] + bytes([content[40] ^ 0x10]) + content[41:],
    "rubbish behind": lambda content: content + b"rubbish",
    "unknown method": lambda content: content[:2] + b"\x07" + content[3:],
    "nothing but the start": lambda content: content[:2],
}


@pytest.mark.parametrize("damage", GZIP_DAMAGES.values(), ids=GZIP_DAMAGES.keys())
def test_a_damaged_gzip_file_is_told(tmp_path: Path, damage: Damage) -> None:
    """Bad checksums, cut streams and bytes behind the stream are never read as images."""
    write_folder(tmp_path, packed=True)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    message = _refusal(tmp_path)
    assert str(path) in message
    assert "expected a whole gzip file, found a damaged one" in message


@pytest.mark.parametrize("name", [name for pair in NAMES.values() for name in pair])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """The message says which file is missing, and from where."""
    write_folder(tmp_path)
    (tmp_path / name).unlink()
    assert _refusal(tmp_path) == f"{tmp_path}: expected a file {name} or {name}.gz, found neither"


def test_no_folder(tmp_path: Path) -> None:
    """A path that is not there, and a file where a folder should be."""
    (tmp_path / "file").write_bytes(b"")
    expected = "expected a folder of IDX files, or one of mnist, fashion_mnist, found"
    assert _refusal(tmp_path / "absent") == f"{tmp_path / 'absent'}: {expected} nothing there"
    assert _refusal(tmp_path / "file") == f"{tmp_path / 'file'}: {expected} a file"


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """The system's reason is passed on, here of a folder under the name of a file."""
    write_folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    (tmp_path / "train-labels-idx1-ubyte").mkdir()
    assert "train-labels-idx1-ubyte: expected a file that can be read, found" in _refusal(tmp_path)


def test_parts_of_different_size(tmp_path: Path) -> None:
    """Images to learn from and images to test with have the same height and width."""
    write_folder(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(np.zeros((3, 4, 5))))
    assert _refusal(tmp_path) == f"{tmp_path}: expected t10k images of 5×4 pixels, as in train, found 4×5"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", [(2**31, 28, 28), (2**32 - 1,) * 3, (1_300_000, 28, 28)])
def test_a_claim_takes_no_memory(tmp_path: Path, shape: tuple[int, ...], packed: bool) -> None:
    """Memory follows the bytes that are there, not the header: above the bound and just below it."""
    content = struct.pack(">HBB3I", 0, 8, 3, *shape) + bytes(1000)
    path = tmp_path / "claims"
    path.write_bytes(gzip.compress(content) if packed else content)
    tracemalloc.start()
    with pytest.raises(UnreadableData, match="claims"):
        read_idx(path, axes=3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Of a small file that unpacks to 64 MiB, no more is unpacked than the header announced."""
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 2, 5, 5) + bytes(2**26), compresslevel=1))
    tracemalloc.start()
    with pytest.raises(UnreadableData, match="expected 50 bytes after the header, which claims 2 × 5 × 5, found more"):
        read_idx(path, axes=3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_the_digits_are_the_default() -> None:
    """1,797 images of 8×8 pixels, every digit in both parts."""
    dataset = load()
    assert (len(dataset.train), len(dataset.test)) == (1437, 360)
    assert dataset.train.images.shape[1:] == (8, 8)
    assert set(dataset.train.labels) == set(dataset.test.labels) == set(range(10))


def _fake_keras(monkeypatch: pytest.MonkeyPatch, load_data: Callable[[], object]) -> None:
    from types import ModuleType, SimpleNamespace

    keras = ModuleType("keras")
    keras.datasets = SimpleNamespace(mnist=SimpleNamespace(load_data=load_data))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras", keras)


def test_a_name_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Keras returns is scaled like the files."""
    pixels, labels = np.full((2, 3, 3), 255, np.uint8), np.array([4, 5], np.uint8)
    _fake_keras(monkeypatch, lambda: ((pixels, labels), (pixels, labels)))
    dataset = load("mnist")
    assert (dataset.name, dataset.train.images.max(), dataset.test.labels.tolist()) == ("mnist", 1.0, [4, 5])


def test_without_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare exception of Keras becomes one line with both ways out."""

    def load_data() -> object:
        raise Exception("URL fetch failure on https://example.org:\n None -- [Errno -3] Temporary failure in name resolution")

    _fake_keras(monkeypatch, load_data)
    message = _refusal("mnist")
    assert message.startswith(
        "mnist: expected an internet connection to fetch it, or a folder of IDX files, found URL fetch failure"
    )


def test_without_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has PyTorch only is told what is missing."""
    monkeypatch.setitem(sys.modules, "keras", None)
    assert "mnist: expected Keras to fetch it with, or a folder of IDX files, found" in _refusal("mnist")


def test_a_folder_comes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is called mnist is read, not fetched."""
    (tmp_path / "mnist").mkdir()
    write_folder(tmp_path / "mnist")
    monkeypatch.chdir(tmp_path)
    assert len(load("mnist").train) == 7


def _refusal(data: str | os.PathLike[str]) -> str:
    """The one line that `load` raises."""
    with pytest.raises(UnreadableData) as caught:
        load(data)
    message = str(caught.value)
    assert "\n" not in message
    return message
