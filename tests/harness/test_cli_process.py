"""The command as a process of its own: what a shell sees, Ctrl-C, pipes and encodings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.harness.submissions import RIGHT, WRONG, answering, write

COMMAND = (sys.executable, "-c", "from conformance.__main__ import main; main()")
ROOT = Path(__file__).parents[2]
KL = ("verify", "--spec", "vae_kl_loss", "--dtype", "float64", "--examples", "8")


def _run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run in `folder`, with the streams in pipes."""
    return subprocess.run(
        (*COMMAND, *words), cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--device", "meta", "--mode", "compiled"), "torch is asked on meta in eager mode alone"),
        (("--device", "cpu", "--dtype", "tf32"), "torch computes in tf32 on cuda alone"),
    ],
)
def test_who_can_be_asked_nothing_is_told_why(words: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    """A run without a single case has a judge as any other."""
    pytest.importorskip("torch")
    done = _run(tmp_path, "verify", "--spec", "vae_kl_loss", "--target", "impl_torch", *words)
    assert done.returncode == 2, done.stderr
    assert f"Not offered: vae_kl_loss: {reason}." in " ".join(done.stdout.split())
    assert done.stdout.splitlines()[-1] == "Nothing was checked."


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_the_stream_will_do(encoding: str, tmp_path: Path) -> None:
    """A pipe in another encoding, as on Windows or under LC_ALL=C, and a reason with a lone surrogate: no crash, the right exit code."""
    source = answering("raise ValueError('\\ud800 ✗')")
    done = _run(tmp_path, *KL, "--target", write(tmp_path, source), PYTHONIOENCODING=encoding)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "raised ValueError" in done.stdout


@pytest.mark.slow
def test_the_printed_command_works_in_a_pipe(tmp_path: Path) -> None:
    """A long path with spaces is printed on one line and quoted, so that a shell runs it."""
    path = write(tmp_path, WRONG, "a folder with a rather long name, as the uploads of a course have/and another one/submission.py")
    done = _run(tmp_path, *KL, "--target", path)
    (line,) = [line for line in done.stdout.splitlines() if "conformance reproduce" in line]
    script = line.strip().replace("conformance", '"$PYTHON" -c "from conformance.__main__ import main; main()"', 1)
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


@pytest.mark.slow
def test_ctrl_c_keeps_what_there_is(tmp_path: Path) -> None:
    """Exit 130, the table of what is known, one sentence, a report of valid lines without a footer; what failed so far can be reproduced."""
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
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "✗ vae_kl_loss value" in output
    assert "checks do not conform" in output
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


def test_ctrl_c_during_the_imports(tmp_path: Path) -> None:
    """Before the command line itself is there, exit 130 and one word, even if what is imported would swallow the interrupt."""
    waiting = (
        "import pathlib, time\npathlib.Path('importing').touch()\ntry: time.sleep(30)\nexcept BaseException: raise ImportError"
    )
    write(tmp_path, waiting, "typer.py")
    process = subprocess.Popen(
        (sys.executable, "-m", "conformance", "list"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    deadline = time.monotonic() + 50
    while not (tmp_path / "importing").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (130, "", "Interrupted.\n")


def test_the_installed_command_starts_there_too() -> None:
    """The command that pip installs begins with the module that imports nothing."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"] == {
        "conformance": "conformance.__main__:main"
    }


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="not run: there is no /dev/full here")
@pytest.mark.parametrize("words", [("list",), ("--version",), (*KL, "--target", "submission.py")])
def test_an_output_that_is_full(words: tuple[str, ...], tmp_path: Path) -> None:
    """Exit 2 and one line, not a traceback and not the verdict's exit code."""
    write(tmp_path, RIGHT)
    with open("/dev/full", "w") as full:
        done = subprocess.run((*COMMAND, *words), cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "output: cannot be written: No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("words", [("list",), (*KL, "--target", "submission.py")])
def test_a_reader_that_has_gone(words: tuple[str, ...], tmp_path: Path) -> None:
    """As in `| head`: silence, and the exit code by which a shell knows it."""
    write(tmp_path, RIGHT)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run((*COMMAND, *words), cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("redirection", [">&-", "2>&-"])
def test_a_stream_that_is_closed(redirection: str, tmp_path: Path) -> None:
    """There is nowhere to write, and nothing to complain about."""
    script = f'"$PYTHON" -m conformance --version {redirection}'
    done = subprocess.run(
        ["sh", "-c", script], cwd=ROOT, env={**os.environ, "PYTHON": sys.executable}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def _installed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script that stands elsewhere, as pip installs one: the current folder is not on the import path."""
    script = write(folder.parent, "from conformance.__main__ import main\nmain()", "bin/script.py")
    return subprocess.run(
        (sys.executable, script, *words), cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.slow
def test_a_module_of_the_current_folder(tmp_path: Path) -> None:
    """The installed command finds a file, a package and a part of a package by name, as `python -m conformance` does."""
    here = tmp_path / "here"
    write(here, RIGHT, "single.py")
    write(here, "from single import *", "parcel/__init__.py")
    write(here, "from parcel import vae_kl_loss, vae_kl_loss_vjp", "parcel/inner.py")
    for name in ("single", "parcel", "parcel.inner"):
        done = _installed(here, *KL, "--target", name, "--framework", "numpy")
        assert (done.returncode, done.stderr) == (0, ""), name


@pytest.mark.slow
def test_nothing_in_the_current_folder_takes_the_place_of_what_is_installed(tmp_path: Path) -> None:
    """A file called like a library is not imported in its stead, whichever target is named."""
    here = tmp_path / "here"
    for name in ("numpy.py", "json.py", "tabnanny.py"):
        write(here, "raise SystemExit('taken over')", name)
    write(here, f"import tabnanny\n{RIGHT}", "single.py")
    assert _installed(here, *KL, "--target", "single").returncode == 0
    assert "taken over" not in _installed(here, *KL, "--target", "json").stderr
