"""Modules in the style of published code, judged through adapters of ten lines: the right pass, and of the wrong the mistake is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.diagnosis.diagnosis import diagnose
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import verify
from conformance.targets.target import Target, framework_of
from reference.specification import catalogue

FOLDER = Path(__file__).parents[2] / "examples" / "wild"
ADAPTERS = {
    "keras_adapter": ("kl_sparsity_loss", "keras_layer", "tensorflow"),
    "torch_adapter": ("reparameterize", "torch_module", "torch"),
    "function_adapter": ("vae_kl_loss", "plain_function", "torch"),
}


def _verdicts(adapter: str, folder: Path, examples: int = 16) -> list[Verdict]:
    spec, _, framework = ADAPTERS[adapter]
    target = Target(str(folder / f"{adapter}.py"), framework, dtype="float64")
    return list(verify(Plan((catalogue()[spec],), (target,), examples=examples), diagnose=diagnose))


@pytest.mark.slow
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_right_module_passes(adapter: str) -> None:
    """Value and gradient; the framework is read from the adapter's imports."""
    verdicts = _verdicts(adapter, FOLDER)
    assert {v.quantity: (v.outcome, v.reason) for v in verdicts} == {"value": ("passed", None), "gradient": ("passed", None)}
    assert framework_of(str(FOLDER / f"{adapter}.py")) == ADAPTERS[adapter][2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("adapter", "right", "wrong", "mistake"),
    [
        ("keras_adapter", "ops.mean(inputs, axis=0)", "ops.mean(inputs, axis=1)", "features_axis"),
        ("keras_adapter", "ops.sum(kl)", "ops.mean(kl)", "mean_units"),
        ("torch_adapter", "torch.exp(0.5 * logvar)", "torch.exp(logvar)", "variance_as_std"),
        ("function_adapter", "torch.expm1(2 * log_sigma)", "torch.expm1(4 * log_sigma)", "variance_squared"),
    ],
    ids=["wrong axis", "mean for sum", "variance for deviation", "variance squared"],
)
def test_a_wrong_module_does_not(adapter: str, right: str, wrong: str, mistake: str, tmp_path: Path) -> None:
    """It fails, and a catalogued mistake is named."""
    shutil.copytree(FOLDER, tmp_path / "wild")
    file = tmp_path / "wild" / f"{ADAPTERS[adapter][1]}.py"
    source = file.read_text(encoding="utf-8")
    assert source.count(right) == 1
    file.write_text(source.replace(right, wrong), encoding="utf-8")
    verdicts = _verdicts(adapter, tmp_path / "wild")
    assert {v.outcome for v in verdicts} == {"failed"}
    sentence = next(v.diagnosis for v in verdicts if v.diagnosis is not None)
    assert mistake in {name for match in sentence.matches for name in match.ids}, sentence.sentence


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_has_ten_lines(adapter: str) -> None:
    """Imports, blank lines and the docstring not counted; and what is adapted knows nothing of this project."""
    lines = (FOLDER / f"{adapter}.py").read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.startswith(("import", "from", '"""'))]
    assert len(code) <= 10
    assert "conformance" not in (FOLDER / f"{ADAPTERS[adapter][1]}.py").read_text(encoding="utf-8")


def test_the_page_shows_the_files_as_they_are() -> None:
    """Every adapter stands in docs/wild_code.md word for word."""
    page = (FOLDER.parents[1] / "docs" / "wild_code.md").read_text(encoding="utf-8")
    for adapter in ADAPTERS:
        source = (FOLDER / f"{adapter}.py").read_text(encoding="utf-8")
        body = source.split("from __future__ import annotations\n", 1)[1].strip()
        assert body in page, adapter
