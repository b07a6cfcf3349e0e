"""`conformance verify --data DIR`: the cases of real data are of these images, as wide as they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from conformance.cases import real_data
from conformance.cases.case import realistic_cases
from conformance.cases.image_files import image_rows
from conformance.cases.kinds import kind_of
from conformance.cases.kinds.model import TRAINING_STEPS
from conformance.cli import app
from reference.specification import catalogue
from tests.harness.test_idx import NAMES, write_folder

IMAGE_MODELS = (
    "StackedAutoencoder", "SparseAutoencoder", "DenoisingAutoencoder", "ContractiveAutoencoder", "LinearAutoencoder",
    "VariationalAutoencoder", "PretrainedClassifier",
)  # fmt: skip
# A model that is right but for images of twenty pixels, which no drawn case has.
WRONG = """
from reference import LinearAutoencoder as Right


class LinearAutoencoder(Right):
    def activations(self, inputs):
        named = super().activations(inputs)
        return {**named, "reconstruction": named["reconstruction"] + 0.125 * (inputs.shape[1] == 20)}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fashion").mkdir()
    write_folder(tmp_path / "fashion", packed=True, train=9, test=30)
    return tmp_path / "fashion"


def _conformance(*words: str) -> Result:
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_cases_hold_the_images(name: str, folder: Path) -> None:
    """The held-out images whole, then 64 a training step; the configuration follows the width, and the reference accepts it all."""
    rows = image_rows(folder)
    assert rows.images.shape == (30, 20)
    shown = [case for case in realistic_cases(catalogue()[name], "float64", rows) if not case.by_default]
    assert len(shown) == 2
    for case in shown:
        assert np.array_equal(case.inputs["batch"]["inputs"], rows.images)
        assert len(case.inputs["batches"]) == TRAINING_STEPS
        assert all(batch["inputs"].shape == (64, 20) for batch in case.inputs["batches"])
        if name == "PretrainedClassifier":
            assert np.array_equal(case.inputs["batch"]["labels"], rows.labels)
        model = catalogue()[name].evaluate(**case.inputs["configuration"])
        assert np.isfinite(model.loss_terms(**case.inputs["batch"])["total"])


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_without_data_it_is_the_digits(name: str) -> None:
    shown = real_data.real_model(catalogue()[name], 2)
    assert shown is not None
    configuration = shown.configuration
    assert np.array_equal(shown.batches[0]["inputs"], real_data.digits())
    assert np.array_equal(shown.batches[2]["inputs"], real_data.digits()[64:128])
    assert 64 in (configuration.get("features"), *configuration.get("sizes", ()), *configuration.get("encoder", ()))


def test_more_classes_than_ten(tmp_path: Path) -> None:
    """Letters have 26; a classifier of ten would refuse their labels."""
    rows = real_data.ImageRows("letters", np.full((5, 6), 0.5), np.array([[25], [0], [3], [1], [2]]))
    shown = real_data.real_model(catalogue()["PretrainedClassifier"], 1, rows)
    assert shown is not None
    assert shown.configuration["classes"] == 26


def test_every_model_of_the_catalogue_is_shown_real_data() -> None:
    """It stands on the specification; one that is shown none has no such case, and is counted so."""
    for spec in catalogue().values():
        assert (spec.real is None) == (spec.kind != "model"), spec.name
    unshown = replace(catalogue()["LinearAutoencoder"], real=None)
    assert list(realistic_cases(unshown, "float64")) == []
    assert kind_of(unshown).real_count(unshown) == 0


def test_no_more_images_than_there_are_digits(tmp_path: Path) -> None:
    write_folder(tmp_path, train=2, test=1900)
    assert image_rows(tmp_path).images.shape == (1797, 20)


@pytest.mark.slow
def test_verify_shows_the_images(folder: Path) -> None:
    """A model that is wrong for images of this width alone fails with the data and passes without; the report says which were shown."""
    Path("mine.py").write_text(WRONG)
    asked = (
        "verify",
        "--spec",
        "LinearAutoencoder",
        "--target",
        "mine.py",
        "--dtype",
        "float64",
        "--examples",
        "8",
        "--report",
        "r",
    )
    assert _conformance(*asked).exit_code == 0
    assert json.loads(Path("r/report.jsonl").read_text().splitlines()[0])["images"] == "digits"
    result = _conformance(*asked, "--data", "fashion")
    assert result.exit_code == 1, result.stdout + result.stderr
    assert json.loads(Path("r/report.jsonl").read_text().splitlines()[0])["images"] == "fashion"
    commands = {line.split("conformance reproduce ")[1] for line in result.stdout.splitlines() if "conformance reproduce" in line}
    assert commands
    for command in commands:
        again = _conformance("reproduce", *command.split())
        assert (again.exit_code, again.stderr) == (1, "")
        assert "does not conform" in again.stdout


def test_bad_data(folder: Path) -> None:
    """One line, exit 2, before anything is checked."""
    path = folder / f"{NAMES['t10k'][0]}.gz"
    path.write_bytes(path.read_bytes()[:-3])
    for data, sentence in (
        ("nowhere", "data: nowhere: expected a folder of IDX files"),
        ("fashion", f"data: fashion/{path.name}: expected"),
    ):
        result = _conformance("verify", "--spec", "LinearAutoencoder", "--data", data)
        assert (result.exit_code, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith(sentence)
