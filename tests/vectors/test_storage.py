"""Vector files on disk: what is written comes back, and what is not whole is refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.errors import BadVectors
from conformance.judging.expectation import Expected
from conformance.vectors import storage
from conformance.vectors.document import content_hash

FOLDER = Path(__file__).parent
FORMULA, MODEL, EXACT = "vae_kl_loss.float32", "LinearAutoencoder.float32", "CharTokenizer.float64"


def _copy(name: str, folder: Path) -> Path:
    """The committed file in a folder of its own, with the weights beside it."""
    for path in FOLDER.glob(f"{name}.*"):
        shutil.copy(path, folder)
    return folder / f"{name}.json"


def _changed(path: Path, change: Callable[[dict[str, Any]], object], *, hashed: bool = True) -> Path:
    """The file after a change of its content, with a hash that fits it unless told otherwise."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    if hashed:
        content["sha256"] = content_hash(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _refused(path: Path) -> str:
    with pytest.raises(BadVectors) as refusal:
        storage.load(path)
    message = str(refusal.value)
    assert "\n" not in message
    assert path.parent.name in message
    return message


@pytest.mark.parametrize("name", [FORMULA, MODEL, EXACT])
def test_a_file_comes_back(name: str, tmp_path: Path) -> None:
    """Read, written and read again: the same bytes, weights included."""
    path = _copy(name, tmp_path)
    first = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    again = tmp_path / "again"
    assert storage.write(storage.load(path), again) == again / path.name
    assert {file.name: file.read_bytes() for file in again.iterdir()} == first


def test_cases_and_answers_are_exact(tmp_path: Path) -> None:
    """Arrays of float64 with the numbers of the file's dtype, and masks where there are any."""
    file = storage.load(_copy(FORMULA, tmp_path))
    for vector in file.vectors:
        mean = vector.case.inputs["mean"]
        assert mean.dtype == np.float64
        assert np.array_equal(mean, mean.astype(np.float32))
        expected = vector.expected["value"]["value"]
        assert isinstance(expected, Expected)
        assert expected.dtype == "float32"
        assert (expected.allowed > 0).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda c: c.update(schema=1),
            "expected schema version 2, got 1; without it `conformance vectors export` makes the file anew",
        ),
        (lambda c: c.update(format="wycheproof"), "expected a file of conformance vectors, got other JSON"),
        (lambda c: c.update(spec="hinge_loss"), "expected a specification that `conformance list` shows, got 'hinge_loss'"),
        (lambda c: c["cases"][0]["inputs"]["mean"]["values"].pop(), "damaged: ValueError: cannot reshape"),
        (
            lambda c: c["cases"][0]["inputs"]["mean"]["values"].__setitem__(0, 1.5),
            "damaged: ValueError: expected a decimal in a string",
        ),
        (lambda c: c["cases"][0].pop("expected"), "damaged: KeyError: 'expected'"),
        (lambda c: c["cases"][0]["expected"].pop("gradient"), "answers value"),
        (lambda c: c["cases"][0].update(id="0" * 12), "case '000000000000' has the content of"),
        (lambda c: c.update(cases=None), "damaged: TypeError"),
        (lambda c: c.update(weights={"file": "../other.safetensors", "sha256": ""}), "expected weights in a file beside it"),
    ],
    ids=["schema", "format", "spec", "shape", "fraction", "answers", "quantity", "id", "cases", "weights"],
)
def test_other_content_is_refused(change: Callable[[dict[str, Any]], object], reason: str, tmp_path: Path) -> None:
    """Even where the hash fits."""
    assert reason in _refused(_changed(_copy(FORMULA, tmp_path), change))


def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    """One answer changed, everything else in order."""
    path = _copy(FORMULA, tmp_path)
    digest = json.loads(path.read_text(encoding="utf-8"))["sha256"]
    change = lambda c: c["cases"][1]["expected"]["value"]["value"]["values"].__setitem__(0, "0.25")  # noqa: E731
    assert f"damaged: expected the content whose sha256 is '{digest}', got " in _refused(_changed(path, change, hashed=False))


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "nothing", '{"format": NaN', "[" * 100_000, "\0\1\2"])
def test_what_is_no_vector_file_is_refused(text: str, tmp_path: Path) -> None:
    """Truncated, empty, other JSON, no JSON, nested without end."""
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    assert "it is no JSON" in _refused(path) or "got other JSON" in _refused(path)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file, and a folder."""
    assert "cannot be read: No such file or directory" in _refused(tmp_path / "missing.json")
    assert "cannot be read: Is a directory" in _refused(tmp_path)


def test_weights_are_checked(tmp_path: Path) -> None:
    """Damaged, then gone."""
    path = _copy(MODEL, tmp_path)
    weights = path.with_suffix(".safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    assert "damaged: expected the sha256" in _refused(path)
    weights.unlink()
    assert f"No such file or directory; the weights of {path.name} are in it" in _refused(path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    file = storage.load(_copy(FORMULA, tmp_path))
    (tmp_path / "taken").write_text("")
    with pytest.raises(BadVectors, match="taken: cannot be written: "):
        storage.write(file, tmp_path / "taken")
