"""Targets in workers: what one does to its process is said of it; the verdicts on the others are there, and the same whatever N."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.judging.conduct.conduct import first_problem
from conformance.judging.verify import Vacant
from conformance.respondent import frameworks
from conformance.respondent.responses import Crashed, TimedOut
from conformance.targets.subject import Subject
from conformance.targets.target import Target
from conformance.workers import forking, worker_subject
from conformance.workers.seats import seated
from reference.specification import catalogue
from tests.harness.running import refused
from tests.harness.submissions import RIGHT, WRONG, answering, write
from tests.harness.test_cli_process import COMMAND, KL, _run

PREAMBLE = "import ctypes, os, time\nimport numpy as np\n"
ENDS = {
    "os._exit(0)": "ended its process (exit code 0)",
    "os._exit(3)": "ended its process (exit code 3)",
    "os.kill(os.getpid(), 9)": "ended its process (SIGKILL)",
    "ctypes.string_at(0)": "ended its process (SIGSEGV)",
    "os.kill(os.getpid(), 15)": "ended its process (SIGTERM)",
    # An open copy of the process holds on to the socket.
    "os._exit(7) if os.fork() else time.sleep(20)": "ended its process (exit code 7)",
}
LONG = "sum(range(10**12))"
# 720 MB, if it is let.
LARGE = "blocks = [(time.sleep(0.05), np.ones(3_000_000)) for _ in range(30)]"
ONE_CASE = ("--spec", "vae_kl_loss", "--dtype", "float64", "--examples", "1")
TWO = ("--spec", "vae_kl_loss", "--spec", "kl_sparsity_loss", "--dtype", "float64", "--examples", "8")


def _lines(folder: Path, name: str = "report.jsonl") -> list[dict]:
    """A report but for its times."""
    lines = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("seconds", "started")} for line in lines]


def _outcomes(folder: Path) -> dict[str, set[tuple[str, str | None]]]:
    """What is said of each target: outcome and reason."""
    outcomes: dict[str, set[tuple[str, str | None]]] = {}
    for line in _lines(folder)[1:-1]:
        outcomes.setdefault(line["target"], set()).add((line["outcome"], line["reason"]))
    return outcomes


def _beside_a_good_one(
    folder: Path, source: str, *words: str
) -> tuple[subprocess.CompletedProcess[str], set[tuple[str, str | None]]]:
    """A run of a bad target and a good one, whose verdicts are as they would be alone; what is said of the bad one."""
    write(folder, PREAMBLE + source, "bad.py")
    write(folder, RIGHT, "good.py")
    done = _run(folder, "verify", *ONE_CASE, *words, "--target", "bad.py", "--target", "good.py", "--report", "r")
    outcomes = _outcomes(folder / "r")
    assert outcomes["good"] == {("passed", None)}
    return done, outcomes["bad"]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["asked", "imported"])
@pytest.mark.parametrize("end", ENDS)
def test_a_target_that_ends_its_process(end: str, when: str, tmp_path: Path) -> None:
    """It has errored, by how it ended; the good one has passed; exit code 1."""
    done, said = _beside_a_good_one(tmp_path, answering(end) if when == "asked" else end)
    assert (done.returncode, done.stderr) == (1, "")
    assert said == {("errored", ENDS[end] if when == "asked" else f"{ENDS[end]} while it was imported")}


@pytest.mark.slow
def test_a_target_that_never_comes_back(tmp_path: Path) -> None:
    """In C no alarm rings: it is ended from outside."""
    done, said = _beside_a_good_one(tmp_path, answering(LONG), "--timeout", "0.2")
    assert (done.returncode, done.stderr) == (1, "")
    assert said == {("errored", "did not return within 0.2 s")}


def test_a_target_whose_import_never_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it longer than for an import."""
    for root in set(frameworks.roots()) - {"numpy"}:
        monkeypatch.delitem(sys.modules, root, raising=False)
    monkeypatch.setattr(worker_subject, "_SECONDS_TO_IMPORT", 0.5)
    monkeypatch.setattr(worker_subject, "_GRACE", 0.5)
    target = Target(write(tmp_path, LONG), "numpy", dtype="float64")
    with seated([target], [catalogue()["vae_kl_loss"]], 0.01) as seats:
        seat = seats[target]
        assert isinstance(seat, Vacant)
        assert (seat.outcome, seat.reason) == ("errored", "did not return within 0.5 s while it was imported")


@pytest.mark.slow
@pytest.mark.parametrize("when", ["asked", "imported"])
def test_a_target_that_fills_the_memory(when: str, tmp_path: Path) -> None:
    """It is ended when it has more than it may."""
    done, said = _beside_a_good_one(tmp_path, answering(LARGE) if when == "asked" else LARGE, "--memory", "300")
    assert (done.returncode, done.stderr) == (1, "")
    assert said == {("errored", "took more than 300 MiB of memory" + " while it was imported" * (when == "imported"))}


def test_a_target_that_prints_a_million_lines(tmp_path: Path) -> None:
    """By Python or past it: nobody hears it, and it is judged by its answers."""
    prints = "print('many\\n' * 1_000_000); os.write(1, b'many\\n' * 1_000_000); os.write(2, b'many\\n')"
    done, said = _beside_a_good_one(tmp_path, answering(f"{prints}; return right(mean, log_var, reduction)"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "many" not in done.stdout
    assert said == {("passed", None)}


def test_a_target_that_reads(tmp_path: Path) -> None:
    """There is nobody at its terminal."""
    _, said = _beside_a_good_one(tmp_path, answering("input()"))
    assert said == {("errored", "raised EOFError: EOF when reading a line (bad.py:19)")}


def test_the_next_specification_finds_a_new_process(tmp_path: Path) -> None:
    """What ended in one is asked the next, and answers."""
    path = write(tmp_path, PREAMBLE + RIGHT + "\ndef kl_sparsity_loss(activations, **options): os._exit(0)\n")
    reverse = ("--spec", "kl_sparsity_loss", "--spec", "vae_kl_loss", "--dtype", "float64", "--examples", "8")
    done = _run(tmp_path, "verify", *reverse, "--target", path, "--report", "r", "--jobs", "1")
    assert done.returncode == 1
    assert [(line["spec"], line["outcome"]) for line in _lines(tmp_path / "r")[1:-1]] == [
        *[("kl_sparsity_loss", "errored")] * 2,
        *[("vae_kl_loss", "passed")] * 2,
    ]


def test_a_process_that_ends_while_a_failure_is_made_smaller(tmp_path: Path) -> None:
    """The failure that there was is kept as it is, and does not look like chance."""
    ends = "(mean.shape == (1, 1) and os._exit(0)) or 2 * right(mean, log_var, reduction) + 1"
    path = write(tmp_path, PREAMBLE + answering(f"return {ends}"))
    done = _run(tmp_path, *KL, "--target", path, "--report", "r")
    assert done.returncode == 1
    value = _lines(tmp_path / "r")[1]
    assert (value["quantity"], value["outcome"]) == ("value", "failed")
    assert "× the error budget" in value["reason"]


def test_every_module_has_a_process_of_its_own(tmp_path: Path) -> None:
    """Neither another target's nor the command's, so that no framework is imported beside another."""
    source = "import os, pathlib\npathlib.Path(f'{pathlib.Path(__file__).stem}.pid').write_text(f'{os.getpid()} {os.getppid()}')\n"
    targets = [word for name in ("one.py", "two.py") for word in ("--target", write(tmp_path, source + RIGHT, name))]
    assert _run(tmp_path, *KL, *targets, "--jobs", "1").returncode == 0
    (first, judge), (second, same) = ((tmp_path / f"{name}.pid").read_text().split() for name in ("one", "two"))
    assert judge == same
    assert len({first, second, judge}) == 3


MIXED = {
    "right.py": RIGHT,
    "wrong.py": WRONG,
    "raises.py": answering("raise ValueError('no: ' + 'x' * 400)"),
    "no_option.py": RIGHT.replace(', reduction="mean"):\n    with', '):\n    reduction = "mean"\n    with'),
    "other_name.py": RIGHT.replace("vae_kl_loss(", "vae_kl_los("),
    "object.py": answering("return object()"),
    "list.py": answering("return [1.0, {2}]"),
    "changes.py": answering("mean += 1; return right(mean, log_var, reduction)"),
    "sometimes.py": answering("calls.append(1); return right(mean, log_var, reduction) + len(calls)", "calls = []"),
    "tokenizer.py": """
class CharTokenizer:
    def __init__(self, **options): pass
    def fit_on_texts(self, texts): self.word_index = {1j: 2}
""",
}


@pytest.mark.slow
def test_the_same_verdicts_whatever_n(tmp_path: Path) -> None:
    """Reports of 0, 1 and 2 processes are equal but for their times, line by line: right ones, wrong ones and odd ones."""
    targets = [word for name, source in MIXED.items() for word in ("--target", write(tmp_path, PREAMBLE + source, name))]
    specs = ("--spec", "vae_kl_loss", "--spec", "CharTokenizer", "--examples", "12", "--framework", "numpy")
    for jobs in "012":
        _run(tmp_path, "verify", *specs, *targets, "--report", jobs, "--jobs", jobs)
    here, one, two = (_lines(tmp_path / jobs) for jobs in "012")
    assert len(here) == 2 + 2 * 3 * len(MIXED)
    assert here == one
    assert here == two


@pytest.mark.slow
@pytest.mark.parametrize("package", ["impl_tf", "impl_torch"])
def test_the_same_verdicts_of_a_package(package: str, tmp_path: Path) -> None:
    """Models and formulas of this project, and what they are asked besides their cases."""
    words = (
        "verify",
        "--spec",
        "LinearAutoencoder",
        "--spec",
        "vae_kl_loss",
        "--dtype",
        "float32",
        "--examples",
        "16",
        "--device",
        "cpu",
    )
    for jobs in "02":
        done = _run(tmp_path, *words, "--target", package, "--report", jobs, "--jobs", jobs)
        assert (done.returncode, done.stderr) == (0, "")
    assert _lines(tmp_path / "0") == _lines(tmp_path / "2")


@pytest.mark.parametrize("jobs", ["-1", "1000", "x"])
def test_a_number_of_jobs_that_is_none(jobs: str) -> None:
    """One line, exit code 2."""
    assert refused(*KL, "--jobs", jobs).startswith("Invalid value for '--jobs'")


def test_a_worker_that_cannot_start(tmp_path: Path) -> None:
    """One sentence, exit code 2, and the way around; without workers there is a verdict."""
    path = write(tmp_path, WRONG)
    code = "import os\ndef fork(): raise BlockingIOError(11, 'Resource temporarily unavailable')\nos.fork = fork\n" + COMMAND[2]
    words = (sys.executable, "-c", code, *KL, "--target", path, "--framework", "numpy")
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    sentence = "jobs: cannot start another process: Resource temporarily unavailable; --jobs 0 needs none\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)
    done = subprocess.run((*words, "--jobs", "0"), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_module_that_does_not_import(tmp_path: Path) -> None:
    """That is no verdict: one line, before the first one."""
    bad = write(tmp_path, "raise ImportError('no such thing')", "bad.py")
    done = _run(tmp_path, *KL, "--target", write(tmp_path, RIGHT), "--target", bad)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"target: {bad} does not import: ImportError: no such thing (bad.py, line 1)\n"


def test_a_counterexample_for_a_target_that_ends_its_process(tmp_path: Path) -> None:
    """`reproduce` shows the case, and what happened instead of an answer."""
    done = _run(tmp_path, *KL, "--target", write(tmp_path, WRONG))
    (words,) = [line.split()[1:] for line in done.stdout.splitlines() if "conformance reproduce" in line]
    for when, source in (("", answering("os._exit(0)")), (" while it was imported", "os._exit(0)")):
        write(tmp_path, PREAMBLE + source, "killer.py")
        again = _run(tmp_path, *words[:2], "--target", "killer.py", "--framework", "numpy")
        assert (again.returncode, again.stderr) == (1, "")
        assert "mean = " in again.stdout
        assert f"ended its process (exit code 0){when}" in again.stdout


def test_vectors_for_a_target_that_ends_its_process(tmp_path: Path) -> None:
    """`vectors check` likewise."""
    file = Path(__file__).parents[1] / "vectors" / "vae_kl_loss.float64.json"
    write(tmp_path, PREAMBLE + answering("os._exit(0)"), "killer.py")
    done = _run(tmp_path, "vectors", "check", str(file), "--target", "killer.py", "--framework", "numpy")
    assert (done.returncode, done.stderr) == (1, "")
    assert "ended its process (exit code 0)" in done.stdout


def test_what_is_registered_for_the_end_does_not_change_the_verdict(tmp_path: Path) -> None:
    """The target's last word is not the command's."""
    path = write(tmp_path, PREAMBLE + "import atexit\natexit.register(os._exit, 0)\n" + WRONG)
    done = _run(tmp_path, *KL, "--target", path, "--framework", "numpy")
    assert (done.returncode, done.stderr) == (1, "")
    assert "do not conform" in done.stdout


def test_a_process_that_a_target_starts_does_not_answer_for_it(tmp_path: Path) -> None:
    """A copy of it that goes on is not heard."""
    source = "child = os.fork()\nif not child: raise SystemExit\nos.waitpid(child, 0)\nos._exit(5)\n"
    _, said = _beside_a_good_one(tmp_path, source)
    assert said == {("errored", "ended its process (exit code 5) while it was imported")}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, None),
        (("gradient", "it differs"), ("gradient", "it differs")),
        (TimedOut(3.0), ("value", "what it is asked besides its cases took more than 3 seconds")),
        (Crashed("SIGSEGV"), ("value", "asked what no case asks, it ended its process (SIGSEGV)")),
    ],
)
def test_what_a_package_is_asked_besides_its_cases(answer: Any, problem: Any) -> None:
    """It is asked in the package's process; one that does not answer is no better than one that answers wrongly."""
    subject = SimpleNamespace(
        target=Target("reference", "numpy", dtype="float64"), offered=lambda name: object(), examine=lambda spec, seconds: answer
    )
    assert first_problem(cast(Subject, subject), catalogue()["vae_kl_loss"], 3.0) == problem


def test_a_process_that_has_loaded_a_framework_is_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy is no such framework: the reference needs it."""
    for root in set(frameworks.roots()) - {"numpy"}:
        monkeypatch.delitem(sys.modules, root, raising=False)
    assert forking.can_fork()
    monkeypatch.setitem(sys.modules, frameworks.facts("torch").roots[0], sys)
    assert not forking.can_fork()
