"""What failed is kept under its id, and comes back exactly or not at all."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases import hypothesis_strategies
from conformance.cases.case import Case, Recipe, draw, plain, realistic_cases
from conformance.cases.counterexamples import keep, recall
from conformance.cases.profiles import EDGES, ORDINARY
from conformance.errors import UnknownCase
from conformance.files import write_atomically
from reference.specification import Spec, catalogue

SPECS = list(catalogue().values())
CASE = draw(catalogue()["vae_kl_loss"], "float32", Recipe(ORDINARY, 3, 0))


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_a_kept_case_comes_back(spec: Spec, tmp_path: Path) -> None:
    """Specification, dtype, inputs, cotangent and flags are those that were kept, bit by bit."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
    @given(hypothesis_strategies.cases(spec, "bfloat16"))
    def comes_back(case: Case) -> None:
        path = keep(case, tmp_path)
        result = recall(case.id, tmp_path)
        assert path.name == f"{case.id}.json"
        assert result.id == case.id
        assert (result.spec, result.dtype, result.flags) == (case.spec, case.dtype, case.flags)
        assert plain([dict(result.inputs), result.cotangent]) == plain([dict(case.inputs), case.cotangent])

    comes_back()


def test_a_text_of_surrogates_comes_back(tmp_path: Path) -> None:
    """Two lone surrogates beside each other are not merged into one character on the way."""
    case = Case("CharTokenizer", "float64", {"texts": ["\ud800\udc00"], "unseen": ["\udc00\ud800"]})
    keep(case, tmp_path)
    assert recall(case.id, tmp_path).inputs == case.inputs


def test_a_kept_case_is_answered_alike(tmp_path: Path) -> None:
    """The reference says of a case that came back what it said of the original."""
    for spec in (spec for spec in SPECS if spec.kind == "function"):
        for case in (draw(spec, "float32", Recipe(EDGES, 4, 1)), *realistic_cases(spec, "float32")):
            keep(case, tmp_path)
            result = recall(case.id, tmp_path)
            assert plain(spec.evaluate(**result.inputs)) == plain(spec.evaluate(**case.inputs))


def test_keeping_twice_is_keeping_once(tmp_path: Path) -> None:
    """The id is the content, so the same case has one file; the folder is made, with its parents, and readable by others."""
    folder = tmp_path / "a" / "b"
    assert keep(CASE, folder) == keep(CASE, folder)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_git_leaves_the_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new `.conformance` ignores itself; one that is there already is its owner's business."""
    monkeypatch.chdir(tmp_path)
    keep(CASE)
    assert (tmp_path / ".conformance" / ".gitignore").read_text() == "*\n"
    (tmp_path / ".conformance" / ".gitignore").unlink()
    keep(CASE)
    assert not (tmp_path / ".conformance" / ".gitignore").exists()


def test_an_unknown_id_is_refused(tmp_path: Path) -> None:
    """The message repeats what was given and names what is there, or how to get something."""
    with pytest.raises(UnknownCase, match=r"^id: expected .* got 'nope'; none has been kept here") as empty:
        recall("nope", tmp_path)
    keep(CASE, tmp_path)
    with pytest.raises(UnknownCase, match=CASE.id) as known:
        recall("nope", tmp_path)
    assert "\n" not in str(empty.value) + str(known.value)


def _edited(**changed: Any) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), **changed})


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "cut off": lambda text: text[: len(text) // 2],
    "no JSON": lambda text: "# not a case",
    "a list": lambda text: "[]",
    "a number": lambda text: "1",
    "without inputs": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "inputs"}),
    "another version": _edited(schema=999),
    "an unknown specification": _edited(spec="no_such_spec"),
    "no flags": _edited(flags=None),
    "inputs of another kind": _edited(inputs=[1, 2]),
    "inputs missing": _edited(inputs={}),
    "a dtype that does not exist": lambda text: text.replace('"float64"', '"float99"'),
    "a shape that does not fit": lambda text: text.replace('"shape": [', '"shape": [7,', 1),
    "a number that is none": lambda text: text.replace("0x1.", "zero", 1),
    "a number beyond float64": lambda text: text.replace("p+0", "p+99999", 1).replace("p-1", "p+99999", 1),
    "one digit changed": lambda text: text.replace("0x1.", "0x1.8", 1),
    "another dtype": _edited(dtype="float64"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_refused(damage: Callable[[str], str], tmp_path: Path) -> None:
    """A file that is not the case of its id is never run: it is refused, in one line that names it."""
    path = keep(CASE, tmp_path)
    text = path.read_text()
    path.write_text(damage(text))
    assert path.read_text() != text
    with pytest.raises(UnknownCase, match=r"^id: .* is damaged or of another version") as caught:
        recall(CASE.id, tmp_path)
    assert "\n" not in str(caught.value)
    assert CASE.id in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file overwritten by something binary is damage, not a crash."""
    keep(CASE, tmp_path).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnknownCase, match="damaged"):
        recall(CASE.id, tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """An OSError says so; nothing is left behind."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"file"):
        keep(CASE, tmp_path / "file" / "folder")
    assert (tmp_path / "file").read_text() == "in the way"


def test_nobody_reads_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails at the last moment the old file stays, and no temporary file either."""
    path = tmp_path / "file.txt"
    write_atomically(path, "old")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]
    assert path.read_text() == "old"
