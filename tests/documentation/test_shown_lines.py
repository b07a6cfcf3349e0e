"""Every command line that a page shows is one that the program understands, and what is no matter of minutes is run as it stands.

Run in one process and one folder, in the order of the pages, with what the pages speak of in it. Not the lines are made smaller for that,
but what they stand for: two drawn cases, and one formula and the tokenizer where nothing is named.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import typer

from conformance.cases.kinds.kind import Kind
from conformance.cli import app
from conformance.commands import options
from tests.documentation.shown_lines import ROOT, Line, files_of, shown_lines
from tests.harness.running import conformance
from tests.harness.submissions import RIGHT

OURS = [line for line in shown_lines() if line.words[0] == "conformance"]
# Parts of a line, named in a sentence.
MENTIONED = {"conformance table", "conformance verify --report", "conformance vectors export", "conformance programs export"}
# What takes minutes or needs what is not here, and where it is run whole.
ELSEWHERE = {
    "conformance audit": "tests/audit/test_command.py",
    "conformance claims": "tests/claims/test_claims_cli.py",
    "conformance table": "tests/harness/test_conformance_table.py",
    "conformance verify --data": "tests/harness/test_image_data.py",
    "conformance check my_vae.py --device meta": "tests/grading/test_check_command.py",
    "conformance verify --target impl_torch --device meta": "tests/implementations/test_meta_device.py",
    "conformance verify --target impl_tf --device cpu:1": "tests/implementations/test_second_cpu.py",
    "conformance verify --mode compiled": "tests/harness/test_verify.py",
    "conformance verify --spec vae_kl_loss --dtype float32 --mode compiled": "tests/harness/test_verify.py",
    "conformance verify --target linear.py": "tests/harness/test_targets_page.py",
    "conformance vectors export": "tests/vectors/test_command.py",
    "conformance programs export": "tests/programs/test_export.py",
    "conformance grade submissions/ --assignment lecture06.toml --out grades/ --scheduler": "tests/grading/test_cluster.py",
    "conformance merge": "tests/harness/test_merging.py",
    "conformance verify --device cuda": "tests/harness/test_merging.py",
    "conformance diff": "tests/grading/test_run_comparison.py",
}
_STANDS_FOR = {"NAME": "vae_kl_loss", "FILE": "my_vae.py"}
_FEW = ["kl_sparsity_loss", "CharTokenizer"]


def _home(line: Line) -> str | None:
    """Where the line is run whole, if not here."""
    return next((home for start, home in ELSEWHERE.items() if line.text == start or line.text.startswith(start + " ")), None)


RUN = [line for line in OURS if line.text not in MENTIONED and _home(line) is None]


@pytest.fixture(scope="module")
def program() -> Any:
    """All commands, made once."""
    return typer.main.get_command(app)


@pytest.mark.parametrize("line", [element for element in OURS if element.text not in MENTIONED], ids=lambda line: line.text)
def test_the_program_understands_the_line(line: Line, program: Any) -> None:
    """Its commands, options and arguments are those that there are; nothing is run."""
    command, words = program, list(line.words[1:])
    context = None
    while hasattr(command, "commands"):
        name, command, words = command.resolve_command(typer.Context(command, parent=context), words)  # type: ignore[attr-defined]
        assert command is not None, name
    command.make_context("conformance", words)


def test_what_is_run_elsewhere_is_there() -> None:
    """Every entry of the table is of a line that is shown, and names a file of tests."""
    homes = {_home(line) for line in OURS}
    assert homes - {None} == set(ELSEWHERE.values())
    assert all((ROOT / home).is_file() for home in ELSEWHERE.values())


def test_other_programs_are_given_files_that_are_there() -> None:
    """Modules that are run by name, folders and files that tests are taken from: all else is run by .ci/run itself."""
    for line in shown_lines():
        words = line.words
        if words[:2] == ("python", "-m") and words[2] != "pip":
            module = ROOT / words[2].replace(".", "/")
            assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file(), line
        for word in words if "pytest" in words else ():
            assert not word.startswith("tests/") or (ROOT / word).exists(), line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages speak of, by the names that they give it."""
    here = tmp_path_factory.mktemp("shown")
    for name in (
        "my_vae.py",
        "path/to/my_vae.py",
        "path/to/package/__init__.py",
        "my_package/__init__.py",
        "my_package/losses.py",
        "submissions/kim.py",
    ):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(RIGHT)
    (here / "submission.py").write_text(RIGHT)
    for name, text in files_of("your_own.md").items():
        (here / name).write_text(text)
    (here / "class").mkdir()
    shutil.copy(here / "my_torch.py", here / "class/kim.py")
    shutil.copytree(ROOT / "examples/wild", here / "examples/wild")
    for file in (ROOT / "tests/vectors").glob("vae_kl_loss.*"):
        (here / "tests/vectors").mkdir(parents=True, exist_ok=True)
        shutil.copy(file, here / "tests/vectors")
    return here


@pytest.mark.slow
@pytest.mark.parametrize("line", RUN, ids=lambda line: line.text)
def test_the_line_does_what_the_page_says(line: Line, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends well, and not with a traceback."""
    chosen = options.chosen_specs
    monkeypatch.chdir(folder)
    monkeypatch.setattr(Kind, "examples", lambda self, count, least=1: max(least, 2))
    monkeypatch.setattr(
        "conformance.commands.verify.chosen_specs",
        lambda names, reference=None: chosen(names or (None if "--target" in line.words else _FEW), reference),
    )
    words = [_STANDS_FOR.get(word, word) for word in line.words[1:]]
    given = [str(path) for word in words for path in (sorted(Path().glob(word)) if "*" in word else [word])]
    _clear(given)
    result = conformance(*given)
    assert result.exit_code in _allowed(given), result.output


def _clear(words: list[str]) -> None:
    """Pages show one line several times over, as for another day: what it would make is not there yet."""
    if words[:2] == ["assignment", "new"]:
        for name in ("lecture06.toml", "submission.ipynb"):
            Path(name).unlink(missing_ok=True)
        Path("submission.py").unlink(missing_ok=True)
    if words[0] == "grade" and "--resume" not in words:
        shutil.rmtree("grades", ignore_errors=True)
    if words[0] == "check":
        Path("submission.py").write_text(RIGHT)


def _allowed(words: list[str]) -> set[int]:
    """0; and 1 where a submission is checked that does not do all that the assignment asks."""
    return {0, 1} if words[0] == "check" else {0}
