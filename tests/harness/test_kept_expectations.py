"""Expectations that are kept between runs: the same bits, found by all that they follow from, and never in the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.cases.case import Case, draw, recipes
from conformance.judging import kept_expectations
from conformance.judging.expectation import Expected, expect
from conformance.judging.kept_expectations import KeptExpectations
from reference.specification import Spec, catalogue
from tests.harness.running import conformance

COSTLY = ("LinearAutoencoder", "CharClassifier", "gaussian_nll_loss")


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    kept_expectations._say.cache_clear()


def _one(name: str, dtype: str = "float32", seed: int = 0) -> tuple[Spec, Case]:
    spec = catalogue()[name]
    return spec, draw(spec, dtype, next(iter(recipes(seed, 1))))


def _arrays(expectation: Any) -> Iterator[tuple[str, Any]]:
    for quantity, named in expectation.items():
        for name, expected in named.items():
            assert isinstance(expected, Expected)
            for field, value in vars(expected).items():
                yield f"{quantity} {name} {field}", value


def _never(*_: Any) -> Any:
    raise AssertionError("it was worked out again")


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_read_is_what_was_written_bit_by_bit(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every array of every quantity, with its dtype and shape, and without the reference being asked."""
    spec, case = _one(name)
    first = KeptExpectations(tmp_path).expect(spec, case)
    monkeypatch.setattr(kept_expectations, "expect", _never)
    again = KeptExpectations(tmp_path).expect(spec, case)
    for (where, one), (also, other) in zip(_arrays(first), _arrays(again), strict=True):
        assert where == also
        if isinstance(one, np.ndarray):
            assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes()), where
        else:
            assert one == other, where


def test_what_is_quick_is_not_kept(tmp_path: Path) -> None:
    """Looking it up would take as long."""
    KeptExpectations(tmp_path).expect(*_one("vae_kl_loss"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["another case", "another dtype", "strict", "other sources", "another NumPy"])
def test_whatever_changes_is_another_entry(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found that does not follow from what is asked now."""
    spec, case = _one("LinearAutoencoder")
    form = catalogue()["vae_kl_loss"].accepted[0]
    spec = replace(spec, accepted=(form,))
    KeptExpectations(tmp_path).expect(spec, case)
    match change:
        case "another case":
            case = _one("LinearAutoencoder", seed=1)[1]
        case "another dtype":
            case = replace(case, dtype="float64")
        case "strict":
            spec = spec.strict()
        case "other sources":
            monkeypatch.setattr(kept_expectations, "suite", lambda: "other")
        case _:
            monkeypatch.setattr(kept_expectations.np, "__version__", "0")
    KeptExpectations(tmp_path).expect(spec, case)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"not safetensors", None])
def test_a_damaged_entry_is_made_anew_and_that_is_said_once(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Empty, foreign, or cut off; the next reader finds it whole."""
    spec, case = _one("LinearAutoencoder")
    kept = KeptExpectations(tmp_path)
    right = dict(_arrays(kept.expect(spec, case)))
    (entry,) = tmp_path.iterdir()
    whole = entry.read_bytes()
    for _ in range(2):
        entry.write_bytes(whole[: len(whole) // 2] if content is None else content)
        again = dict(_arrays(kept.expect(spec, case)))
        assert all(np.array_equal(again[where], array) for where, array in right.items() if isinstance(array, np.ndarray))
        assert entry.read_bytes() == whole
    said = capsys.readouterr().err.splitlines()
    assert said == [f"kept expectations: {entry} cannot be read, so it is made anew"]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands in the place of the folder; it is said once, and what is right is known all the same."""
    (tmp_path / "taken").write_text("")
    spec, case = _one("LinearAutoencoder")
    kept = KeptExpectations(tmp_path / "taken" / "folder")
    right = dict(_arrays(expect(spec, case)))
    for _ in range(2):
        again = dict(_arrays(kept.expect(spec, case)))
        assert all(np.array_equal(again[where], array) for where, array in right.items() if isinstance(array, np.ndarray))
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("kept expectations: nothing can be written to ")
    assert said.endswith("--fresh does without")


def test_what_nobody_has_read_for_longest_makes_room(tmp_path: Path) -> None:
    """Reading counts, not writing; what is no entry stays."""
    for age, name in enumerate(("newest", "older", "oldest")):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(b"0" * 10)
        os.utime(path, (1e9 - age, 1e9 - age))
    (tmp_path / "other.txt").write_bytes(b"0" * 100)
    KeptExpectations(tmp_path).make_room(most=20)
    assert {path.stem for path in tmp_path.iterdir()} == {"newest", "older", "other"}
    KeptExpectations(tmp_path / "missing").make_room()
    KeptExpectations(None).make_room()


@pytest.mark.slow
def test_verify_keeps_and_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is the same with and without; `--fresh` neither reads nor writes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    call = [
        *("verify", "--target", "impl_torch", "--spec", "l1_penalty", "--dtype", "float64"),
        *("--examples", "4", "--jobs", "0"),
    ]
    fresh = conformance(*call, "--fresh")
    assert list(tmp_path.iterdir()) == []
    first, second = conformance(*call), conformance(*call)
    assert len(list(tmp_path.rglob("*.safetensors"))) > 4
    tables = [[line for line in one.stdout.splitlines() if "l1_penalty" in line] for one in (fresh, first, second)]
    assert {one.exit_code for one in (fresh, first, second)} == {0}
    assert tables[0] == tables[1] == tables[2] != []
