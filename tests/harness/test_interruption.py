"""How the command ends while its targets are in processes of their own: by Ctrl-C, by a signal, with nobody to tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness.submissions import WRONG, answering, write
from tests.harness.test_cli_process import COMMAND, KL, ROOT
from tests.harness.test_jobs import PREAMBLE, TWO, _lines


def _waiting(folder: Path, *words: str) -> tuple[subprocess.Popen[str], int]:
    """The command while its target is imported, and the process in which it is."""
    path = write(folder, "import os, time, pathlib\npathlib.Path('loading').write_text(str(os.getpid()))\ntime.sleep(30)")
    command = (*COMMAND, *KL, "--target", path, "--framework", "numpy", *words)
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    end = time.monotonic() + 50
    while not ((folder / "loading").exists() and (folder / "loading").read_text()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return process, int((folder / "loading").read_text())


def _has_gone(process: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("jobs", ["0", "2"])
def test_ctrl_c_of_a_terminal_is_one_keystroke(jobs: str, tmp_path: Path) -> None:
    """It reaches all processes of the terminal, and one answers; nothing is left running."""
    process, inner = _waiting(tmp_path, "--jobs", jobs)
    assert (inner == process.pid) == (jobs == "0")
    os.killpg(process.pid, signal.SIGINT)  # the test's own session
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (130, "", "Interrupted after 0 verdicts.\n")
    assert _has_gone(inner)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_who_ends_the_command_ends_all_processes(number: signal.Signals, tmp_path: Path) -> None:
    """The command ends by that signal, without a word, and nothing is left running."""
    process, inner = _waiting(tmp_path)
    assert inner != process.pid
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (-number, "", "")
    assert _has_gone(inner)


def test_what_is_known_at_ctrl_c_is_in_order(tmp_path: Path) -> None:
    """Verdicts are written as they are reached; the table shows them in the order of the specifications."""
    slow = "\ndef kl_sparsity_loss(activations, **options): time.sleep(0.5)\n"
    path = write(tmp_path, PREAMBLE + WRONG + slow)
    words = ("verify", *TWO, "--examples", "2000", "--target", path, "--report", "r", "--jobs", "2")
    process = subprocess.Popen((*COMMAND, *words), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    unfinished, end = tmp_path / "r" / "report.unfinished.jsonl", time.monotonic() + 50
    while not (unfinished.exists() and unfinished.read_text().count('"verdict"') == 2):
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "✗ vae_kl_loss value" in output
    assert errors.startswith("Interrupted after 2 verdicts; ")
    assert [line["kind"] for line in _lines(tmp_path / "r", unfinished.name)] == ["header", "verdict", "verdict"]


def test_a_terminal_is_left_as_it_was(tmp_path: Path) -> None:
    """The line of the progress bar is cleared, and the cursor shown again."""
    path = write(tmp_path, PREAMBLE + answering("os._exit(0)"))
    reading, writing = os.openpty()
    words = (*COMMAND, *KL, "--target", path, "--framework", "numpy")
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    done = subprocess.run(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=writing, env=environment, timeout=60, check=False)
    os.close(writing)
    shown = os.read(reading, 65536).decode()
    os.close(reading)
    assert done.returncode == 1
    _, hidden, rest = shown.rpartition("\x1b[?25l")
    assert hidden
    assert "\x1b[?25h" in rest
    assert "\x1b[2K" in rest


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_there_may_be_nobody_to_tell(redirection: str, tmp_path: Path) -> None:
    """With standard error closed or full the exit code still says it."""
    path = write(tmp_path, PREAMBLE + answering("os._exit(0)"))
    script = f'"$PYTHON" -m conformance {" ".join(KL)} --target {path} --framework numpy {redirection}'
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ended its process (exit code 0)" in done.stdout
