"""Grading on a dask.distributed cluster: every machine of it keeps warm workers of its own and judges what it is sent.

Submissions travel as bytes inside dask's own messages, between machines that the teacher trusts, with the assignment and the secret;
foreign code still runs only behind the walls of the machine where it is graded. A task whose machine is lost is given to another one.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from conformance.grading.assignment import Assignment
from conformance.grading.batch import Marker
from conformance.grading.course import Course
from conformance.grading.grade_report import Grade
from conformance.grading.isolation import Isolation
from conformance.grading.marking import mark, workers_for
from conformance.grading.submissions import Refused, Submission
from conformance.grading.workers.pool import Workers
from conformance.grading.workers.probe import probe

_SECONDS_TO_CONNECT = 10
# How often a task may lose the machine that it runs on.
_RETRIES = 3
_workers: dict[tuple[str, str], Workers] = {}


class UnusableCluster(ValueError):
    """There is no cluster at the address, or nothing to speak to it with; the message is one line."""


@contextmanager
def cluster(course: Course, level: str | None, address: str) -> Iterator[tuple[Marker, Isolation]]:
    """Submissions go wherever there is room.

    Raises:
        UnusableCluster: dask.distributed is not installed, or nothing answers at the address.
        NoIsolation: there are no such walls on its machines.
    """
    client = _client(address)
    try:
        pool = client.get_executor(pure=False, retries=_RETRIES)
        isolation = pool.submit(probe, level).result()

        def marker(taken: Submission | Refused) -> Future[Grade]:
            sent = replace(taken, files=dict(taken.files)) if isinstance(taken, Submission) else taken
            return pool.submit(mark_there, course.assignment, course.secret, isolation, sent)

        yield marker, isolation
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        message = f"scheduler: expected {error.name} to be installed, found none; pip install 'autoencoder-conformance[cluster]'"
        raise UnusableCluster(message) from error
    try:
        return Client(address, timeout=_SECONDS_TO_CONNECT)
    except (OSError, TimeoutError, ValueError) as error:
        raise UnusableCluster(f"scheduler: expected a dask scheduler at {address!r}, reached none") from error


def mark_there(assignment: Assignment, secret: bytes, isolation: Isolation, taken: Submission | Refused) -> Grade:
    """What a machine of the cluster does: its warm workers stay for the next submission."""
    course = Course(assignment, secret)
    key = (course.assignment_hash, isolation.level)
    if key not in _workers:
        _workers[key] = workers_for(assignment, isolation, 1)
        atexit.register(_workers[key].close)
    return mark(_workers[key], course, taken)
