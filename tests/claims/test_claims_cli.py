"""`conformance claims`: table, page, exit codes, one clear line for every error."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from conformance.claims import catalogue, measuring, wording
from conformance.claims.catalogue import CLAIMS
from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import FRAMEWORKS, Laboratory
from conformance.claims.pictures import Pictures
from conformance.cli import app
from conformance.respondent.frameworks import NotSupported
from tests.harness.test_idx import write_folder

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"


def _quick(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """Numbers that come at once: one far above 0, one far below, one around it; and what the page asks of two experiments."""
    usual = {"kl_activity": 0.1, "kl_distance_of_mean": 0.001 * seed, "stacked": 0.01, "pca": 0.02}
    return {"up": 1.0 + 0.01 * seed, "down": -1.0 - 0.01 * seed, "around": (-1.0) ** seed, "width": pictures.features, **usual}


EXPERIMENT = Experiment("quick", "Nothing is trained.", _quick)
QUICK = tuple(Claim(name, f"It is {name}.", "000 §0", EXPERIMENT, f"how far {name}", name) for name in ("up", "down", "around"))


@pytest.fixture(autouse=True)
def _quick_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in FRAMEWORKS["torch"]:
        pytest.importorskip(package, reason=f"not run: {package} is not installed")
    monkeypatch.chdir(tmp_path)
    real = [replace(claim, experiment=EXPERIMENT) for claim in CLAIMS if claim.id in ("kl-reaches-target", "stacked-beats-pca")]
    monkeypatch.setattr(catalogue, "CLAIMS", (*QUICK, *real))


def _claims(*words: str) -> Result:
    result = CliRunner().invoke(app, ["claims", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def _refused(*words: str) -> str:
    result = _claims(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.slow
def test_a_table_that_fits_a_terminal() -> None:
    """All three verdicts, exit 0: a claim that does not hold is a finding."""
    result = _claims("--framework", "torch")
    assert (result.exit_code, result.stderr) == (0, "")
    assert max(map(len, result.stdout.splitlines())) <= 80
    rows = {line.split()[0]: line.split()[-1] for line in result.stdout.splitlines() if " torch " in line}
    assert rows == {"up": "holds", "down": "not", "around": "undecided", "kl-reaches-target": "holds", "stacked-beats-pca": "holds"}
    assert "Claims on digits with 5 seeds: 3 holds, 1 does not hold here, 1 undecided." in result.stdout


def test_the_page() -> None:
    """Verdicts, both figures, what was done, versions, the command; and no folder of this machine."""
    result = _claims("--framework", "torch", "--seeds", "3", "--out", str(Path("claims.md").resolve()))
    assert result.exit_code == 0
    page = Path("claims.md").read_text(encoding="utf-8")
    assert "Written by `conformance claims --framework torch --seeds 3 --out claims.md`" in page
    assert str(Path.cwd()) not in page
    for words in (
        "It is up.",
        "**holds**",
        "**does not hold here**",
        "**undecided**",
        "Nothing is trained.",
        "Seeds: 0 to 2",
        "torch ",
    ):
        assert words in page
    assert "* PyTorch: 0.100, 0.100, 0.100; 3 of 3 seeds within 0.02" in page
    assert "* PyTorch: 0.0100, 0.0100, 0.0100; PCA 0.0200; 3 of 3 seeds below" in page
    for line in page.splitlines():
        assert not line.startswith("|") or line.count("|") in (5, 3)


def test_one_claim_alone() -> None:
    result = _claims("--claim", "up", "--framework", "torch", "--seeds", "2")
    assert "up" in result.stdout
    assert "down" not in result.stdout


def test_a_rerun_takes_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same table, without running anything."""
    first = _claims("--framework", "torch")
    monkeypatch.setattr(Laboratory, "running", lambda self: pytest.fail("ran again"))
    assert _claims("--framework", "torch").stdout == first.stdout


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 130; it says how far it came, and the next run goes on from there."""
    runs: list[int] = []

    def interrupted(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
        runs.append(seed)
        if len(runs) == 3:
            raise KeyboardInterrupt
        return {"up": float(seed)}

    monkeypatch.setattr(catalogue, "CLAIMS", (replace(QUICK[0], experiment=Experiment("quick", "Stops.", interrupted)),))
    result = _claims("--framework", "torch")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("Interrupted after 2 of 5 measurements; 2 are kept in ")
    assert _claims("--framework", "torch").exit_code == 0
    assert runs == [0, 1, 2, 2, 3, 4]


def test_a_missing_framework_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other is; the page says which was not."""

    class Broken(Laboratory):
        def __init__(self, framework: str) -> None:
            if framework == "tf":
                raise NotSupported("tensorflow is not installed")
            super().__init__(framework)

    monkeypatch.setattr(measuring, "Laboratory", Broken)
    result = _claims("--out", "claims.md")
    assert result.exit_code == 0
    assert result.stderr == "TensorFlow not run: tensorflow is not installed\n"
    assert "**TensorFlow: not run**" in Path("claims.md").read_text()
    refused = _claims("--framework", "tf")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[-1] == "framework: expected at least one that can be used, found none"


def test_nothing_can_be_kept() -> None:
    """It is said once, and the table comes all the same."""
    Path(".conformance").write_text("a file where the folder should be")
    result = _claims("--framework", "torch")
    assert result.exit_code == 0
    assert result.stderr.startswith("Measurements could not be kept in ")
    assert "up" in result.stdout


def test_bad_choices() -> None:
    """One line that names the option, what was expected and what came; nothing is run."""
    assert _refused("--claim", "upp") == "claim: expected the name of a claim, got 'upp'; did you mean 'up'?"
    assert _refused("--framework", "jax") == "framework: expected tf or torch, got 'jax'"
    assert _refused("--out", "nowhere/claims.md") == "out: expected a file in a folder that exists, got 'nowhere/claims.md'"
    assert _refused("--out", ".") == "out: expected a file in a folder that exists, got '.'"
    assert "--seeds" in _claims("--seeds", "1").stderr


def test_other_data(tmp_path: Path) -> None:
    """IDX files are read, named on the page by their folder alone, and measured apart from the digits."""
    folder = tmp_path / "fashion"
    folder.mkdir()
    write_folder(folder, packed=True, train=120, test=30)
    result = _claims("--framework", "torch", "--data", str(folder), "--out", "claims.md", "--claim", "up")
    assert result.exit_code == 0, result.stderr
    page = Path("claims.md").read_text()
    assert "Data: fashion, " in page
    assert "--data fashion --out" in page
    assert str(tmp_path) not in page
    assert re.findall(r"\| width \| (\d+)", page) == ["20"]


def test_bad_data(tmp_path: Path) -> None:
    """A folder that is not there, one without files, a truncated file: one line each."""
    assert _refused("--data", "nowhere").startswith("data: nowhere: expected a folder of IDX files")
    (tmp_path / "empty").mkdir()
    assert _refused("--data", "empty").startswith("data: empty: expected a file train-images")
    folder = tmp_path / "cut"
    folder.mkdir()
    write_folder(folder)
    assert _refused("--data", "cut").endswith("of two classes or more, got 7 and 3 of 2")
    path = next(folder.glob("t10k-labels*"))
    path.write_bytes(path.read_bytes()[:-1])
    assert _refused("--data", str(folder)).startswith(f"data: {path}: expected")


def test_the_committed_page_is_of_these_claims() -> None:
    """Each claim with its sentence and what is measured, no other, and a verdict in both frameworks."""
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|") and "<br>`" in line]
    assert re.findall(r"<br>`([^`]+)`", "\n".join(rows)) == [claim.id for claim in CLAIMS]
    for claim, row in zip(CLAIMS, rows, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert cells[0].startswith(claim.sentence)
        assert cells[1].startswith(claim.measured)
        assert len(cells) == 5
        assert re.fullmatch(r"\*\*(holds|does not hold here|undecided)\*\*", cells[4])
    assert all(name in page for name in wording.NAMES.values())
    assert "not run" not in page
