"""`conformance vectors` in this process: exit codes, one clear line for every error, and promotion of failures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from conformance.cli import app
from conformance.commands import vectors
from conformance.vectors import storage
from tests.harness.submissions import RIGHT, WRONG, write

FOLDER = Path(__file__).parent
FILE = str(FOLDER / "vae_kl_loss.float64.json")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


def _vectors(*words: str) -> Result:
    result = CliRunner().invoke(app, ["vectors", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def _refused(*words: str) -> str:
    result = _vectors(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    return line


def _verify_wrong(folder: Path) -> Path:
    """A report of the wrong module, its counterexamples kept here."""
    words = ["verify", "--spec", "vae_kl_loss", "--examples", "8", "--dtype", "float64", "--target", write(folder, WRONG)]
    assert CliRunner().invoke(app, [*words, "--report", "report"]).exit_code == 1
    return folder / "report"


def test_check_passes_what_is_right(tmp_path: Path) -> None:
    """The reference without a target, and a right module."""
    result = _vectors("check", FILE)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "All 2 checks conform" in result.stdout
    assert _vectors("check", FILE, "--target", write(tmp_path, RIGHT)).exit_code == 0


def test_check_fails_what_is_wrong(tmp_path: Path) -> None:
    """With the stored case as it stands, not a smaller one."""
    result = _vectors("check", FILE, "--target", write(tmp_path, WRONG))
    assert (result.exit_code, result.stderr) == (1, "")
    assert "× the error budget" in result.stdout
    ids = {vector.case.id for vector in storage.load(Path(FILE)).vectors}
    assert any(name in result.stdout for name in ids)


def test_the_printed_command_shows_the_failure_again(tmp_path: Path) -> None:
    """The case is kept where `conformance reproduce` looks for it."""
    result = _vectors("check", FILE, "--target", write(tmp_path, WRONG))
    command = next(line.split() for line in result.stdout.splitlines() if line.strip().startswith("conformance reproduce"))
    again = CliRunner().invoke(app, [*command[1:3], "--target", str(tmp_path / Path(command[-1]).name)])
    assert (again.exit_code, again.stderr) == (1, "")
    assert "does not conform" in again.stdout


@pytest.mark.parametrize("words", [("export", "out"), ("check", FILE), ("promote", "report")], ids=lambda words: words[0])
def test_an_interruption_is_said(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with the exit code of a shell."""

    def interrupted(*arguments: object) -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(vectors, words[0], interrupted)
    result = _vectors(*words)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("Interrupted after 0 ")


def test_the_answers_are_those_of_the_file(tmp_path: Path) -> None:
    """A file that says something else, with a hash that fits, fails the reference itself."""
    from conformance.vectors.document import content_hash

    content = json.loads(Path(FILE).read_text(encoding="utf-8"))
    content["cases"][1]["expected"]["value"]["value"]["values"] = ["0.25"]
    content["sha256"] = content_hash(content)
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    result = _vectors("check", str(path))
    assert result.exit_code == 1
    assert "expected 0.25, got 3.625" in result.stdout


def test_check_says_what_is_not_offered(tmp_path: Path) -> None:
    """A module without the function: nothing was checked, exit 2."""
    result = _vectors("check", str(FOLDER / "pad_sequences.float64.json"), "--target", write(tmp_path, RIGHT))
    assert result.exit_code == 2
    assert "Not offered" in result.stdout


def test_errors_are_one_line(tmp_path: Path) -> None:
    """Missing and damaged files, unknown names, modules that do not import."""
    damaged = tmp_path / "damaged.json"
    damaged.write_text(Path(FILE).read_text(encoding="utf-8").replace("3.625", "3.626"), encoding="utf-8")
    assert "damaged: expected the content whose sha256 is" in _refused("check", FILE, str(damaged))
    assert "cannot be read: No such file" in _refused("check", "missing.json")
    assert "neither" in _refused("check", FILE, "--target", "nothing.py")
    assert "framework: expected one of tf, tensorflow, torch, numpy; got 'jax'" in _refused("check", FILE, "--framework", "jax")
    assert "did you mean 'vae_kl_loss'?" in _refused("export", "out", "--spec", "vae_kl_los")
    assert "report: missing cannot be read" in _refused("promote", "missing")
    assert "report: expected a report.jsonl of `conformance verify`" in _refused("promote", FILE)
    assert "expected one to run on cuda in eager mode; the reference runs on the cpu" in _refused("check", FILE, "--device", "cuda")
    assert "expected one to run on cpu in lazy mode" in _refused("check", FILE, "--mode", "lazy")


@pytest.mark.slow
def test_the_framework_can_be_told(tmp_path: Path) -> None:
    """A NumPy module judged as PyTorch returns no tensor."""
    result = _vectors("check", FILE, "--target", write(tmp_path, RIGHT), "--framework", "torch")
    assert result.exit_code == 1
    assert "torch" in result.stdout


@pytest.mark.slow
def test_failures_are_promoted_once(tmp_path: Path) -> None:
    """The shrunk case joins the file, finds the wrong module alone, is not added twice, and stays when the file is made anew."""
    report, into = _verify_wrong(tmp_path), tmp_path / "vectors"
    into.mkdir()
    shutil.copy(FILE, into)
    before = storage.load(into / Path(FILE).name)
    assert "added" in _vectors("promote", str(report), "--into", str(into)).stdout
    after = storage.load(into / Path(FILE).name)
    (promoted,) = after.vectors[len(before.vectors) :]
    assert promoted.case.flags[-2:] == ("shrunk", "promoted")
    content = (into / Path(FILE).name).read_bytes()
    assert "was there" in _vectors("promote", str(report / "report.jsonl"), "--into", str(into)).stdout
    assert (into / Path(FILE).name).read_bytes() == content
    assert _vectors("check", str(into / Path(FILE).name)).exit_code == 0
    assert _vectors("export", str(into), "--spec", "vae_kl_loss").exit_code == 0
    assert promoted.case.id in {vector.case.id for vector in storage.load(into / Path(FILE).name).vectors}


def test_a_report_without_failures_promotes_nothing(tmp_path: Path) -> None:
    """And says so; a line in it that is none is named."""
    report = _verify_wrong(tmp_path) / "report.jsonl"
    header = report.read_text(encoding="utf-8").splitlines()[0]
    report.write_text(f"{header}\n", encoding="utf-8")
    result = _vectors("promote", "report", "--into", "new")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "no failure in it has a case, so nothing was added" in result.stdout
    for line in ("{", "[1]", ""):
        report.write_text(f"{header}\n{line}\n", encoding="utf-8")
        assert "is damaged: line 2 is no JSON object" in _refused("promote", "report", "--into", "new")
    assert not Path("new").exists()


def test_promotion_makes_a_file_that_is_not_there(tmp_path: Path) -> None:
    """One file of one case, which the wrong module fails and the right one passes."""
    _verify_wrong(tmp_path)
    assert _vectors("promote", "report", "--into", "new").exit_code == 0
    file = "new/vae_kl_loss.float64.json"
    assert _vectors("check", file, "--target", write(tmp_path, RIGHT, "right.py")).exit_code == 0
    assert _vectors("check", file, "--target", write(tmp_path, WRONG, "wrong.py")).exit_code == 1


def test_the_report_alone_is_enough_for_a_formula(tmp_path: Path) -> None:
    """Its line has the inputs; a line that was changed by hand is refused."""
    report = _verify_wrong(tmp_path) / "report.jsonl"
    shutil.rmtree(".conformance")
    assert "added" in _vectors("promote", "report", "--into", "new").stdout
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace("0x1.0000000000000p+0", "0x1.8000000000000p+0"), encoding="utf-8")
    assert "cannot be promoted" in _refused("promote", "report", "--into", "other")
