"""The committed vectors: whole, valid, passed by the reference and both implementations, and worth what they claim."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.faults.catalogue import entries, entries_for
from conformance.judging import verify
from conformance.targets.target import Target, obstacle
from conformance.vectors import storage
from conformance.vectors.check import check
from conformance.vectors.document import document, text_of
from conformance.vectors.export import dtypes_of, uncovered
from conformance.vectors.faulty import findable, finds
from conformance.vectors.vector import VectorFile
from reference.specification import catalogue

FOLDER = Path(__file__).parent
PATHS = sorted(FOLDER.glob("*.json"))
SCHEMA = json.loads((FOLDER.parents[1] / "conformance" / "vectors" / "schema.json").read_text(encoding="utf-8"))
LARGEST_SET = 5_000_000
AGAIN = "`conformance vectors export tests/vectors` makes the files anew"
FRAMEWORKS = {"impl_torch": "torch", "impl_tf": "tensorflow"}

every_file = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@cache
def _file(path: Path) -> VectorFile:
    return storage.load(path)


def test_every_specification_has_its_files() -> None:
    """One of every specification in each of its dtypes, and nothing else; weights beside the models' alone."""
    wanted = {f"{spec.name}.{dtype}" for spec in catalogue().values() for dtype in dtypes_of(spec)}
    assert {path.stem for path in PATHS} == wanted, AGAIN
    models = {f"{spec.name}.{dtype}" for spec in catalogue().values() if spec.kind == "model" for dtype in dtypes_of(spec)}
    assert {path.stem for path in FOLDER.glob("*.safetensors")} == models, AGAIN


def test_the_set_is_small() -> None:
    """At most 5 MB together."""
    assert sum(path.stat().st_size for suffix in ("json", "safetensors") for path in FOLDER.glob(f"*.{suffix}")) <= LARGEST_SET


@pytest.mark.slow
@every_file
def test_a_file_is_valid(path: Path) -> None:
    """By the JSON Schema that is shipped."""
    Draft202012Validator(SCHEMA).validate(json.loads(path.read_text(encoding="utf-8")))


def test_the_schema_refuses_what_it_should() -> None:
    """It is a valid one itself, and knows a fraction as a JSON number, an unknown key, a missing allowed error, a word for a number."""
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    text = (FOLDER / "vae_kl_loss.float64.json").read_text(encoding="utf-8")
    for old, new in (
        ('"1.5"', "1.5"),
        ('"id":', '"name":'),
        ('"allowed":', '"tolerance":'),
        ('"1.5"', '"inf"'),
        ('"schema": 2', '"schema": 1'),
    ):
        assert old in text
        assert validator.is_valid(json.loads(text.replace(old, new))) is False, new


@pytest.mark.slow
@every_file
def test_a_file_says_what_would_be_said_today(path: Path) -> None:
    """Equation, defaults, flags, sentences of mistakes, arrays: all but the versions with which it was made, and so its hash."""
    content = json.loads(path.read_text(encoding="utf-8"))
    again = json.loads(text_of(document(_file(path), content["weights"])))
    for item in (content, again):
        del item["sha256"], item["provenance"]["versions"]
    assert again == content, AGAIN


@every_file
def test_every_claim_names_an_entry_of_the_catalogue(path: Path) -> None:
    """Of a mistake that was renamed or taken out nobody can say any more what it was."""
    named = {name: vector.case.id for vector in _file(path).vectors for name in vector.kills}
    gone = [f"{name} (case {case})" for name, case in named.items() if name not in entries()]
    assert gone == [], f"no longer catalogued: {', '.join(gone)}; {AGAIN}"
    known = {entry.id for entry in findable(_file(path).spec)}
    assert named.keys() <= known, f"touches no {_file(path).spec}: {', '.join(named.keys() - known)}; {AGAIN}"


@pytest.mark.slow
@every_file
def test_the_reference_passes(path: Path) -> None:
    """On every case, in every quantity."""
    verdicts = list(check([_file(path)], [], 20.0))
    assert [v.reason for v in verdicts if v.outcome != "passed"] == []
    assert {v.quantity for v in verdicts} == set(catalogue()[_file(path).spec].quantities)


@pytest.mark.slow
@pytest.mark.parametrize("module", FRAMEWORKS)
@every_file
def test_the_implementations_pass(path: Path, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every case, in every quantity. No case is asked again: tests/implementations does that, and here it would take half as long again."""
    monkeypatch.setattr(verify, "ASKED_AGAIN", 0)
    file = _file(path)
    target = Target(module, FRAMEWORKS[module], dtype=file.dtype)
    if (reason := obstacle(target)) is not None:
        pytest.skip(f"not run: {reason}")
    verdicts = list(check([file], [target], 20.0))
    assert [v.reason for v in verdicts if v.outcome != "passed"] == []
    assert {v.quantity for v in verdicts} == set(catalogue()[file.spec].quantities)


@pytest.mark.slow
@every_file
def test_what_a_case_says_it_kills_is_killed(path: Path) -> None:
    """Every claim of a formula's cases. Of a model's, whose cases cost a hundred times as much, the first claim of every mistake that is at
    home there in float64, and of every fourth of the rest: guests, and answers in float32, which are those of float64 rounded.
    """
    file = _file(path)
    claims = [(name, vector) for vector in file.vectors for name in vector.kills]
    if catalogue()[file.spec].kind == "model":
        first = list({name: (name, vector) for name, vector in reversed(claims)}.values())
        home = {name for name, _ in first if entries()[name].specs[0] == file.spec and file.dtype == "float64"}
        claims = [claim for claim in first if claim[0] in home] + [claim for claim in first if claim[0] not in home][::4]
    for name, vector in claims:
        assert finds(entries()[name], vector.case, vector.expected), f"{vector.case.id} does not find {name}; {AGAIN}"


@pytest.mark.slow
@every_file
def test_no_correct_rewrite_is_killed(path: Path) -> None:
    """What is right but written otherwise passes every case."""
    file = _file(path)
    for entry in entries_for(file.spec, ("rewrite",)):
        if entry.specs[0] == file.spec:
            assert [vector.case.id for vector in file.vectors if finds(entry, vector.case, vector.expected)] == [], entry.id


def test_every_catalogued_mistake_is_found() -> None:
    """Faults and variants, but for those of which is shown that no input tells them."""
    missed = [entry.id for entry in uncovered(map(_file, PATHS))]
    assert missed == [], (
        f"No case in tests/vectors finds {', '.join(missed)}; {AGAIN} with cases for new entries of the catalogue. If it does not, no drawn "
        "case shows the mistake: sharpen the domain, or say in the entry's `because` why no input can."
    )


def test_a_mistake_that_no_case_finds_is_named() -> None:
    """Without the files of sparsity its faults are uncovered."""
    left = [_file(path) for path in PATHS if not path.stem.startswith(("kl_sparsity", "SparseAuto"))]
    assert {"features_axis", "weight_twice", "mean_units"} <= {entry.id for entry in uncovered(left)}
