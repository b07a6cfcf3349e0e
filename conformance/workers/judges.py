"""A run shared by several judges: processes that each take one specification in one dtype at a time, and hand back its verdicts.

A share is judged by one judge on all targets, so its cases and expectations are made once. What it is given and says is pickled: no
judge holds foreign code. Which judge has which share decides nothing: a share finds a process that runs, whatever ran there before.
"""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

from threadpoolctl import threadpool_limits

from conformance.cases.kinds import kind_of
from conformance.errors import NotRun, UserError
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import Diagnose, Vacant, case_count, verify_share
from conformance.targets.target import Target
from conformance.workers import forking
from conformance.workers.exits import crashed
from conformance.workers.seats import Seats
from conformance.workers.worker_subject import Limits
from reference.specification import Spec

# A judge more costs the import of a framework, which is worth so many cases of a formula.
_WORTH_A_JUDGE = 2000
# Seconds between two words of a judge on how far it is.
_BETWEEN_WORDS = 0.1
# A judge that has nothing left to do ends its targets and itself.
_SECONDS_TO_END = 5.0


# What a judge says: ("seated", targets that can be asked), ("cases", [((name of the specification, target), count), ...]), ("verdict", one),
# ("done", None) and ("raised", an exception). What it is told: the number of a share, None if there is none left.
_Word = tuple[str, Any]


@dataclass(frozen=True)
class _Judge:
    """A judge as the one who shares out the run sees it."""

    process: int
    connection: Connection


class Judges:
    """The judges of a run, at work as soon as they are made; a context manager, which ends them.

    plan      what is judged
    jobs      how many there are at most; no more are started than have something to do
    memory    bytes that the process of a target may take
    diagnose  explains failures

    Raises:
        NotRun: a process cannot be started.
    """

    def __init__(self, plan: Plan, jobs: int, memory: int, diagnose: Diagnose | None) -> None:
        self._dismissed = set[int]()
        self._specs = {spec.name: spec for spec in plan.specs}
        self._waiting, self._judges, self._open_ends = _costly_first(plan), list[_Judge](), list[forking.Closes]()
        try:
            for _ in range(min(jobs, len(self._waiting), _worth(plan))):
                self._start(plan, Limits(plan.seconds, memory), diagnose)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def verdicts(
        self, on_case: Callable[[Spec, Target], None], on_seated: Callable[[Collection[Target]], None]
    ) -> Iterator[Verdict]:
        """Those that `verify` would give, in the order in which they are reached. `on_seated` is told which targets can be asked.

        Raises:
            UnusableTarget: a target does not import. It is raised before the first verdict.
            NotRun: a judge has ended.
        """
        running = {judge.connection: judge for judge in self._judges}
        while running:
            for connection in wait(list(running)):
                assert isinstance(connection, Connection)
                kind, content = self._word_of(running[connection])
                if kind == "verdict":
                    yield content
                elif kind == "cases":
                    for (name, target), count in content:
                        for _ in range(count):
                            on_case(self._specs[name], target)
                elif kind == "raised":
                    raise content
                else:
                    if kind == "seated":
                        on_seated(content)
                    share = self._waiting.pop(0) if self._waiting else None
                    connection.send(share)
                    if share is None:
                        self._dismissed.add(running.pop(connection).process)

    def close(self) -> None:
        """End them, whatever they do, and with them the processes of targets."""
        while self._judges:
            judge = self._judges.pop()
            forking.end(judge.process, _SECONDS_TO_END if judge.process in self._dismissed else 0.0)
            judge.connection.close()

    def _start(self, plan: Plan, limits: Limits, diagnose: Diagnose | None) -> None:
        ours, theirs = Pipe()
        with theirs:
            self._open_ends.append(ours)
            process = forking.fork(lambda: _judge(plan, limits, diagnose, theirs), self._open_ends)
        self._judges.append(_Judge(process, ours))

    def _word_of(self, judge: _Judge) -> _Word:
        try:
            return judge.connection.recv()
        except (EOFError, OSError):
            self._judges.remove(judge)
            how = crashed(forking.end(judge.process)).how
            raise NotRun(f"jobs: a process that judges has ended ({how}); --jobs 0 judges in this one") from None


def _judge(plan: Plan, limits: Limits, diagnose: Diagnose | None, connection: Connection) -> None:
    """The life of a judge."""
    try:
        _judge_shares(plan, limits, diagnose, connection)
    except EOFError:  # nobody is left to hear of it
        return
    except Exception as error:
        connection.send(("raised", _carried(error)))


def _carried(error: Exception) -> Exception:
    """What a user has caused as it is; what nobody has thought of, with the place where it happened."""
    if isinstance(error, UserError):
        return error
    return RuntimeError(f"in a process that judges:\n{''.join(traceback.format_exception(error))}")


def _judge_shares(plan: Plan, limits: Limits, diagnose: Diagnose | None, connection: Connection) -> None:
    counts: Counter[tuple[str, Target]] = Counter()
    told = time.monotonic()

    def tell_cases() -> None:
        nonlocal told
        told = time.monotonic()
        connection.send(("cases", list(counts.items())))
        counts.clear()

    def on_case(spec: Spec, target: Target) -> None:
        counts[spec.name, target] += 1
        if time.monotonic() - told > _BETWEEN_WORDS:
            tell_cases()

    everything = plan.shares
    seats = Seats(plan.targets, plan.specs, limits, [connection])
    seats.wait_until_ready()
    connection.send(("seated", [target for target in plan.targets if not isinstance(seats[target], Vacant)]))
    # One thread: matrices are small, and the order of sums must not depend on the number of cores.
    with threadpool_limits(1):
        while (share := connection.recv()) is not None:
            spec, dtype = everything[share]
            for verdict in verify_share(plan, seats, spec, dtype, on_case, diagnose):
                connection.send(("verdict", verdict))
            tell_cases()
            connection.send(("done", None))
    seats.close()


def _costly_first(plan: Plan) -> list[int]:
    """The shares by number, those of models first: what is begun last should be done soon."""
    everything = plan.shares
    return sorted(range(len(everything)), key=lambda number: not kind_of(everything[number][0]).measured)


def _worth(plan: Plan) -> int:
    """How many judges have enough to do: a model keeps one busy, a formula does not."""
    models = sum(kind_of(spec).measured for spec, _ in plan.shares)
    cheap = replace(plan, specs=[spec for spec in plan.specs if not kind_of(spec).measured])
    # One at least: where nothing can be asked somebody has to say why.
    return max(1, models + math.ceil(case_count(cheap, lambda target: target.broken is None) / _WORTH_A_JUDGE))
