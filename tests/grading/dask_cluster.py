"""A dask cluster of the test's own: a scheduler and its machines, each a process of this computer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.architecture.signatures import ROOT

_SECONDS = 60.0


@dataclass
class DaskCluster:
    """Processes that the test may end, and nothing else."""

    address: str
    scheduler: subprocess.Popen[bytes]
    machines: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)  # by dask's name

    def running(self) -> dict[str, list[int]]:
        """The processes that each machine has started and that still run."""
        return {name: _children(machine.pid) for name, machine in self.machines.items() if machine.poll() is None}


@contextmanager
def dask_cluster(folder: Path, machines: int, **settings: str) -> Iterator[DaskCluster]:
    """Start it, wait until every machine has joined, and end it. Settings are dask's own, as environment variables."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "DASK_TEMPORARY_DIRECTORY": str(folder),
        **settings,
    }

    def start(module: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words, "--no-dashboard"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=(folder / "log").open("ab"))

    address_file = folder / "scheduler.json"
    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(address_file))
    made = DaskCluster("", scheduler)
    try:
        _wait_for(address_file.exists, "the scheduler")
        made.address = json.loads(address_file.read_text())["address"]
        for number in range(machines):
            options = ("--name", f"machine-{number}", "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
            made.machines[f"machine-{number}"] = start("dask_worker", made.address, *options)
        from distributed import Client

        with Client(made.address, set_as_default=False) as client:
            client.wait_for_workers(machines, timeout=_SECONDS)
        yield made
    finally:
        _end(*made.machines.values())
        _end(scheduler)  # last, since machines that end take leave of it


def _end(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(ready: object, what: str) -> None:
    assert callable(ready)
    end = time.monotonic() + _SECONDS
    while not ready():
        assert time.monotonic() < end, f"{what} did not start"
        time.sleep(0.1)


def _children(process: int) -> list[int]:
    """Of a process that the test has started itself."""
    return [int(child) for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()]
