"""A target in a process of its own, as the judge meets it: a `Subject` like any other."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from conformance.errors import UnusableTarget
from conformance.respondent.interview import Question, builder_of
from conformance.respondent.offers import Offered
from conformance.respondent.packed_values import Malformed
from conformance.respondent.responses import Crashed, OverLimit, ProtocolError, Response, TimedOut
from conformance.targets.subject import Responses
from conformance.targets.target import Target
from conformance.workers import forking, target_process
from conformance.workers.channel import Broken, Channel, Ended
from conformance.workers.exits import crashed
from conformance.workers.replies import read_answers, read_offers
from reference.specification import Quantity, Spec

MEBIBYTE = 2**20
# The target's process keeps the time first; one that does not, since it is in C, is ended so much later.
_GRACE = 2.0
# Importing a module may take as long as so many cases, or so many seconds if that is more; loading a framework these: the machine may be busy.
_CASES_TO_IMPORT, _SECONDS_TO_IMPORT, _SECONDS_TO_LOAD = 10, 30.0, 300.0
# A process that closes its socket is about to end, and has so many seconds to do it by itself, so that its exit code is its own.
_SECONDS_TO_END = 1.0
# Seconds after which a process that always answers at once is looked at, too.
_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True)
class Limits:
    """What a target's process may take: seconds a case, and bytes of memory."""

    seconds: float
    memory: int


class TargetProcess:
    """The process of one module in one framework, and what came after it where it ended.

    obstacles  why a target cannot run here, None for one that can; as the targets of the work
    fatal      how the process ended while it was made ready, so that there is nothing to be asked; None if it is
    """

    def __init__(self, work: target_process.Work, limits: Limits, open_ends: list[forking.Closes]) -> None:
        self.work, self._limits, self._open_ends = work, limits, open_ends
        self.obstacles: list[str | None] = [None] * len(work.targets)
        self.offers: Mapping[str, Offered] = {}
        self.fatal: Response | None = None
        self._cause: Response | None = None
        self._restarts = 0
        self._was_ready = False
        self._start()

    def wait_until_ready(self) -> None:
        """Until framework and module are imported. Raises UnusableTarget if the module is not what can be imported."""
        if self._is_ready or self._cause is not None:
            return
        obstacles = self._within(_SECONDS_TO_LOAD, lambda: self._channel.receive(0, _SECONDS_TO_LOAD))
        seconds = max(self._limits.seconds * _CASES_TO_IMPORT, _SECONDS_TO_IMPORT)
        report = None if self._cause is not None else self._put({"import": True}, seconds)
        if self._cause is None:
            try:
                refused, offers = cast(list[Any], report)
                self.obstacles, self.offers = list(cast(list[Any], obstacles)), read_offers(offers)
            except (Malformed, TypeError, ValueError):
                refused = self._end(ProtocolError("its import was described by something that is no description"))
            if refused is not None and self._was_ready:
                self._end(ProtocolError(f"imported again, it is another: {refused}"))
            elif refused is not None:
                raise UnusableTarget(str(refused))
        self.fatal = self._cause
        self._is_ready = self._was_ready = self._cause is None

    def renew(self) -> None:
        """Before another specification: a process that has ended is started again, and once more while that is asked."""
        self._restarts = 1
        if self._cause is not None and self.fatal is None:
            self._start()

    def ask(self, body: Mapping[str, Any], seconds: float) -> Any:
        """What it answers, or the response that its silence is."""
        if self._cause is not None and self.fatal is None and self._restarts:
            self._restarts -= 1
            self._start()
        self.wait_until_ready()
        answer = None if self._cause is not None else self._put({**body, "seconds": seconds}, seconds)
        return answer if self._cause is None else self._cause

    def refuse(self, problem: str) -> Response:
        """End it for what it answered."""
        self._end(ProtocolError(problem))
        assert self._cause is not None
        return self._cause

    def close(self) -> None:
        """End it. Not a fault of the target, so nothing is concluded from how it ended."""
        if self._cause is None:
            self._end(Crashed("closed"))

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._open_ends.append(ours)
            self._process = forking.fork(lambda: target_process.serve(theirs, self.work), [*self._open_ends])
        self._connection, self._channel = ours, Channel(ours, look=self._look)
        self._cause, self._is_ready, self._looked = None, False, time.monotonic()

    def _put(self, body: Mapping[str, Any], seconds: float) -> Any:
        """The answer to a question; None, and a cause, as for `_within`."""

        def action() -> Any:
            if time.monotonic() - self._looked > _BETWEEN_LOOKS:
                self._look()
            return self._channel.ask(Channel.draw(), body, seconds + _GRACE)

        return self._within(seconds, action)

    def _within(self, seconds: float, action: Any) -> Any:
        """What the action returns; None, and a cause, if the process ended or had to be ended."""
        try:
            return action()
        except Ended:
            self._end(None)
        except Broken as broken:
            self._end(TimedOut(seconds) if isinstance(broken.response, TimedOut) else broken.response)
        return None

    def _look(self) -> None:
        """Raises Ended where the process has, though a copy of it may hold the socket; Broken where it takes too much memory."""
        self._looked = time.monotonic()
        if forking.has_ended(self._process):
            raise Ended
        if _memory_of(self._process) > self._limits.memory:
            raise Broken(OverLimit(f"{self._limits.memory / MEBIBYTE:g} MiB of memory"))

    def _end(self, cause: Response | None) -> None:
        """End the process and remember why; without a cause, by how it ended."""
        code = forking.end(self._process, _SECONDS_TO_END if cause is None else 0.0)
        self._channel.close()
        self._open_ends.remove(self._connection)
        self._cause = cause or crashed(code)


@dataclass(frozen=True)
class WorkerSubject:
    """One target of a process, by its place among them."""

    target: Target
    place: int
    process: TargetProcess

    def has(self, name: str) -> bool:
        return name in self.process.offers or self.builds(name)

    def names(self) -> Collection[str]:
        return [name for name, offered in self.process.offers.items() if offered.kind != "value"]

    def offered(self, name: str) -> Offered | None:
        return self.process.offers.get(name)

    def builds(self, name: str) -> bool:
        return name not in self.process.offers and builder_of(name) in self.process.offers

    def ask(self, question: Question, seconds: float) -> Responses:
        plain = {field.name: getattr(question, field.name) for field in fields(question)}
        quantities = cast(tuple[Quantity, ...], question.quantities)
        answer = self.process.ask({"target": self.place, "question": plain}, seconds)
        if isinstance(answer, Response):
            return dict.fromkeys(quantities, answer)
        try:
            return read_answers(answer, quantities, str)
        except Malformed:
            return dict.fromkeys(quantities, self.process.refuse("its reply holds something that is no answer"))

    def examine(self, spec: Spec, seconds: float) -> tuple[str, str] | Response | None:
        """What a package of this project does otherwise than it has to, asked beside its cases; the response if it does not say."""
        answer = self.process.ask({"target": self.place, "examine": spec.name}, seconds)
        return answer if answer is None or isinstance(answer, Response) else (str(answer[0]), str(answer[1]))


def _memory_of(process: int) -> int:
    """Bytes that it has in memory; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
