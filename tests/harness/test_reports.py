"""The reports that machines read: every line of the JSON Lines and the whole of the JUnit XML, whatever a target says."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Case, Recipe, draw, from_plain
from conformance.cases.profiles import ROUND
from conformance.errors import UnwritableReport
from conformance.judging.compare import Worst
from conformance.judging.verdicts import OUTCOMES, Verdict, conforms, was_run
from conformance.reports import junit
from conformance.reports.jsonl import FINISHED, UNFINISHED, JsonlReport, as_json
from conformance.targets import environment
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.harness.samples import ALL, CASE, ERRORED, FAILED, NASTY, NOT_RUN, ONE, OTHER, PASSED, UNSUPPORTED

KEYS = {
    "kind", "spec", "target", "module", "framework", "device", "dtype", "mode", "quantity", "outcome", "cases", "failures", "budget_used",
    "worst", "reason", "without_values", "not_offered", "remarks", "diagnosis", "reproduce", "counterexample", "seconds",
}  # fmt: skip


def _lines(path: Path) -> list[dict[str, Any]]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(folder: Path, verdicts: list[Verdict]) -> list[dict[str, Any]]:
    with JsonlReport(folder, {"seed": 3}) as report:
        for verdict in verdicts:
            report.write(verdict)
        path = report.finish(1.23456)
    assert path == folder / FINISHED
    return _lines(path)


def test_a_report_is_header_verdicts_and_footer(tmp_path: Path) -> None:
    """The first line says how it was made, the last how it ended; every line is JSON in the strict sense."""
    header, *lines, footer = _write(tmp_path / "made" / "with parents", ALL)
    assert (header["kind"], header["schema"], header["seed"]) == ("header", 1, 3)
    assert [line["kind"] for line in lines] == ["verdict"] * len(ALL)
    assert footer == {
        "kind": "footer", "verdicts": 5, "outcomes": dict.fromkeys(OUTCOMES, 1), "conforms": False, "seconds": 1.235,
    }  # fmt: skip


@pytest.mark.parametrize("verdict", ALL, ids=lambda v: v.outcome)
def test_every_verdict_line_has_every_key(verdict: Verdict) -> None:
    """A reader needs not ask whether a key is there; what a verdict lacks is null."""
    line = as_json(verdict)
    assert line.keys() == KEYS
    assert (line["spec"], line["quantity"], line["outcome"]) == (verdict.spec, verdict.quantity, verdict.outcome)
    assert (line["target"], line["module"], line["framework"]) == (
        verdict.target.name,
        verdict.target.module,
        verdict.target.framework,
    )
    assert (line["device"], line["dtype"], line["mode"]) == (verdict.target.device, verdict.target.dtype, verdict.target.mode)
    assert (line["counterexample"] is not None) == (line["reproduce"] is not None) == (verdict.outcome in ("failed", "errored"))


def test_what_a_line_says_of_a_failure() -> None:
    """Worst element, reason, the command that reproduces it, and the inputs in full."""
    line = as_json(FAILED)
    assert line["worst"] == {"name": "mean", "index": [], "actual": 1.0, "expected": 1.5, "allowed": 2.0}
    assert (line["cases"], line["failures"], line["budget_used"], line["reason"]) == (20, 3, 7.5, "mean: wrong")
    assert CASE.id in line["reproduce"]
    assert line["counterexample"]["id"] == CASE.id
    assert line["counterexample"]["inputs"]["mean"]["shape"] == list(CASE.inputs["mean"].shape)


def test_the_weights_of_a_model_are_not_in_the_report() -> None:
    """Of a model's case the configuration is written, the rest is in the counterexample file."""
    case = draw(catalogue()["StackedAutoencoder"], "float32", Recipe(ROUND, 2, 0))
    line = as_json(replace(FAILED, spec="StackedAutoencoder", counterexample=case))
    assert line["counterexample"]["inputs"].keys() == {"configuration"}


def test_what_is_no_number_in_json(tmp_path: Path) -> None:
    """NaN and infinities are texts, a budget exceeded without measure is null; nothing of it spoils the file."""
    worst = Worst("value", (0,), math.nan, -math.inf, math.inf)
    inputs = {"x": np.array([math.nan, math.inf]), "text": NASTY}
    verdict = replace(FAILED, budget_used=math.inf, worst=worst, reason=NASTY, counterexample=Case("f", "float32", inputs))
    (line,) = _write(tmp_path, [verdict])[1:-1]
    assert (line["worst"]["actual"], line["worst"]["expected"], line["worst"]["allowed"]) == ("nan", "-inf", "inf")
    assert line["budget_used"] is None
    assert line["reason"] == NASTY
    assert from_plain(line["counterexample"]["inputs"]["text"]) == NASTY


def test_a_report_is_unfinished_until_it_is_finished(tmp_path: Path) -> None:
    """Every verdict is on disk as soon as it is written; the name and the missing footer say that more was to come."""
    report = JsonlReport(tmp_path, {})
    for count, verdict in enumerate(ALL, start=1):
        report.write(verdict)
        assert len(_lines(tmp_path / UNFINISHED)) == 1 + count
    assert not (tmp_path / FINISHED).exists()
    report.finish(0.0)
    assert sorted(p.name for p in tmp_path.iterdir()) == [FINISHED]


def test_an_interrupted_report_keeps_what_it_has(tmp_path: Path) -> None:
    """Leaving by an exception leaves an unfinished report with valid lines and no footer; the earlier report stays."""
    _write(tmp_path, [PASSED])
    earlier = (tmp_path / FINISHED).read_bytes()
    with contextlib.suppress(KeyboardInterrupt), JsonlReport(tmp_path, {}) as report:
        report.write(FAILED)
        raise KeyboardInterrupt
    assert [line["kind"] for line in _lines(tmp_path / UNFINISHED)] == ["header", "verdict"]
    assert (tmp_path / FINISHED).read_bytes() == earlier


def test_a_finished_report_replaces_the_earlier_one(tmp_path: Path) -> None:
    """After a finished run there is one report, the newest."""
    _write(tmp_path, ALL)
    assert len(_write(tmp_path, [PASSED])) == 3
    assert [p.name for p in tmp_path.iterdir()] == [FINISHED]


def test_a_killed_process_leaves_valid_lines(tmp_path: Path) -> None:
    """Even if the process is killed without warning, all verdicts that it wrote can be read."""
    code = (
        "import sys, os, signal; from pathlib import Path; from tests.harness.samples import PASSED\n"
        "from conformance.reports.jsonl import JsonlReport\n"
        "report = JsonlReport(Path(sys.argv[1]), {})\n"
        "for _ in range(3): report.write(PASSED)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [line["kind"] for line in _lines(tmp_path / UNFINISHED)] == ["header", "verdict", "verdict", "verdict"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The message names the option, the folder and the reason."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UnwritableReport, match=r"^report: cannot write to '.*file.*': \w.*$"):
            JsonlReport(folder, {})


def test_a_report_that_cannot_be_finished(tmp_path: Path) -> None:
    """Something in the way of the final name is named too, not shown as a traceback."""
    (tmp_path / FINISHED / "below").mkdir(parents=True)
    report = JsonlReport(tmp_path, {})
    with pytest.raises(UnwritableReport, match=r"^report: "):
        report.finish(0.0)


def test_junit_counts(tmp_path: Path) -> None:
    """A suite a target, a test a verdict; failures, errors and skips are counted and placed as CI services expect."""
    junit.write(tmp_path / "junit.xml", ALL)
    root = ET.parse(tmp_path / "junit.xml").getroot()
    counts = [[suite.get(k) for k in ("tests", "failures", "errors", "skipped")] for suite in root]
    assert root.tag == "testsuites"
    assert counts == [["2", "1", "0", "0"], ["2", "0", "1", "1"], ["1", "0", "0", "1"]]
    assert [suite.get("name") for suite in root] == [ONE.label, OTHER.label, NOT_RUN.target.label]
    kinds = [[child.tag for child in test] for test in root.iter("testcase")]
    assert kinds == [[], ["failure"], ["error"], ["skipped"], ["skipped"]]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "failed: mean: wrong"
    assert failure.text == FAILED.reproduce
    assert next(test.get("time") for test in root.iter("testcase")) == "0.125"


def test_junit_survives_what_targets_say(tmp_path: Path) -> None:
    """Control characters, surrogates and markup in reasons and paths leave the file well-formed."""
    nasty = Target(f"sub/{NASTY}/vae.py", "numpy")
    junit.write(tmp_path / "junit.xml", [replace(FAILED, reason=NASTY), replace(ERRORED, target=nasty, reason=NASTY)])
    messages = [e.get("message") or "" for e in ET.parse(tmp_path / "junit.xml").getroot().iter() if e.get("message")]
    assert len(messages) == 2
    assert all("🙂" in message and "\x00" not in message for message in messages)


def test_junit_without_verdicts(tmp_path: Path) -> None:
    """Nothing is well-formed too."""
    junit.write(tmp_path / "junit.xml", [])
    assert len(ET.parse(tmp_path / "junit.xml").getroot()) == 0


@pytest.mark.parametrize("module", ["sub dir/vae.py", "it's/vae.py", "$HOME/vae.py", "a;b/vae.py"])
def test_the_command_that_reproduces_can_be_pasted(module: str) -> None:
    """A shell reads the command as it was meant, whatever stands in the path; device and mode are there where they are not usual."""
    verdict = replace(FAILED, target=Target(module, "numpy", device="cuda", mode="compiled"))
    shell = ["sh", "-c", f"conformance() {{ printf '%s\\n' \"$@\"; }}; {verdict.reproduce}"]
    words = subprocess.run(
        shell, capture_output=True, text=True, check=True, env={**os.environ, "HOME": "/root"}
    ).stdout.splitlines()
    assert words == ["reproduce", CASE.id, "--target", module, "--device", "cuda", "--mode", "compiled"]


def test_what_the_verdicts_amount_to() -> None:
    """Failed and errored do not conform; unsupported and not run do; only what was compared was run."""
    assert conforms([PASSED, UNSUPPORTED, NOT_RUN])
    assert not conforms([PASSED, FAILED])
    assert not conforms([PASSED, ERRORED])
    assert was_run([NOT_RUN, ERRORED])
    assert not was_run([NOT_RUN, UNSUPPORTED])
    assert PASSED.reproduce is None


def test_the_suite_is_known_by_what_it_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The digest is that of the sources: another tolerance is another suite, and line ends are none."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "one.py").write_bytes(b"a = 1\n")
    (tmp_path / "tolerance.py").write_bytes(b"b = 2\n")
    monkeypatch.setattr(environment, "_ROOT", tmp_path)
    monkeypatch.setattr(environment, "_SUITE", (tmp_path / "cases", tmp_path / "tolerance.py"))
    digests = [environment.suite()]
    for name, content in (("tolerance.py", b"b = 2\r\n"), ("tolerance.py", b"b = 3\n"), ("cases/two.py", b"")):
        (tmp_path / name).write_bytes(content)
        digests.append(environment.suite())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert all(len(digest) == 12 for digest in digests)
