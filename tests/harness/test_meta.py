"""`--device meta`: what is put on a fixed device is found without a card, and nobody can take the answer for one with values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import conformance as package
from conformance.cases.case import Recipe, draw
from conformance.errors import UnknownChoice
from conformance.judging.compare import compare
from conformance.judging.expectation import expect, expect_structure
from conformance.reports import badge, ratchet
from conformance.reports.conformance_table import conformance_table
from conformance.reports.jsonl import read_report
from conformance.respondent import frameworks
from conformance.respondent.frameworks import every_device, has_numbers
from conformance.respondent.responses import Output
from conformance.targets.target import Target, expand, foreign_device, lacking, obstacle
from reference.specification import catalogue
from tests.harness.misplaced import AXIS, MIXED, RIGHT, WRONGS, Wrong, divergence
from tests.harness.running import conformance, refused, report
from tests.harness.samples import CASE
from tests.harness.submissions import write

torch = pytest.importorskip("torch")


def _verify(tmp_path: Path, spec: str, source: str, *words: str) -> tuple[int, str]:
    path = write(tmp_path, source, "mine.py")
    result = conformance(
        *("verify", "--target", path, "--spec", spec, "--device", "meta", "--dtype", "float32", "--examples", "2", *words)
    )
    return result.exit_code, " ".join(result.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONGS.values(), ids=WRONGS)
def test_what_lies_elsewhere_is_found_without_a_card(wrong: Wrong, tmp_path: Path) -> None:
    """By a sentence that says which operation met it, and in which line."""
    code, text = _verify(tmp_path, wrong.spec, wrong.source)
    assert code == 1
    assert wrong.words in text
    assert MIXED not in wrong.words or "and on cpu (mine.py, line " in text
    assert "no known mistake" not in text


@pytest.mark.parametrize(("spec", "source"), RIGHT.values(), ids=RIGHT)
def test_what_a_card_would_take_passes_and_is_no_pass_of_values(spec: str, source: str, tmp_path: Path) -> None:
    """The heading, the legend and the last line say what was compared, and there is no number that looks like a budget."""
    code, text = _verify(tmp_path, spec, source)
    assert code == 0
    assert "meta specification structure only" in text
    assert "On meta structure only: ✓ passed by shapes, dtypes and devices; no values." in text
    assert "All 2 checks conform, all by shapes, dtypes and devices; no values (" in text
    assert "error budget" not in text
    assert "=" not in text


@pytest.mark.parametrize("before", ["assert (mean * mean).sum() < 1e9", "mean[mean > 0]", "torch.equal(mean, mean)"])
def test_what_depends_on_a_number_is_neither_right_nor_wrong(before: str, tmp_path: Path) -> None:
    """Nobody can know where it would go on."""
    code, text = _verify(tmp_path, "vae_kl_loss", divergence(before))
    assert code == 2
    assert "Not offered: vae_kl_loss: it reads what a tensor holds, which one on meta does not know." in text


def test_who_refuses_a_number_that_nobody_knows_is_not_wrong(tmp_path: Path) -> None:
    """A loss that is read is NaN there, which its author may well refuse."""
    code, text = _verify(tmp_path, "vae_kl_loss", divergence("assert float(mean.sum()) < 1e9"))
    assert code == 2
    assert "it reads numbers, of which there are none, and then raised AssertionError" in text


def test_wrong_values_are_not_seen(tmp_path: Path) -> None:
    """Which is why nothing here may look like a pass of values."""
    assert _verify(tmp_path, "vae_kl_loss", divergence(rows="2 * rows"))[0] == 0


def test_reports_say_what_was_compared(tmp_path: Path) -> None:
    """A line without budget, its own column in the table, and a word in JUnit; lists, which have no device, are compared as ever."""
    folder = tmp_path / "report"
    source = divergence() + "\nfrom impl_torch import CharTokenizer\n"
    assert _verify(tmp_path, "vae_kl_loss", source, "--spec", "CharTokenizer", "--report", str(folder))[0] == 0
    by_spec = {line["spec"]: line for line in report(folder) if line["kind"] == "verdict"}
    assert (by_spec["vae_kl_loss"]["without_values"], by_spec["vae_kl_loss"]["budget_used"]) == (True, None)
    assert (by_spec["CharTokenizer"]["without_values"], by_spec["CharTokenizer"]["budget_used"]) == (False, 0.0)
    page = conformance_table([read_report(folder)], "conformance table")
    assert "| mine<br>meta<br>structure only<br>float32<br>eager |" in page
    assert "✓, structure only: passed by shapes, dtypes and devices; no values." in page
    assert "| `vae_kl_loss` | ✓ |" in page
    assert "| `CharTokenizer` | = |" in page
    assert "**All 3 checks conform, 2 by shapes, dtypes and devices; no values**" in page
    assert "passed by shapes, dtypes and devices; no values" in (folder / "junit.xml").read_text(encoding="utf-8")
    assert badge.verdict(read_report(folder))[0] == "all 3 checks conform, 2 structure only"
    assert ratchet.count(ratchet.recorded(read_report(folder))) == 1


def test_a_failure_is_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`reproduce` shows shapes and devices in the place of numbers."""
    monkeypatch.chdir(tmp_path)
    assert _verify(tmp_path, "vae_kl_loss", AXIS)[0] == 1
    (file,) = (tmp_path / ".conformance").rglob("*.json")
    words = ("reproduce", file.stem, "--target", "mine.py", "--device", "meta")
    result = conformance(*words)
    assert result.exit_code == 1
    assert "on meta, which holds no numbers" in result.stdout
    write(tmp_path, divergence(), "other.py")
    again = conformance("reproduce", file.stem, "--target", "other.py", "--device", "meta")
    assert again.exit_code == 0
    assert "value: conforms by shapes, dtypes and devices; no values" in again.stdout


def test_conforms_can_be_asked(tmp_path: Path) -> None:
    """In a test of one's own; the verdict says in words what it rests on."""
    (first, *_) = package.conforms("vae_kl_loss", _function(divergence()), framework="torch", device="meta", examples=2)
    assert first.said == "passed by shapes, dtypes and devices; no values"
    wrong = _function(WRONGS["a matrix on the CPU, of which PyTorch says nothing"].source)
    with pytest.raises(AssertionError, match=f"{MIXED}: mm was given tensors on meta and on cpu"):
        package.conforms("vae_kl_loss", wrong, framework="torch", device="meta", examples=2)
    with pytest.raises(UnknownChoice, match=r"^device: expected one that a target's framework has; got 'cpu:1', where PyTorch has"):
        package.conforms("vae_kl_loss", _function(divergence()), framework="torch", device="cpu:1")


def _function(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names["vae_kl_loss"]


def test_what_has_no_numbers_equals_nothing() -> None:
    """Nobody can take what stands for them for an answer: on a device with numbers it is wrong, and on meta it is marked."""
    expected = expect(catalogue()["vae_kl_loss"], CASE)["value"]
    shape = expected["value"].value.shape
    output = _output(torch.zeros(shape, device="meta"))
    assert (output.device, output.array.shape, output.dtype) == ("meta", shape, "float32")
    assert not compare(expected, {"value": Output(output.array, output.dtype, "cpu")}, "cpu").agrees
    structural = compare(expected, {"value": output}, "meta")
    assert (structural.agrees, structural.without_values) == (True, True)
    assert _output(torch.zeros(2, dtype=torch.int64, device="meta")).array.tolist() == [-(2**63)] * 2


def _output(value: object) -> Output:
    return frameworks.load("torch").to_output(value)


def test_names_and_dtypes_are_expected_as_ever() -> None:
    """What a model is held to without numbers has the names, dtypes and shapes of what it is held to with them."""
    spec = catalogue()["LinearAutoencoder"]
    case = draw(spec, "float32", Recipe(length=2, seed=1))
    full, structure = expect(spec, case), expect_structure(spec, case)
    described = [
        {q: {n: (e.dtype, e.value.shape) for n, e in named.items()} for q, named in each.items()} for each in (full, structure)
    ]
    assert described[0] == described[1]


def test_devices_are_named_in_one_place() -> None:
    """Every one that may be written, those that have numbers, and what each framework has."""
    assert every_device() == ("cpu", "cuda", "cpu:1", "meta")
    assert [device for device in every_device() if not has_numbers(device)] == ["meta"]
    assert foreign_device(Target("impl_torch", "torch", "cpu:1")) == "PyTorch has no device cpu:1; it has cpu, cuda, meta"
    assert obstacle(Target("impl_torch", "torch", "cpu:1")) == foreign_device(Target("impl_torch", "torch", "cpu:1"))
    assert lacking(Target("impl_torch", "torch", "meta", mode="compiled")) == "torch is asked on meta in eager mode alone"
    assert {t.device for t in expand(["impl_torch"], [], ["float32"], ["eager"])} == {"cpu", "cuda"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--device", "cuda:7"), "device: expected one of cpu, cuda, cpu:1, meta; got 'cuda:7'"),
        (("--device", "cpu:3"), "device: expected one of cpu, cuda, cpu:1, meta; got 'cpu:3'"),
        (("--device", ""), "device: expected one of cpu, cuda, cpu:1, meta; got ''"),
        (
            ("--target", "impl_tf", "--device", "meta"),
            "device: expected one that a target's framework has; got 'meta', where TensorFlow has cpu, cuda, cpu:1",
        ),
        (
            ("--target", "impl_torch", "--device", "cpu:1"),
            "device: expected one that a target's framework has; got 'cpu:1', where PyTorch has cpu, cuda, meta",
        ),
        (
            ("--target", "reference", "--device", "meta"),
            "device: expected one that a target's framework has; got 'meta', where NumPy has cpu",
        ),
    ],
)  # fmt: skip
def test_a_device_that_does_not_exist_is_refused(words: tuple[str, ...], sentence: str) -> None:
    """One sentence: the option, what there is, what came; and exit code 2."""
    assert refused("verify", *words) == sentence


def test_one_target_of_two_has_the_device(tmp_path: Path) -> None:
    """The other is not run, which is said, and the first decides."""
    other = write(tmp_path, "import numpy\ndef vae_kl_loss(mean, log_var, reduction='mean'):\n    pass\n", "other.py")
    code, text = _verify(tmp_path, "vae_kl_loss", divergence(), "--target", other)
    assert code == 0
    assert "Not run: other on meta: NumPy has no device meta; it has cpu." in text
