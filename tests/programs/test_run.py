"""`python -m conformance.programs run`: what agrees passes, what does not fails, and a folder that is not as it was written is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.judging.compare import compare as judged
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import OUTCOMES, Verdict
from conformance.programs.running import command, pjrt
from conformance.programs.running import report as written
from conformance.programs.running.comparison import compare
from conformance.programs.running.folder import MANIFEST, SCHEMA, Result
from conformance.reports import jsonl
from conformance.respondent.responses import Output
from conformance.targets.target import Target
from tests.harness.running import conformance
from tests.programs.small_programs import GRADIENT, VALUE, program, write

# Of what may be imported where nothing else is installed; ml_dtypes comes with jaxlib.
BARE = """
import sys
class Bare:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root not in ("conformance", "numpy", "jaxlib", "ml_dtypes"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Bare())
sys.modules["jax"] = None  # not installed
from conformance.programs.running.command import main
code = main(sys.argv[1:])
ours = [name for name in sys.modules if name.startswith("conformance.") and not name.startswith("conformance.programs")]
assert sorted(ours) == ["conformance.errors", "conformance.tolerance"], ours
sys.exit(code)
"""


def _run(*words: str) -> int:
    return command.main(["run", *words])


def _refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line with which it ends."""
    assert _run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_what_agrees_passes_and_the_table_shows_it(tmp_path: Path) -> None:
    """The report is one that `conformance table` reads, with what ran it."""
    report = tmp_path / "report"
    assert _run(str(write(tmp_path / "programs")), "--report", str(report), "--device", "cpu") == 0
    read = jsonl.read_report(report)
    assert [(v["quantity"], v["outcome"], v["cases"]) for v in read.verdicts] == [("value", "passed", 1), ("gradient", "passed", 1)]
    assert read.header["ran_with"]["jaxlib"] == pjrt.versions()["jaxlib"]
    page = conformance("table", str(report)).stdout
    assert "ours, XLA program, PJRT" in page
    assert f"jaxlib {pjrt.versions()['jaxlib']}" in page


def test_what_does_not_agree_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An expected value that is changed makes its quantity fail, with the element, and no other."""
    wrong = replace(VALUE, value=np.array([2.0, 4.0, 7.0]))
    report = tmp_path / "report"
    assert _run(str(write(tmp_path / "programs", program(wrong, GRADIENT), program())), "--report", str(report)) == 1
    value, gradient = jsonl.read_report(report).verdicts
    assert (value["outcome"], value["cases"], value["failures"], value["budget_used"]) == ("failed", 2, 1, 2.0)
    assert value["worst"] == {"name": "value", "index": [2], "actual": 6.0, "expected": 7.0, "allowed": 0.5}
    assert gradient["outcome"] == "passed"
    assert "expected 7.0, got 6.0, 2 × the error budget" in capsys.readouterr().out


def test_what_is_lost_on_the_way_may_be_no_number() -> None:
    """Where the dtype does not hold a number on the way, and nowhere else."""
    nothing = np.array([np.nan, 2.0, np.inf])
    result = replace(VALUE, value=np.array([1.0, 2.0, 3.0]), lost=np.array([True, False, True]))
    assert compare(result, nothing.astype(np.float32)).agrees
    assert not compare(replace(result, lost=np.array([True, False, False])), nothing.astype(np.float32)).agrees
    assert not compare(result, np.array([9.0, 2.0, 3.0], np.float32)).agrees


@pytest.mark.parametrize(
    ("result", "reason"),
    [(replace(VALUE, dtype="float64"), "dtype float64"), (replace(VALUE, value=np.zeros(2)), "shape (2,)")],
)
def test_dtype_and_shape_count(result: Result, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before values."""
    assert _run(str(write(tmp_path, program(result, GRADIENT)))) == 1
    assert reason in capsys.readouterr().out


def test_a_program_that_does_not_compile_leaves_the_others(tmp_path: Path) -> None:
    """It is an error with its reason; what else there is is run."""
    broken, lacking = replace(program(), code=b"no program"), program(VALUE, GRADIENT, replace(VALUE, quantity="training"))
    report = tmp_path / "report"
    assert _run(str(write(tmp_path / "programs", broken, lacking, program())), "--report", str(report)) == 1
    by_quantity = {verdict["quantity"]: verdict for verdict in jsonl.read_report(report).verdicts}
    assert {quantity: verdict["outcome"] for quantity, verdict in by_quantity.items()} == dict.fromkeys(by_quantity, "errored")
    assert (by_quantity["value"]["cases"], by_quantity["value"]["failures"]) == (3, 2)
    assert "outputs of the program" in by_quantity["training"]["reason"]


def test_it_needs_numpy_and_jaxlib_alone(tmp_path: Path) -> None:
    """Nothing else can be imported, and of this project nothing but its errors is."""
    line = [sys.executable, "-c", BARE, "run", str(write(tmp_path))]
    run = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert "2 of 2 verdicts passed" in run.stdout


def test_without_jaxlib_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names it and what installs it."""
    monkeypatch.setitem(sys.modules, "jaxlib", None)
    folder = write(tmp_path)
    for name in [name for name in sys.modules if name.startswith("jaxlib.")]:
        monkeypatch.delitem(sys.modules, name)
    line = _refusal(capsys, str(folder))
    assert line.startswith("jaxlib: expected it to be installed, got ")
    assert "autoencoder-conformance[pjrt]" in line


def _damaged(folder: Path) -> None:
    path = folder / "twice.float32.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _edited(folder: Path, **changed: Any) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


BAD = {
    "a damaged file": (_damaged, "expected the sha256"),
    "a file that is gone": (lambda folder: (folder / "twice.float32.npz").unlink(), "cannot be read"),
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), f"expected {MANIFEST}"),
    "a manifest that is no JSON": (lambda folder: (folder / MANIFEST).write_text("{"), "expected JSON"),
    "another program's JSON": (lambda folder: (folder / MANIFEST).write_text("[]"), "expected a manifest"),
    "a newer format": (lambda folder: _edited(folder, schema=SCHEMA + 1), f"expected schema version {SCHEMA}"),
    "an edited manifest": (lambda folder: _edited(folder, seed=1), "it is damaged"),
    "no folder": (lambda folder: [*map(Path.unlink, folder.iterdir()), folder.rmdir()], "got nothing"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_folder_is_refused(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line that names the folder, what was expected and what came; nothing is run."""
    spoil, sentence = BAD[kind]
    folder = write(tmp_path / "programs")
    spoil(folder)
    line = _refusal(capsys, str(folder))
    assert line.startswith("folder: ")
    assert sentence in line
    assert str(folder) in line


def test_a_device_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With those that are."""
    line = _refusal(capsys, str(write(tmp_path)), "--device", "cuda:7")
    assert line == "device: expected one that jaxlib sees here, cpu; got 'cuda:7'"


def test_a_jax_that_does_not_start_is_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it was installed for another jaxlib."""
    (tmp_path / "jax").mkdir()
    (tmp_path / "jax" / "__init__.py").write_text("raise RuntimeError('jaxlib is of another version')")
    monkeypatch.syspath_prepend(str(tmp_path))
    line = _refusal(capsys, str(write(tmp_path / "programs")))
    assert line == "device: expected those that JAX has, got none: jaxlib is of another version"


def test_a_report_that_cannot_be_written_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is run."""
    (tmp_path / "report").write_text("")
    assert _refusal(capsys, str(write(tmp_path / "p")), "--report", str(tmp_path / "report")).startswith("report: cannot write")


def test_an_interrupted_run_keeps_its_verdicts(tmp_path: Path) -> None:
    """They are in the unfinished report, and the exit code is 130."""
    folder, report = write(tmp_path / "programs"), tmp_path / "report"
    script = (
        "import sys; from conformance.programs.running import command\n"
        "usual = command.verdicts\n"
        "def verdicts(*arguments):\n    yield next(usual(*arguments)); raise KeyboardInterrupt\n"
        "command.verdicts = verdicts\n"
        "sys.exit(command.main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", script, "run", str(folder), "--report", str(report)]
    run = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 130, run.stderr
    assert f"Interrupted after 1 verdicts; they are in {report / jsonl.UNFINISHED}." in run.stderr
    assert [json.loads(line)["kind"] for line in (report / jsonl.UNFINISHED).read_text().splitlines()] == ["header", "verdict"]


def test_the_report_has_the_fields_of_the_judge() -> None:
    """Both writers write what one reader reads."""
    target = Target("ours", "numpy")
    line = jsonl.as_json(Verdict("twice", target, "value", "passed"))
    assert (written.SCHEMA, written.FINISHED, written.UNFINISHED) == (jsonl.SCHEMA, jsonl.FINISHED, jsonl.UNFINISHED)
    assert written.OUTCOMES == OUTCOMES
    assert list(written.as_json(write_manifest(), written.Verdict("twice", "float32", "cpu", "value", "passed"))) == list(line)


def write_manifest() -> Any:
    from conformance.programs.running.folder import Manifest

    return Manifest("ours, XLA program, PJRT", "ours", "numpy", "0", {}, 0)


LIMITS = [0.0, 1.0, -2.0, 1e300, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("masks", ["none", "comparable", "overflowing"])
def test_it_compares_as_the_judge_does(masks: str) -> None:
    """Every pair of numbers, infinities and NaN among them, uses as much of its budget here as there."""
    from conformance.programs.exporting.export import result_of

    for value in LIMITS:
        for actual in LIMITS:
            expected = Expected(
                np.array([value]),
                np.array([0.75]),
                "float64",
                np.array([False]) if masks == "comparable" else None,
                np.array([True]) if masks == "overflowing" else None,
            )
            with np.errstate(all="ignore"):
                there = judged({"x": expected}, {"x": Output(np.array([actual]), "float64", "cpu")}, "cpu")
                here = compare(result_of("value", "x", expected), np.array([actual]))
            assert here.budget_used == there.budget_used, (value, actual)
            assert here.agrees == there.agrees
