"""Every target in its place: those of one module and one framework share a process, and no two frameworks do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from conformance.judging.conduct.conduct import first_problem
from conformance.judging.verify import Seat, Vacant, seated_here
from conformance.respondent import frameworks
from conformance.respondent.interview import builder_of
from conformance.targets.target import Target, foreign_device
from conformance.workers import forking
from conformance.workers.target_process import Work
from conformance.workers.worker_subject import MEBIBYTE, Limits, TargetProcess, WorkerSubject
from reference.specification import Spec

# What nobody needs who computes these cases, and most machines have.
_MEMORY = 8192 * MEBIBYTE
# Of the machine's memory, where that is less.
_SHARE = 0.5


def usual_memory() -> int:
    """Bytes that the process of a target may take, where nobody says how many. No matter of how many processes there are."""
    return min(_MEMORY, int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * _SHARE))


class Seats(Mapping[Target, Seat]):
    """Where each target is asked. Who takes a seat finds a process that runs, whatever happened in it before.

    `open_ends` are what this process holds to talk to others, of which a new process lets go.
    """

    def __init__(self, targets: Sequence[Target], specs: Sequence[Spec], limits: Limits, open_ends: list[forking.Closes]) -> None:
        self._vacant = {target: Vacant("not run", reason) for target in targets if (reason := _missing(target)) is not None}
        names = [name for spec in specs for name in (spec.name, builder_of(spec.name))]
        groups: dict[tuple[str, str], list[Target]] = {}
        for target in targets:
            if target not in self._vacant:
                groups.setdefault((target.module, target.framework), []).append(target)
        self._processes: dict[Target, tuple[int, TargetProcess]] = {}
        for group in groups.values():
            work = Work(group, {spec.name: spec for spec in specs if spec.file is None}, names, first_problem)
            process = TargetProcess(work, limits, open_ends)
            self._processes |= {target: (place, process) for place, target in enumerate(group)}

    def wait_until_ready(self) -> None:
        """Until everything is imported. Raises UnusableTarget."""
        for _, process in self._processes.values():
            process.wait_until_ready()

    def __getitem__(self, target: Target) -> Seat:
        if target in self._vacant:
            return self._vacant[target]
        place, process = self._processes[target]
        process.renew()
        process.wait_until_ready()
        if process.fatal is not None:
            return Vacant("errored", f"{getattr(process.fatal, 'sentence', '')} while it was imported", process.fatal)
        reason = process.obstacles[place]
        return Vacant("not run", reason) if reason is not None else WorkerSubject(target, place, process)

    def __iter__(self) -> Iterator[Target]:
        return iter((*self._vacant, *self._processes))

    def __len__(self) -> int:
        return len(self._vacant) + len(self._processes)

    def close(self) -> None:
        """End all processes."""
        for _, process in self._processes.values():
            process.close()


@contextmanager
def seated(targets: Sequence[Target], specs: Sequence[Spec], seconds: float) -> Iterator[Mapping[Target, Seat]]:
    """Seats for who asks from this process; in it, where it has loaded a framework already."""
    if not forking.can_fork():
        yield {target: seated_here(target) for target in targets}
        return
    seats = Seats(targets, specs, Limits(seconds, usual_memory()), [])
    try:
        seats.wait_until_ready()
        yield seats
    finally:
        seats.close()


def _missing(target: Target) -> str | None:
    """Why there is no process for it: what can be said without an import; None if there is one."""
    if target.broken is not None:
        return target.broken
    return frameworks.missing_framework(target.framework) or foreign_device(target)
