"""Grading on a dask.distributed cluster: every machine of it keeps running workers of its own and judges what it is sent.

Submissions travel as bytes inside dask's own messages, between machines that the teacher trusts, with the assignment and the secret;
foreign code still runs only behind the walls of the machine where it is graded. A task whose machine is lost is given to another one.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import re
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from conformance.errors import NoIsolation, UnusableCluster
from conformance.grading.assignment.assignment import Assignment
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Submission
from conformance.grading.sandbox import LEVELS, Isolation
from conformance.grading.sandbox.judge.isolation_probe import probe
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.grading.scoring.one_submission import grade_submission, workers_for
from conformance.grading.scoring.whole_class import Grader
from conformance.respondent.printable import one_line

_SECONDS_TO_CONNECT = 10
# dask itself is refused an address in several lines, and after half a minute.
_ADDRESS = re.compile(r"((tcp|tls|ws|wss)://)?(\[[0-9a-fA-F:.]+\]|[\w.-]+):[0-9]{1,5}")
# What these log is said in one line where it matters; tornado logs what dask's own timers raise after the scheduler is gone.
_LOGS = ("distributed", "distributed.client", "tornado.application")
_ASIDE = "pip install 'autoencoder-conformance[cluster]'"


@dataclass(frozen=True)
class Task:
    """What every machine is told of a run: who runs it, what is asked, and the walls that all machines have."""

    run: str
    assignment: Assignment
    secret: bytes
    level: str


@contextmanager
def cluster(seeded_assignment: SeededAssignment, level: str | None, address: str) -> Iterator[tuple[Grader, Isolation, int]]:
    """Who takes submissions, the walls of the machines (where they differ, the weakest), and how many they grade at a time.

    Raises:
        UnusableCluster: dask.distributed is not installed, nothing answers at the address, or its machines cannot grade.
    """
    with _client(address) as client:
        walls, threads = _machines(client, level)
        task = Task(secrets.token_hex(), seeded_assignment.assignment, seeded_assignment.secret, walls.level)
        pool = client.get_executor(pure=False)

        def grader(submission: Submission | Refused) -> Future[Grade]:
            if client.status == "closed":
                raise CancelledError
            # The files as a plain dictionary: their read-only view cannot be pickled.
            return pool.submit(
                grade_there,
                task,
                replace(submission, files=dict(submission.files)) if isinstance(submission, Submission) else submission,
            )

        try:
            yield grader, walls, threads
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone, and with it all that could be ended
                pool.shutdown(wait=False)
                client.run(close_there, task.run, on_error="ignore")


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UnusableCluster(f"scheduler: expected {error.name} to be installed, found none; {_ASIDE}") from error
    if not _ADDRESS.fullmatch(address):
        raise UnusableCluster(f"scheduler: expected an address such as tcp://host:8786, got {address!r}")
    for name in _LOGS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise UnusableCluster(f"scheduler: expected a dask scheduler at {address!r}, reached none") from error
    try:
        yield client
    finally:
        client.close(timeout=1)


def _machines(client: Any, level: str | None) -> tuple[Isolation, int]:
    """The weakest walls of all machines, and how many submissions they grade at a time."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
        answers: list[Isolation | str] = list(client.run(walls_there, level).values())
    except TimeoutError as error:
        raise UnusableCluster("scheduler: expected machines that grade, found none") from error
    except Exception as error:  # one of them has another version of this project, or none
        problem = one_line(f"{type(error).__name__}: {error}")
        raise UnusableCluster(f"scheduler: expected this project on every machine of the cluster; one answers {problem}") from error
    for walls in answers:
        if isinstance(walls, str):
            raise UnusableCluster(f"scheduler: on one of its machines {walls}")
    walls = max((walls for walls in answers if isinstance(walls, Isolation)), key=lambda walls: LEVELS.index(walls.level))
    return walls, sum(client.nthreads().values())


async def walls_there(level: str | None) -> Isolation | str:
    """On a machine of the cluster: its walls, or why it has none. Building them takes seconds, in which it must stay reachable."""
    try:
        return await asyncio.to_thread(probe, level)
    except NoIsolation as error:
        return str(error)


# On a machine of the cluster: the running workers of every run that is going on.
_workers: dict[str, Workers] = {}
_lock = threading.Lock()


def grade_there(task: Task, submission: Submission | Refused) -> Grade:
    """On a machine of the cluster: grade one submission; the running workers stay for the next. Raises NoIsolation."""
    from distributed import get_worker

    with _lock:
        if task.run not in _workers:
            threads = get_worker().state.nthreads
            _workers[task.run] = workers_for(task.assignment, probe(task.level), threads)
            atexit.register(close_there, task.run)
    return grade_submission(_workers[task.run], SeededAssignment(task.assignment, task.secret), submission)


def close_there(run: str) -> None:
    """On a machine of the cluster: end the running workers of a run."""
    with _lock:
        workers = _workers.pop(run, None)
    if workers is not None:
        workers.close()
