"""Every script runs and saves a figure that shows something."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from examples import drawing
from tests.harness.test_idx import write_folder

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if "def main(" in path.read_text(encoding="utf-8"))
FIGURES = ROOT / "docs" / "figures"


def looked_at(path: Path) -> None:
    """A PNG, as wide as a README, small enough to commit, and neither blank nor nearly so."""
    with Image.open(path) as image:
        assert image.format == "PNG"
        pixels = np.asarray(image.convert("L"))
    height, width = pixels.shape
    assert width == round(drawing.WIDTH * 140)
    assert 200 <= height <= 800
    assert path.stat().st_size <= 60 * 1024
    ink = np.mean(pixels < 200)
    assert 0.005 < ink < 0.8
    # Something is drawn in every third of either direction.
    for axis in (0, 1):
        assert all(np.min(part) < 150 for part in np.array_split(pixels, 3, axis=axis))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_draws(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In PyTorch, with little data: the figure is there, its place and the numbers in it are printed."""
    pytest.importorskip("torch", reason="not run: PyTorch is not installed")
    path = importlib.import_module(f"examples.{script}").main(["--framework", "torch", "--out", str(tmp_path / "new"), "--quick"])
    assert path == tmp_path / "new" / f"{script}.png"
    looked_at(path)
    told = capsys.readouterr().out
    assert told.endswith(f"saved {path}\n")
    assert len(told.splitlines()) >= 2


# One autoencoder, one classifier of characters, one model with noise, the formulas: all that is done differently in TensorFlow.
@pytest.mark.slow
@pytest.mark.parametrize("script", ["character_classifier", "sparsity_cost", "variational_samples"])
def test_scripts_draw_in_tensorflow(script: str, tmp_path: Path) -> None:
    """The same script, the other framework."""
    pytest.importorskip("tensorflow", reason="not run: TensorFlow is not installed")
    looked_at(importlib.import_module(f"examples.{script}").main(["--framework", "tf", "--out", str(tmp_path), "--quick"]))


@pytest.mark.slow
def test_the_same_seed_draws_the_same_figure(tmp_path: Path) -> None:
    """Byte by byte; another seed draws another."""
    from examples import variational_samples

    options = (("first", "3"), ("again", "3"), ("other", "4"))
    first, again, other = (
        variational_samples.main(["--quick", "--seed", seed, "--out", str(tmp_path / name)]).read_bytes() for name, seed in options
    )
    assert first == again != other


def test_a_script_reads_idx_files(tmp_path: Path) -> None:
    """`--data DIR` with images that are neither square nor the digits."""
    from examples import stacked_reconstructions

    write_folder(tmp_path, train=300, test=60)
    path = stacked_reconstructions.main(["--quick", "--data", str(tmp_path), "--out", str(tmp_path)])
    assert path.exists()


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_figure_is_committed_and_shown(script: str) -> None:
    """docs/figures has the figure, docs/examples.md shows it and says how to draw it."""
    looked_at(FIGURES / f"{script}.png")
    page = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    assert f"](figures/{script}.png)" in page
    assert f"python -m examples.{script}" in page


def test_no_other_figure_is_committed() -> None:
    """A figure whose script is gone goes too."""
    assert sorted(path.stem for path in FIGURES.iterdir()) == SCRIPTS


def _started(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--data", "absent"),
            "--data: absent: expected a folder of IDX files, or one of mnist, fashion_mnist, found nothing there",
        ),
        (("--seed", "-1"), "--seed: expected a whole number from 0, got '-1'"),
        (("--seed", "x"), "--seed: expected a whole number from 0, got 'x'"),
        (("--out", "{file}"), "--out: expected a folder that can be written to, got: {file}: File exists"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(
    arguments: tuple[str, str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any work: status 2, the reason last, no traceback."""
    from examples import stacked_reconstructions

    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SystemExit) as ended:
        stacked_reconstructions.main(["--quick", "--out", str(tmp_path), *(text.format(file=file) for text in arguments)])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(told.format(file=file))


@pytest.mark.slow
def test_a_framework_is_imported_only_when_it_is_chosen() -> None:
    """Importing every script loads none; a run with PyTorch loads PyTorch alone."""
    scripts = ", ".join(f"examples.{script}" for script in SCRIPTS)
    loaded = "print(*({'torch', 'tensorflow', 'keras'} & set(sys.modules)))"
    assert _started("-c", f"import sys, {scripts}; {loaded}").stdout.split() == []
    run = "from examples.experiment import Experiment; Experiment('torch')"
    assert _started("-c", f"import sys; {run}; {loaded}").stdout.split() == ["torch"]
