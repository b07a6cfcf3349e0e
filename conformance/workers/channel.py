"""The judge's side of one child: examination, listening no longer than allowed, believing nothing. Every violation is a response."""

from __future__ import annotations

import os
import secrets
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.respondent import wire
from conformance.respondent.packed_values import Malformed
from conformance.respondent.responses import OverLimit, ProtocolError, TimedOut

_PART = 2**18
# Seconds: memory fills by some hundred megabytes in it.
_BETWEEN_LOOKS = 0.1


class Ended(Exception):
    """The other side hung up."""


class Broken(Exception):
    """The other side broke the rules, or was late; carries the response that this is."""

    def __init__(self, response: ProtocolError | TimedOut | OverLimit) -> None:
        super().__init__(response.sentence)
        self.response = response


@dataclass
class CapturedOutput:
    """What a child wrote to its standard output and standard error, up to a number of bytes."""

    handle: int
    most: int
    kept: bytes = b""
    dropped: int = 0

    def drain(self) -> bool:
        """Read what is there; whether more may come."""
        try:
            part = os.read(self.handle, _PART)
        except BlockingIOError:
            return True
        space = self.most - len(self.kept)
        self.kept += part[:space]
        self.dropped += max(0, len(part) - space)
        return bool(part)


class Channel:
    """A socket to a child, and its output if that is kept.

    `look` is called now and then while the child is waited for, and may raise Ended or Broken.
    """

    def __init__(
        self, connection: socket.socket, output: CapturedOutput | None = None, look: Callable[[], None] | None = None
    ) -> None:
        self._connection, self._output, self._look = connection, output, look
        connection.setblocking(False)
        self._poll = select.poll()
        if output is not None:
            os.set_blocking(output.handle, False)
            self._poll.register(output.handle, select.POLLIN)

    @staticmethod
    def draw() -> int:
        """An id that nobody can guess, so that no answer can be sent ahead."""
        return secrets.randbits(63)

    def ask(self, number: int, body: Any, seconds: float) -> Any:
        """The body of the reply. Raises Ended or Broken."""
        self.refuse_early()
        ends = time.monotonic() + seconds
        self._send(wire.frame(number, body), ends, seconds)
        return self.receive(number, seconds, ends)

    def refuse_early(self) -> None:
        """Whatever lies here now was sent before anything was asked."""
        try:
            early = self._connection.recv(1)
        except BlockingIOError:
            return
        except OSError as error:
            raise Ended from error
        if not early:
            raise Ended
        raise Broken(ProtocolError("answered before it was asked, or more than once"))

    def receive(self, number: int, seconds: float, ends: float | None = None) -> Any:
        """The next frame, if it is the one with this id, whole and alone. Raises Ended or Broken."""
        ends = time.monotonic() + seconds if ends is None else ends
        data = bytearray()
        length = wire.LENGTHS.size
        lengths: tuple[int, int] | None = None
        while len(data) < length or lengths is None:
            data += self._receive_some(ends, seconds)
            if lengths is None and len(data) >= length:
                lengths = wire.LENGTHS.unpack(data[: wire.LENGTHS.size])
                self._within_rules(lambda pair=lengths: wire.check_lengths(*pair))
                length += sum(lengths)
        if len(data) > length:
            raise Broken(ProtocolError("sent more than its answer"))
        split = wire.LENGTHS.size + lengths[0]
        answer_number, body = self._within_rules(lambda: wire.parse(bytes(data[wire.LENGTHS.size : split]), bytes(data[split:])))
        if answer_number != number:
            raise Broken(ProtocolError("answered a question that was not asked"))
        return body

    def close(self) -> None:
        """Hang up, after reading what is left of the output."""
        self._connection.close()
        if self._output is None:
            return
        for _ in range(64):
            before = len(self._output.kept) + self._output.dropped
            if not self._output.drain() or len(self._output.kept) + self._output.dropped == before:
                break
        os.close(self._output.handle)

    def _within_rules(self, action: Any) -> Any:
        try:
            return action()
        except Malformed as problem:
            raise Broken(ProtocolError(f"its reply {problem}")) from problem

    def _wait(self, event: int, ends: float, seconds: float) -> None:
        """Until the socket is ready; meanwhile the output is read, so that nobody waits for us."""
        self._poll.register(self._connection, event)
        while True:
            remaining = ends - time.monotonic()
            if remaining <= 0:
                raise Broken(TimedOut(seconds))
            if self._look is not None:
                remaining = min(remaining, _BETWEEN_LOOKS)
            ready = dict(self._poll.poll(remaining * 1000 + 1))
            if self._output is not None and self._output.handle in ready and not self._output.drain():
                self._poll.unregister(self._output.handle)
            if self._connection.fileno() in ready:
                return
            if self._look is not None:
                self._look()

    def _receive_some(self, ends: float, seconds: float) -> bytes:
        while True:
            self._wait(select.POLLIN, ends, seconds)
            try:
                part = self._connection.recv(_PART)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Ended from error
            if not part:
                raise Ended
            return part

    def _send(self, data: bytes, ends: float, seconds: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._connection.send(view) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, ends, seconds)
            except OSError as error:
                raise Ended from error
