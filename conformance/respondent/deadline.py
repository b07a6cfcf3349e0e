"""No foreign code runs longer than it may."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


class Late(BaseException):
    """Raised in the target by the alarm. Not an Exception, so that a target that catches everything does not catch it."""


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Interrupt Python code after `seconds`. Works in the main thread; elsewhere it sets no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: object) -> None:
        raise Late

    previous = signal.signal(signal.SIGALRM, ring)
    # It rings again every tenth of a second, should the first be swallowed.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
