"""Weights in and out of a model and of a file: what comes back is what went in, and a refusal changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as read_bytes
from safetensors.numpy import save as to_bytes

from reference import StackedAutoencoder

SIZES = (3, 2)


@pytest.fixture
def model():
    """A small model."""
    return StackedAutoencoder(SIZES, seed=1)


@pytest.fixture
def path(model, tmp_path):
    """A file with the weights of another model of the same shape."""
    StackedAutoencoder(SIZES, seed=2).save_weights(tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors"


def bits(weights):
    """The bytes of every entry, so that equality is exact."""
    return {name: (value.dtype.str, value.shape, value.tobytes()) for name, value in weights.items()}


def assert_refused(model, path, mentions=""):
    """Loading raises a one-line ValueError that names the file, and the model stays as it was."""
    before = bits(model.weights)
    with pytest.raises(ValueError, match="expected") as refusal:
        model.load_weights(path)
    message = str(refusal.value)
    assert os.fspath(path) in message
    assert mentions in message
    assert "\n" not in message
    assert bits(model.weights) == before


def test_round_trip_is_exact(model, tmp_path):
    """Every bit comes back, signed zero, subnormal and largest numbers too, under canonical names in canonical order."""
    weights = model.export_weights()
    weights["encoder.0.weight"].flat[:4] = (-0.0, 5e-324, 1.7976931348623157e308, 0.1)
    model.import_weights(weights)
    model.save_weights(tmp_path / "w")
    other = StackedAutoencoder(SIZES, seed=9)
    other.load_weights(str(tmp_path / "w"))
    assert bits(other.weights) == bits(weights)
    assert list(other.weights) == list(model.parameter_shapes)


def test_file_is_plain_safetensors(model, tmp_path):
    """The file is read by safetensors itself: float64, the canonical names, nothing else."""
    model.save_weights(tmp_path / "w")
    entries = read_bytes((tmp_path / "w").read_bytes())
    assert bits(dict(sorted(entries.items()))) == bits(dict(sorted(model.weights.items())))


def test_single_precision_file_is_read(model, tmp_path):
    """A float32 file of another package is read, and held in float64."""
    single = {n: w.astype(np.float32) for n, w in model.weights.items()}
    (tmp_path / "w").write_bytes(to_bytes(single))
    other = StackedAutoencoder(SIZES, seed=9)
    other.load_weights(tmp_path / "w")
    assert all(w.dtype == np.float64 and np.array_equal(w, single[n]) for n, w in other.weights.items())


def test_order_of_the_entries_does_not_matter(model):
    """Entries are found by name; the model keeps canonical order."""
    reordered = dict(reversed(list(model.export_weights().items())))
    other = StackedAutoencoder(SIZES, seed=9)
    other.import_weights(reordered)
    assert list(other.weights) == list(model.parameter_shapes)
    assert bits(other.weights) == bits(model.weights)


def test_exported_and_imported_weights_are_copies(model):
    """Neither what was handed out nor what was handed in is shared with the model."""
    exported = model.export_weights()
    before = bits(exported)
    model.import_weights(exported)
    for value in exported.values():
        value += 1.0
    assert bits(model.weights) == before


def test_every_truncation_is_refused(model, path):
    """A file cut short anywhere is refused."""
    content = path.read_bytes()
    for length in [*range(0, len(content), 3), len(content) - 1]:
        path.write_bytes(content[:length])
        assert_refused(model, path)


@pytest.mark.parametrize("extra", [b"\0", b"more"])
def test_trailing_bytes_are_refused(model, path, extra):
    """A file with something after its end is refused."""
    path.write_bytes(path.read_bytes() + extra)
    assert_refused(model, path)


@pytest.mark.parametrize("bit", [0x01, 0x10, 0x80])
def test_every_flipped_header_byte_is_refused(model, path, bit):
    """One flipped bit in the length or in the text of the header is refused, unless it leaves the header's meaning as it is."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    refused = 0
    for position in range(8 + int.from_bytes(content[:8], "little")):
        damaged = bytearray(content)
        damaged[position] ^= bit
        try:
            same = position >= 8 and json.loads(damaged[8 : 8 + int.from_bytes(content[:8], "little")]) == header
        except ValueError:
            same = False
        if not same:
            path.write_bytes(damaged)
            assert_refused(model, path)
            refused += 1
    assert refused > len(json.dumps(header)) / 2


ENTRIES = {
    "missing": (lambda w: w.pop("decoder.0.bias"), "decoder.0.bias"),
    "extra": (lambda w: w.update(spare=np.zeros(2)), "spare"),
    "transposed": (lambda w: w.update({"encoder.0.weight": w["encoder.0.weight"].T.copy()}), "encoder.0.weight"),
    "one too long": (lambda w: w.update({"encoder.0.bias": np.zeros(3)}), "encoder.0.bias"),
    "one axis more": (lambda w: w.update({"encoder.0.bias": np.zeros((1, 2))}), "encoder.0.bias"),
    "NaN": (lambda w: w["encoder.0.weight"].__setitem__((0, 1), np.nan), "encoder.0.weight"),
    "infinity": (lambda w: w["decoder.0.bias"].__setitem__(2, -np.inf), "decoder.0.bias"),
    "renamed": (lambda w: w.update({"encoder.0.Weight": w.pop("encoder.0.weight")}), "encoder.0.weight"),
    "empty": (lambda w: w.clear(), "encoder.0.weight"),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_wrong_entries_are_refused(model, path, kind):
    """A missing, extra, misshapen or non-finite entry is named, from a file and from a mapping, and nothing changes."""
    change, mentions = ENTRIES[kind]
    weights, before = model.export_weights(), bits(model.weights)
    change(weights)
    path.write_bytes(to_bytes(weights))
    assert_refused(model, path, mentions)
    with pytest.raises(ValueError, match=mentions.replace(".", r"\.")):
        model.import_weights(weights)
    assert bits(model.weights) == before


def test_weights_of_another_model_are_refused(model, tmp_path):
    """The weights of a deeper, or of a wider, model are refused."""
    for number, sizes in enumerate([(3, 2, 2), (4, 2), (3, 3)]):
        StackedAutoencoder(sizes).save_weights(tmp_path / f"{number}")
        assert_refused(model, tmp_path / f"{number}")


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_unreadable_path_is_an_os_error(model, tmp_path, kind):
    """No file, or a folder in its place, is the operating system's error, and nothing changes."""
    before = bits(model.weights)
    with pytest.raises((FileNotFoundError, IsADirectoryError)):
        model.load_weights(tmp_path if kind == "folder" else tmp_path / "absent")
    assert bits(model.weights) == before


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()], ids=["full", "interrupted"])
def test_saving_is_atomic(model, path, monkeypatch, error):
    """When saving fails at the last moment the old file is whole and nothing else is left."""
    before = path.read_bytes()

    def fail(*_):
        raise error

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(error)):
        model.save_weights(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_saving_replaces_and_leaves_nothing_else(model, path):
    """Saving over a file replaces it; saving where there is no folder is the operating system's error."""
    model.save_weights(path)
    other = StackedAutoencoder(SIZES, seed=9)
    other.load_weights(path)
    assert bits(other.weights) == bits(model.weights)
    assert os.listdir(path.parent) == [path.name]
    with pytest.raises(FileNotFoundError):
        model.save_weights(path.parent / "absent" / "w")


def test_saved_file_is_as_readable_as_any(model, tmp_path):
    """A saved file has the permissions of any file opened for writing, so that whoever may read the folder may read it."""
    plain = Path(tmp_path / "plain")
    plain.write_bytes(b"")
    model.save_weights(tmp_path / "w")
    assert (tmp_path / "w").stat().st_mode == plain.stat().st_mode
