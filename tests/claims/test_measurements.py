"""Measurements on disk, and the loop that goes on where it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.claims import measurements, measuring
from conformance.claims.claim import Claim, Experiment
from conformance.claims.laboratory import Laboratory
from conformance.claims.measurements import Question, code_version, keep, recall
from conformance.claims.measuring import Series, measure, outcomes
from conformance.claims.pictures import Pictures

QUESTION = Question("linear", "torch", 3, "of the data", "of the code")
NUMBERS = {"overlap": 0.1 + 0.2, "error": 1e-300}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_kept_is_recalled_exactly() -> None:
    keep(QUESTION, NUMBERS)
    assert recall(QUESTION) == NUMBERS


@pytest.mark.parametrize(
    "other",
    [{"experiment": "other"}, {"framework": "tf"}, {"seed": 4}, {"data": "other"}, {"code": "other"}],
    ids=lambda change: next(iter(change)),
)
def test_another_question_has_another_answer(other: dict) -> None:
    """Neither under its own name nor with the file put in its place."""
    keep(QUESTION, NUMBERS)
    asked = replace(QUESTION, **other)
    assert recall(asked) is None
    (measurements.FOLDER / QUESTION.file_name).rename(measurements.FOLDER / asked.file_name)
    assert recall(asked) is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "7", '"text"', "{}", '{"numbers": {}}', "[" * 100_000, "\x00", '{"numbers": {"a": 1}}'],
    ids=range(11),
)
def test_a_damaged_file_counts_as_none(content: str) -> None:
    keep(QUESTION, NUMBERS)
    (measurements.FOLDER / QUESTION.file_name).write_text(content)
    assert recall(QUESTION) is None


@pytest.mark.parametrize("value", ["0.5", None, True, [0.5]])
def test_what_is_no_number_is_not_trusted(value: object) -> None:
    keep(QUESTION, NUMBERS)
    path = measurements.FOLDER / QUESTION.file_name
    path.write_text(json.dumps({**json.loads(path.read_text()), "numbers": {"overlap": value}}))
    assert recall(QUESTION) is None


def test_a_file_cut_short_at_any_place() -> None:
    """Whatever is left of it, it is no answer."""
    keep(QUESTION, NUMBERS)
    path = measurements.FOLDER / QUESTION.file_name
    whole = path.read_text()
    for length in range(0, len(whole), 7):
        path.write_text(whole[:length])
        assert recall(QUESTION) is None
    path.write_text(whole)
    assert recall(QUESTION) == NUMBERS


def test_the_code_version_follows_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed experiment or package asks another question; other experiments keep their answers."""
    package = tmp_path / "measured_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "experiment.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    first = code_version.__wrapped__("measured_package.experiment", "impl_torch")
    assert first == code_version.__wrapped__("measured_package.experiment", "impl_torch")
    assert first != code_version.__wrapped__("measured_package.experiment", "impl_tf")
    (package / "other.py").write_text("x = 1")
    assert first == code_version.__wrapped__("measured_package.experiment", "impl_torch")
    (package / "experiment.py").write_text("x = 2")
    assert first != code_version.__wrapped__("measured_package.experiment", "impl_torch")


class _Counting:
    """An experiment that counts how often it is run and may be interrupted at the n-th time."""

    def __init__(self, interrupted_at: int | None = None) -> None:
        self.runs, self.interrupted_at = 0, interrupted_at

    def __call__(self, laboratory: Laboratory, pictures: Pictures, seed: int) -> dict[str, float]:
        self.runs += 1
        if self.runs == self.interrupted_at:
            raise KeyboardInterrupt
        return {"effect": 1.0 + seed}

    def series(self, few: Pictures, **options: object) -> Series:
        claim = Claim("counted", "It counts.", "here", Experiment("counting", "Counts.", self), "a count", "effect")
        return Series((claim, replace(claim, id="twice", effect="effect")), ("torch",), few, 4, **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _needs_pytorch() -> None:
    pytest.importorskip("torch", reason="not run: PyTorch is not installed")


def _measured(series: Series) -> list[measuring.Measurement]:
    return list(measure(series))


def test_two_claims_share_an_experiment(few: Pictures) -> None:
    """It is run once a seed, and both are told what came out."""
    experiment = _Counting()
    series = experiment.series(few)
    measured = _measured(series)
    assert (experiment.runs, series.count, len(measured)) == (4, 4, 4)
    counted, twice = outcomes(series, measured)
    assert counted.found["torch"].effects == twice.found["torch"].effects == (1.0, 2.0, 3.0, 4.0)
    assert counted.verdict == "holds"


def test_a_rerun_measures_nothing_again(few: Pictures) -> None:
    first = _measured(_Counting().series(few))
    again = _Counting()
    assert _measured(again.series(few)) == first
    assert again.runs == 0
    assert all(m.kept for m in first)
    _measured(again.series(few, fresh=True))
    assert again.runs == 4


def test_other_data_are_measured_anew(few: Pictures) -> None:
    _measured(_Counting().series(few))
    other = _Counting()
    changed = few.train.copy()
    changed[3, 5] += 1 / 256
    _measured(other.series(replace(few, train=changed)))
    assert other.runs == 4


def test_an_interrupted_run_goes_on(few: Pictures) -> None:
    """What was done is kept; the rest, and only the rest, is done the next time."""
    experiment = _Counting(interrupted_at=3)
    done = []
    with pytest.raises(KeyboardInterrupt):
        done.extend(measure(experiment.series(few)))
    rest = _Counting()
    assert len(_measured(rest.series(few))) == 4
    assert rest.runs == 2


def test_a_disk_that_keeps_nothing(few: Pictures) -> None:
    """The numbers are there all the same, and said not to be kept."""
    Path(".conformance").write_text("a file where the folder should be")
    measured = _measured(_Counting().series(few))
    assert [m.numbers["effect"] for m in measured] == [1.0, 2.0, 3.0, 4.0]
    assert not any(m.kept for m in measured)
