"""The command as a process of its own: what a shell sees, Ctrl-C, pipes and encodings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness.submissions import RIGHT, WRONG, answering, write

COMMAND = (sys.executable, "-c", "from conformance.cli import main; main()")
KL = ("verify", "--spec", "vae_kl_loss", "--dtype", "float64", "--examples", "8")


def _run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run in `folder`, with the streams in pipes."""
    return subprocess.run(
        (*COMMAND, *words), cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )


def test_the_exit_codes_of_a_process(tmp_path: Path) -> None:
    """0 where all conform, 1 where something differs, 2 where nothing could run, and no traceback in any."""
    codes = []
    for source, words in ((RIGHT, ()), (WRONG, ()), ("raise SystemExit(0)", ())):
        done = _run(tmp_path, *KL, *words, "--target", write(tmp_path, source))
        codes.append(done.returncode)
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        assert (done.stderr == "") == (done.returncode != 2)
    assert codes == [0, 1, 2]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_the_stream_will_do(encoding: str, tmp_path: Path) -> None:
    """A pipe in another encoding, as on Windows or under LC_ALL=C, and a reason with a lone surrogate: no crash, the right exit code."""
    source = answering("raise ValueError('\\ud800 ✗')")
    done = _run(tmp_path, *KL, "--target", write(tmp_path, source), PYTHONIOENCODING=encoding)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "raised ValueError" in done.stdout


def test_the_printed_command_works_in_a_pipe(tmp_path: Path) -> None:
    """A long path with spaces is printed on one line and quoted, so that a shell runs it."""
    path = write(tmp_path, WRONG, "a folder with a rather long name, as the uploads of a course have/and another one/submission.py")
    done = _run(tmp_path, *KL, "--target", path)
    (line,) = [line for line in done.stdout.splitlines() if "conformance reproduce" in line]
    script = line.strip().replace("conformance", '"$PYTHON" -c "from conformance.cli import main; main()"', 1)
    again = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    assert "does not conform" in again.stdout


def test_ctrl_c_keeps_what_there_is(tmp_path: Path) -> None:
    """Exit 130, one sentence, an unfinished report with valid lines and no footer, and what failed so far can be reproduced."""
    path = write(tmp_path, "import time\n" + WRONG + "\ndef kl_sparsity_loss(activations, **options): time.sleep(0.05)\n")
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "report.jsonl").write_text("an earlier report\n")
    words = ("verify", "--dtype", "float64", "--target", path, "--report", "r", "--examples", "2000")
    specs = ("--spec", "vae_kl_loss", "--spec", "kl_sparsity_loss")
    process = subprocess.Popen((*COMMAND, *words, *specs), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    report, deadline = tmp_path / "r" / "report.unfinished.jsonl", time.monotonic() + 50
    while not (report.exists() and report.read_text().count('"verdict"') == 2):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    (sentence,) = errors.splitlines()
    assert sentence.startswith("Interrupted after 2 verdicts")
    assert "report.unfinished.jsonl" in sentence
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["header", "verdict", "verdict"]
    assert (tmp_path / "r" / "report.jsonl").read_text() == "an earlier report\n"
    again = _run(tmp_path, *lines[1]["reproduce"].split()[1:])
    assert (again.returncode, again.stderr) == (1, "")


def test_ctrl_c_without_a_report(tmp_path: Path) -> None:
    """While frameworks are loaded, too: exit 130 and one sentence."""
    path = write(tmp_path, "import numpy, time, pathlib\npathlib.Path('loading').touch()\ntime.sleep(30)")
    process = subprocess.Popen(
        (*COMMAND, *KL, "--target", path), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 50
    while not (tmp_path / "loading").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (130, "")
    assert errors == "Interrupted after 0 verdicts.\n"
