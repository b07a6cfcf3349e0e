"""Where a class outgrows one machine: nothing is lost with a machine, and what cannot be is said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.errors import NoIsolation, UnusableCluster
from conformance.grading import grade_file
from conformance.grading.assignment.assignment_file import parse
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Grade
from conformance.grading.sandbox.judge.isolation_probe import probe
from conformance.grading.scoring.on_a_cluster import cluster as cluster_of
from tests.architecture.signatures import ROOT
from tests.grading.dask_cluster import DaskCluster, dask_cluster
from tests.grading.in_process_workers import RIGHT

pytest.importorskip("distributed", reason="not run: distributed is not installed")
ASSIGNMENT = 'title = "Cluster"\ncases = 8\n[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }\n'
COUNT = 12
_NO_WALLS = ("--isolation", "process")  # what they cost has no part in what is tested


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of twelve that take a moment each, half of them right; the assignment and a secret."""
    for number in range(COUNT):
        source = RIGHT if number % 2 else RIGHT.replace("0.5 * (mean", "(mean", 1)
        (tmp_path / "class" / f"s{number}").mkdir(parents=True)
        (tmp_path / "class" / f"s{number}" / "submission.py").write_text(f"import time\ntime.sleep(0.3)\n# {number}\n{source}")
    (tmp_path / "a.toml").write_text(ASSIGNMENT)
    (tmp_path / "seed").write_text("secret")
    return tmp_path


def _start(folder: Path, out: str, *words: str) -> subprocess.Popen[str]:
    """`conformance grade` with those words."""
    command = [sys.executable, "-m", "conformance", "grade", "class", "--assignment", "a.toml", "--seed-file", "seed", "--out", out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen([*command, *words], cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def _walls() -> tuple[str, ...]:
    """The best that this computer has."""
    try:
        probe()
    except NoIsolation:
        return _NO_WALLS
    return ()


def _finish(started: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = started.communicate(timeout=150)
    return started.returncode, out, err


def _busy(cluster: DaskCluster, folder: Path, out: str) -> str:
    """Wait until some are graded, and a machine is at work on another; its name."""
    from distributed import Client

    end = time.monotonic() + 60
    with Client(cluster.address, set_as_default=False) as client:
        while time.monotonic() < end:
            if len(list((folder / out).glob(f"*/{grade_file.FILE}"))) >= 2:
                names = {address: info["id"] for address, info in client.scheduler_info(n_workers=-1)["workers"].items()}
                busy = [names[address] for address, tasks in client.processing().items() if tasks]
                if busy:
                    return busy[0]
            time.sleep(0.05)
    raise AssertionError("no machine was at work")


def _judged(folder: Path) -> dict[str, Grade]:
    """The grades, without what may differ between two machines."""
    return {n: g.model_copy(update={"seconds": 0.0, "versions": {}}) for n, g in grade_file.read_all(folder).items()}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), 3) as made:
        yield made


def test_nothing_is_lost_with_a_machine(cluster: DaskCluster, folder: Path) -> None:
    """One of three is killed at work; every grade is that of a run on this computer alone, and the others have nothing left running."""
    walls = _walls()
    run = _start(folder, "there", "--scheduler", cluster.address, *walls)
    lost = _busy(cluster, folder, "there")
    cluster.machines[lost].kill()
    before = len(list((folder / "there").glob(f"*/{grade_file.FILE}")))
    code, out, err = _finish(run)
    assert (code, err) == (0, "")
    assert f"{COUNT} submissions graded" in out
    assert before < COUNT, "the machine was lost after the last submission"
    assert _finish(_start(folder, "here", *walls))[0] == 0
    there, here = _judged(folder / "there"), _judged(folder / "here")
    assert len(there) == COUNT
    assert there == here
    assert {grade.score for grade in there.values()} == {0.0, 4.0}
    assert cluster.machines[lost].poll() is not None
    assert cluster.running() == {name: [] for name in cluster.machines if name != lost}


def test_machines_without_walls_are_not_used(cluster: DaskCluster, folder: Path) -> None:
    """It is their walls that count, and they say what is missing."""
    code, out, err = _finish(_start(folder, "out", "--scheduler", cluster.address, "--isolation", "paper"))
    assert (code, out) == (2, "")
    assert err.startswith("scheduler: on one of its machines isolation: expected one of bubblewrap, ")
    assert len(err.splitlines()) == 1


def test_a_machine_lost_too_often_is_no_zero_and_a_lost_scheduler_is_one_line(tmp_path: Path, folder: Path) -> None:
    """Where dask gives up on a task the submission has no score, and --resume grades it; where the cluster ends, it grades the rest."""
    (tmp_path / "dask").mkdir()
    with dask_cluster(tmp_path / "dask", 2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as cluster:
        words = ("--scheduler", cluster.address, *_NO_WALLS)
        run = _start(folder, "out", *words)
        cluster.machines[_busy(cluster, folder, "out")].kill()
        code, _, err = _finish(run)
        assert (code, err) == (1, "")
        given = grade_file.read_all(folder / "out")
        lost = {name for name, grade in given.items() if grade.status == "grader-error"}
        assert 0 < len(lost) < COUNT
        assert {given[name].score for name in lost} == {None}
        assert all("KilledWorker" in given[name].notes[-1] for name in lost)

        for name in [*given][: COUNT - 2]:
            (folder / "out" / name / grade_file.FILE).unlink()
        run = _start(folder, "out", "--resume", *words)
        _busy(cluster, folder, "out")
        cluster.scheduler.kill()
        code, out, err = _finish(run)
        assert (code, out) == (2, "")
        assert err.startswith(f"scheduler: lost '{cluster.address}' after ")
        assert len(err.splitlines()) == 1
    assert _finish(_start(folder, "out", "--resume", *_NO_WALLS))[0] == 0
    scores = [grade.score for grade in grade_file.read_all(folder / "out").values()]
    assert sorted(scores) == [0.0] * 6 + [4.0] * 6  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--scheduler", "tcp://127.0.0.1:1"), "scheduler: expected a dask scheduler at 'tcp://127.0.0.1:1', reached none"),
        (("--scheduler", "here"), "scheduler: expected an address such as tcp://host:8786, got 'here'"),
        (("--scheduler", ""), "scheduler: expected an address such as tcp://host:8786, got ''"),
        (("--scheduler", "tcp://a:1", "--jobs", "2"), "jobs: expected none with --scheduler, whose machines say how many"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line(
    folder: Path, words: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And exit code 2."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("conformance.grading.scoring.on_a_cluster._SECONDS_TO_CONNECT", 1)
    result = CliRunner().invoke(app, ["grade", "class", "--assignment", "a.toml", "--seed-file", "seed", "--out", "out", *words])
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert result.stderr.startswith(expected)


def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an optional part of an optional part."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnusableCluster, match=r"expected distributed to be installed, found none; pip install '.*\[cluster\]'"):
        cluster_of(SeededAssignment(parse(ASSIGNMENT, "a"), b"secret"), None, "tcp://127.0.0.1:1").__enter__()
