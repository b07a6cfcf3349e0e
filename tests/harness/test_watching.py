"""A target that ends the process: the command says so, and never looks as if all conformed."""

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
from tests.harness.test_cli_process import COMMAND, KL, ROOT, _run

ENDS = {
    "os._exit(0)": "exit code 0",
    "os._exit(3)": "exit code 3",
    "os.kill(os.getpid(), 9)": "SIGKILL",
    "ctypes.string_at(0)": "SIGSEGV",
    "os.kill(os.getpid(), 15)": "SIGTERM",
}
PREAMBLE = "import ctypes, os\n"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("when", ["asked", "imported"])
def test_a_target_that_ends_the_process(end: str, when: str, tmp_path: Path) -> None:
    """Exit code 2 and one line that names the target, how it ended and what it was run for."""
    source = answering(end) if when == "asked" else end
    path = write(tmp_path, PREAMBLE + source)
    done = _run(tmp_path, *KL, "--target", path, "--framework", "numpy")
    what = "vae_kl_loss was asked" if when == "asked" else "it was imported"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"target: {path} ended the process ({ENDS[end]}) while {what}\n"


def test_what_was_found_until_then_is_in_the_report(tmp_path: Path) -> None:
    """The verdicts of what came before, and an earlier report is not lost."""
    path = write(tmp_path, PREAMBLE + WRONG + "\ndef kl_sparsity_loss(activations, **options): os._exit(0)\n")
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "report.jsonl").write_text("an earlier report\n")
    done = _run(tmp_path, *KL, "--spec", "kl_sparsity_loss", "--target", path, "--report", "r")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith("while kl_sparsity_loss was asked; 2 verdicts are in r/report.unfinished.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "r" / "report.unfinished.jsonl").read_text().splitlines()]
    assert [(line["kind"], line.get("outcome")) for line in lines[1:]] == [("verdict", "failed"), ("verdict", "passed")]
    assert (tmp_path / "r" / "report.jsonl").read_text() == "an earlier report\n"


def test_a_counterexample_for_a_target_that_ends_the_process(tmp_path: Path) -> None:
    """`reproduce` shows the case, then says what happened."""
    done = _run(tmp_path, *KL, "--target", write(tmp_path, WRONG))
    (words,) = [line.split()[1:] for line in done.stdout.splitlines() if "conformance reproduce" in line]
    write(tmp_path, PREAMBLE + answering("os._exit(0)"), "killer.py")
    again = _run(tmp_path, *words[:2], "--target", "killer.py", "--framework", "numpy")
    assert again.returncode == 2
    assert again.stderr == "target: killer.py ended the process (exit code 0) while vae_kl_loss was asked\n"
    assert "mean = " in again.stdout


def test_vectors_for_a_target_that_ends_the_process(tmp_path: Path) -> None:
    """`vectors check` likewise."""
    file = Path(__file__).parents[1] / "vectors" / "vae_kl_loss.float64.json"
    write(tmp_path, PREAMBLE + answering("os._exit(0)"), "killer.py")
    done = _run(tmp_path, "vectors", "check", str(file), "--target", "killer.py", "--framework", "numpy")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "target: killer.py ended the process (exit code 0) while vae_kl_loss was asked\n"


def test_what_is_registered_for_the_end_does_not_change_the_verdict(tmp_path: Path) -> None:
    """The exit code is decided before the target's last word."""
    path = write(tmp_path, PREAMBLE + "import atexit\natexit.register(os._exit, 0)\n" + WRONG)
    done = _run(tmp_path, *KL, "--target", path, "--framework", "numpy")
    assert (done.returncode, done.stderr) == (1, "")
    assert "do not conform" in done.stdout


def test_a_process_that_a_target_starts_is_not_the_command(tmp_path: Path) -> None:
    """A copy of it that ends in good order does not stand for it."""
    source = PREAMBLE + "child = os.fork()\nif not child: raise SystemExit\nos.waitpid(child, 0)\nos._exit(0)\n"
    done = _run(tmp_path, *KL, "--target", write(tmp_path, source), "--framework", "numpy")
    assert done.returncode == 2
    assert "ended the process (exit code 0) while it was imported" in done.stderr


def _waiting(folder: Path, **options: object) -> tuple[subprocess.Popen[str], int]:
    """The command while its target is imported, and the process in which it is."""
    path = write(folder, "import os, time, pathlib\npathlib.Path('loading').write_text(str(os.getpid()))\ntime.sleep(30)")
    words = (*COMMAND, *KL, "--target", path, "--framework", "numpy")
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, cwd=folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
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


def test_ctrl_c_of_a_terminal_is_one_keystroke(tmp_path: Path) -> None:
    """It reaches both processes, and one passes it on: still one sentence."""
    process, _ = _waiting(tmp_path)
    os.killpg(process.pid, signal.SIGINT)  # the test's own session
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (130, "", "Interrupted after 0 verdicts.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_who_ends_the_command_ends_both_processes(number: signal.Signals, tmp_path: Path) -> None:
    """The command ends by that signal, without a word, and nothing is left running."""
    process, inner = _waiting(tmp_path)
    assert inner != process.pid
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (-number, "", "")
    assert _has_gone(inner)


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
    assert done.returncode == 2
    _, hidden, rest = shown.rpartition("\x1b[?25l")
    assert hidden
    assert "\x1b[?25h" in rest
    assert rest.index("\x1b[2K") < rest.index("ended the process")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_there_may_be_nobody_to_tell(redirection: str, tmp_path: Path) -> None:
    """With standard error closed or full the exit code still says it."""
    path = write(tmp_path, PREAMBLE + answering("os._exit(0)"))
    script = f'"$PYTHON" -m conformance {" ".join(KL)} --target {path} --framework numpy {redirection}'
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")


def test_without_room_for_another_process_the_work_goes_on(tmp_path: Path) -> None:
    """Nobody watches then; a verdict is still a verdict."""
    path = write(tmp_path, WRONG)
    code = "import os\ndef fork(): raise BlockingIOError(11, 'no room')\nos.fork = fork\n" + COMMAND[2]
    words = (sys.executable, "-c", code, *KL, "--target", path, "--framework", "numpy")
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_right_target_is_not_spoken_of(tmp_path: Path) -> None:
    """Nothing of all this is seen where nothing happens."""
    done = _run(tmp_path, *KL, "--target", write(tmp_path, RIGHT), "--framework", "numpy")
    assert (done.returncode, done.stderr) == (0, "")
