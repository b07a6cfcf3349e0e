"""`conformance programs export`: what is exported runs without TensorFlow and conforms; what is not is said, with its reason."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from conformance.cases.case import known_cases
from conformance.commands import programs
from conformance.programs.running import command, pjrt
from conformance.programs.running.folder import Manifest, Program, read_folder
from conformance.reports.jsonl import read_report
from reference.specification import catalogue
from tests.harness.running import conformance, refused

FORMULA, MODEL, TOKENIZER = "kl_sparsity_loss", "LinearAutoencoder", "CharTokenizer"
_STABLEHLO = "1.9.0"  # older than any that jaxlib speaks now
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A formula, a model and the tokenizer, exported."""
    folder = tmp_path_factory.mktemp("programs") / "export"
    result = conformance("programs", "export", str(folder), FORMULA, MODEL, TOKENIZER, "--dtype", "float32", "--cases", "1")
    assert result.exit_code == 0, result.stderr
    assert "programs in 2 files" in result.stdout
    return folder


@pytest.fixture(scope="module")
def manifest(folder: Path) -> Manifest:
    return read_folder(folder)


def test_every_quantity_runs_and_stays_within_its_budget(folder: Path, tmp_path: Path) -> None:
    """Value and gradient of the formula; activations, loss terms, gradients and training of the model."""
    assert command.main(["run", str(folder), "--report", str(tmp_path), "--device", "cpu"]) == 0
    verdicts = read_report(tmp_path).verdicts
    assert {(v["spec"], v["quantity"]) for v in verdicts} == {
        (name, quantity) for name in (FORMULA, MODEL) for quantity in catalogue()[name].quantities
    }
    assert all(v["outcome"] == "passed" and v["budget_used"] <= 1 for v in verdicts)
    assert any(v["budget_used"] > 0 for v in verdicts)


def test_every_program_is_one_that_plugins_take(manifest: Manifest) -> None:
    """They are handed StableHLO in its portable form; what XLA alone knows, a copy for example, they refuse. Only a CPU takes all."""
    mlir = importlib.import_module("jaxlib._jax").mlir
    codes = [program.code for entry in manifest.files for program in manifest.read(entry).programs]
    assert all(mlir.serialize_portable_artifact(pjrt.portable(code), _STABLEHLO) for code in codes)
    assert any("optimization_barrier" in pjrt.portable(code) for code in codes)


def test_every_optimiser_is_there(manifest: Manifest) -> None:
    """And a case for each published answer beside what is drawn."""
    formula, model = (manifest.read(entry).programs for entry in manifest.files)
    assert len(formula) == 1 + len(list(known_cases(catalogue()[FORMULA], "float32")))
    trained = {program.about.partition(",")[0] for program in model if program.quantities == ("training",)}
    assert trained == {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"}


def test_nothing_is_left_out_silently(manifest: Manifest) -> None:
    """What the reference answers is a result of a program, or stands among what is not exported."""
    reasons = {(each.spec, each.quantity, each.subject): each.reason for each in manifest.not_exported}
    assert "nothing to compile" in reasons[TOKENIZER, "value", "all of it"]
    assert "through a file" in reasons[MODEL, "activations", "reloaded/reconstruction"]
    assert not any("cannot be traced" in reason or "no result of this name" in reason for reason in reasons.values())


def test_products_of_float32_are_exact_everywhere(manifest: Manifest) -> None:
    """Every product asks for the highest precision, so that no card takes TF32."""
    from jaxlib import xla_client

    products = [
        line
        for entry in manifest.files
        for program in manifest.read(entry).programs
        for line in xla_client.XlaComputation(program.code).as_hlo_text().splitlines()
        if " dot(" in line or " convolution(" in line
    ]
    assert products
    assert all("operand_precision={highest,highest}" in line for line in products)


def test_the_same_seed_exports_the_same_inputs(manifest: Manifest, tmp_path: Path) -> None:
    """And the same expectations: a second export differs in nothing but names that TensorFlow counts up."""
    assert conformance("programs", "export", str(tmp_path), FORMULA, "--dtype", "float32", "--cases", "1").exit_code == 0
    again = read_folder(tmp_path)
    for before, after in zip(manifest.read(manifest.files[0]).programs, again.read(again.files[0]).programs, strict=True):
        assert before.case == after.case
        for arrays, others in ((before.inputs, after.inputs), (_arrays(before), _arrays(after))):
            assert [array.tobytes() for array in arrays] == [array.tobytes() for array in others]


def _arrays(program: Program) -> list[np.ndarray]:
    return [array for result in program.results for array in (result.value, result.allowed)]


def test_what_cannot_be_exported_is_refused(tmp_path: Path) -> None:
    """In one line, and nothing is written."""
    folder = tmp_path / "programs"
    assert "did you mean 'vae_kl_loss'?" in refused("programs", "export", str(folder), "vae_kl_los")
    assert "dtype: expected one of float64, float32; got 'int8'" in refused("programs", "export", str(folder), "--dtype", "int8")
    assert refused("programs", "export", str(folder), TOKENIZER, "--dtype", "float32").startswith("spec: expected one of which")
    assert not folder.exists()
    (tmp_path / "file").write_text("")
    words = (str(tmp_path / "file"), FORMULA, "--dtype", "float32", "--cases", "1")
    assert "cannot be written" in refused("programs", "export", *words)


def test_an_interrupted_export_leaves_the_folder_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 130, and what was there is whole."""
    before = json.loads((folder / "manifest.json").read_text())

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(programs, "export", interrupted)
    result = conformance("programs", "export", str(folder), FORMULA)
    assert (result.exit_code, result.stderr) == (130, "Interrupted after 0 files; nothing was written.\n")
    assert json.loads((folder / "manifest.json").read_text()) == before
    read_folder(folder)
