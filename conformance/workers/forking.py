"""New processes out of this one: when that is safe, and what each does first."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from typing import NoReturn, Protocol

from conformance.errors import NotRun
from conformance.respondent import frameworks

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_BROKEN = 70  # EX_SOFTWARE


class Closes(Protocol):
    """A socket or a pipe."""

    def close(self) -> None:
        """Let go of it."""
        ...


def can_fork() -> bool:
    """Whether a new process could compute: a framework has threads, and after a fork it waits for them for ever."""
    loaded = {root for root in frameworks.roots() if root in sys.modules} - set(frameworks.facts("numpy").roots)
    return hasattr(os, "fork") and hasattr(os, "waitid") and not loaded


def fork(work: Callable[[], None], not_theirs: Iterable[Closes]) -> int:
    """The id of a new process, the leader of a group of its own, that does the work and ends; it lets go of what is `not_theirs`.

    Raises:
        NotRun: there is no room for another process.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()  # what is not written yet would be written twice
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError as error:
        raise NotRun(f"jobs: cannot start another process: {error.strerror}; --jobs 0 needs none") from error
    if process == 0:
        _live(work, not_theirs, parent)
    return process


def _live(work: Callable[[], None], not_theirs: Iterable[Closes], parent: int) -> NoReturn:
    """All of a process's life. It ends without what is registered for the end: that is the parent's, or the target's."""
    try:
        os.setsid()  # an interrupt from the keyboard is the parent's business
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(_BROKEN)
        for thing in not_theirs:
            thing.close()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        work()
        os._exit(0)
    finally:
        os._exit(_BROKEN)


def has_ended(process: int) -> bool:
    """Whether a child has; it is still there to be asked how."""
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end(process: int, seconds: float = 0.0) -> int:
    """End a child with its group, if it does not end by itself in so many seconds; the exit code, negative for a signal."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not has_ended(process):
        time.sleep(0.01)
    for kill in (os.killpg, os.kill):  # it may not have become the leader of a group yet
        try:
            kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
