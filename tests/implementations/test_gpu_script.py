"""`.ci/gpu`, which is for a machine with a card, on the CPU: it must not rot where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEPS = {"doctor", "determinism", "throughput", "float64", "float32", "bfloat16", "float16", "compiled-l1_activity_loss"}


@pytest.mark.slow
def test_the_script_for_a_card_runs_on_the_cpu(tmp_path: Path) -> None:
    """Every step but tf32, of one formula and one timed model; one page shows the reports and the ratios."""
    environment = os.environ | {"SPECS": "l1_activity_loss", "EXAMPLES": "8", "BENCHMARKS": "linear and fit", "JOBS": "2"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    words = ["bash", str(ROOT / ".ci" / "gpu"), "cpu", str(tmp_path / "report")]
    run = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600, check=False)
    steps = {line.split()[0]: line.split()[3] for line in (tmp_path / "report" / "steps.txt").read_text().splitlines()}
    assert steps == dict.fromkeys(STEPS, "0"), run.stdout + run.stderr
    assert run.returncode == 0
    page = (tmp_path / "report" / "devices.md").read_text(encoding="utf-8")
    assert "impl_torch<br>bfloat16<br>eager" in page
    assert "impl_torch<br>float64<br>compiled" in page
    assert "| torch fit: linear |" in page


WITHOUT_AUTOGRAD = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "autograd":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from conformance.__main__ import main
sys.argv = ["conformance", "verify", "--target", "impl_torch", "--spec", "kl_sparsity_loss", "--examples", "2", "--jobs", "0", "--fresh"]
sys.exit(main())
"""


@pytest.mark.slow
def test_what_has_a_gradient_by_hand_is_judged_without_autograd() -> None:
    """The machine with the card has no index, and need not have it."""
    result = subprocess.run([sys.executable, "-c", WITHOUT_AUTOGRAD], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "All 4 checks conform" in result.stdout
