"""A submission in a worker, as the judge meets it: a `Subject` like any other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from conformance.grading.sandbox.inside.resource_limits import MEBIBYTE, ResourceLimits
from conformance.grading.sandbox.judge.crashes import read_exit_report, response_of_exit
from conformance.respondent.interview import Question, builder_of
from conformance.respondent.offers import Offered
from conformance.respondent.packed_values import Malformed
from conformance.respondent.responses import Crashed, OverLimit, ProtocolError, Raised, Response, TimedOut
from conformance.targets.subject import Responses
from conformance.targets.target import Target
from conformance.workers.channel import Broken, CapturedOutput, Channel, Ended
from conformance.workers.replies import read_answers, read_import
from reference.specification import Quantity

# The child keeps the time first and answers TimedOut; only one that does not is ended from outside, this much later.
_GRACE = 0.5


@dataclass(frozen=True)
class Imported:
    """How the import went. `response` is Returned with nothing in it, or what went wrong."""

    response: Response
    names: Mapping[str, Offered]


@dataclass
class RemoteSubject:
    """One submission in one disposable process.

    spent    seconds that it has taken so far, or another process for the same submission

    Once the process has ended, by whatever cause, every further question is answered by that cause; `alive` tells.
    """

    target: Target
    limits: ResourceLimits
    _channel: Channel
    _output: CapturedOutput
    _report: int
    _kill: Callable[[], None]
    spent: float = 0.0
    imported: Imported = field(init=False)
    _cause: Response | None = field(init=False, default=None)

    @property
    def alive(self) -> bool:
        return self._cause is None

    @property
    def output(self) -> str:
        """What it has printed so far, cut off where the limit is."""
        text = self._output.kept.decode(errors="replace")
        return f"{text}\n… {self._output.dropped} more bytes" if self._output.dropped else text

    def has(self, name: str) -> bool:
        return name in self.imported.names or self.builds(name)

    def names(self) -> Collection[str]:
        return [name for name, offered in self.imported.names.items() if offered.kind != "value"]

    def offered(self, name: str) -> Offered | None:
        return self.imported.names.get(name)

    def builds(self, name: str) -> bool:
        return name not in self.imported.names and builder_of(name) in self.imported.names

    def import_it(self) -> None:
        """Have the submission imported, and wait for the end of that, whatever it is."""
        body = self._within(self.limits.seconds_import, lambda seconds: self._channel.ask(Channel.draw(), "import", seconds))
        try:
            response, names = read_import(body) if self._cause is None else (self._cause, {})
        except Malformed:
            self._end(ProtocolError("its import was described by something that is no description"))
            assert self._cause is not None
            response, names = self._cause, {}
        self.imported = Imported(self._named(response), names)

    def ask(self, question: Question, seconds: float) -> Responses:
        """The response for every quantity of the question; see `Subject`."""
        plain = {name: getattr(question, name) for name in question.__dataclass_fields__}
        allowed = min(seconds, self.limits.seconds_per_case)
        number = Channel.draw()
        quantities = cast(tuple[Quantity, ...], question.quantities)

        def put(within: float) -> Any:
            return self._channel.ask(number, {"question": plain, "seconds": within - _GRACE}, within)

        body = self._within(allowed, put)
        if self._cause is None:
            try:
                responses = read_answers(body, quantities)
                return {quantity: self._named(response) for quantity, response in responses.items()}
            except Malformed:
                self._end(ProtocolError("its reply holds something that is no answer"))
        assert self._cause is not None
        return dict.fromkeys(quantities, self._cause)

    def close(self) -> None:
        """End the process. Not a fault of the submission, so nothing is concluded from how it ended."""
        if self._cause is None:
            self._end(Crashed("closed"))

    def _within(self, seconds: float, action: Callable[[float], Any]) -> Any:
        """What the action returns, in at most so much time; None, and a cause, if the process had to be or was ended."""
        if self._cause is not None:
            return None
        seconds_left = self.limits.seconds_total - self.spent
        total = OverLimit(f"{self.limits.seconds_total:g} s in all")
        if seconds_left <= 0:
            self._end(total)
            return None
        start = time.monotonic()
        try:
            return action(min(seconds, seconds_left) + _GRACE)
        except Ended:
            self._end(None)
        except Broken as broken:
            late = isinstance(broken.response, TimedOut)
            self._end((total if seconds_left <= seconds else TimedOut(seconds)) if late else broken.response)
        finally:
            self.spent += time.monotonic() - start
        return None

    def _named(self, response: Response) -> Response:
        """A want of memory is a limit that was reached, however Python and PyTorch put it."""
        if isinstance(response, Raised) and (response.error == "MemoryError" or "can't allocate memory" in response.message):
            return OverLimit(f"{self.limits.memory_bytes / MEBIBYTE:g} MiB of memory")
        return response

    def _end(self, cause: Response | None) -> None:
        """End the process and remember why; without a cause, ask how it ended."""
        self._kill()
        self._channel.close()
        exit_report = read_exit_report(self._report)
        os.close(self._report)
        self._cause = cause or response_of_exit(exit_report, self.limits.seconds_total)
