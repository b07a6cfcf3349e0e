"""A second process beside the commands that run foreign code in their own: it waits, and says so if that code ended the command.

The watched process is the command as it always was: the same terminal, streams, process group and arguments. The one that watches
imports nothing, passes signals on, and ends as the other did. Without it a target that calls `os._exit(0)` would look as if all conformed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any, NoReturn

from conformance.watch import shared_page
from conformance.watch.shared_page import Page

_Handler = Any  # what signal.getsignal gives
_COMMANDS = (("verify",), ("reproduce",), ("vectors", "check"))
_PASSED_ON = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_COULD_NOT_RUN = 2
# A terminal sends Ctrl-C to both processes, and the one that watches passes on what it gets: within so many seconds it is one.
_ONE_KEYSTROKE = 0.3
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def runs_foreign_code(arguments: Sequence[str]) -> bool:
    """Whether these are the arguments of a command that runs a target in its own process."""
    return any(tuple(arguments[: len(command)]) == command for command in _COMMANDS)


def go_on_watched(interrupt: _Handler) -> tuple[_Handler, Callable[[int], None]]:
    """Returns in a new process, in which the command goes on; the old one waits for it and never returns.

    Returns how Ctrl-C is to be handled in place of `interrupt`, and what is to be called with the exit code in the end.
    """
    if not hasattr(os, "fork"):
        return interrupt, shared_page.finished
    memory, watching = shared_page.new_memory(), os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
    try:
        process = os.fork()
    except OSError:  # no room for another process: the work goes on, and nobody watches
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return interrupt, shared_page.finished
    if process:
        _wait(process, Page(memory, process), before)
    _end_with(watching)
    shared_page.begin(memory)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _Interrupt() if interrupt is signal.default_int_handler else interrupt, shared_page.finished


class _Interrupt:
    """Raises KeyboardInterrupt, once for one keystroke."""

    def __init__(self) -> None:
        self._last = -_ONE_KEYSTROKE

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._last >= _ONE_KEYSTROKE:
            self._last = now
            raise KeyboardInterrupt


def _end_with(watching: int) -> None:
    """Nobody is left to say anything where the one that watches is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != watching:
        os._exit(_COULD_NOT_RUN)


def _wait(process: int, page: Page, before: Iterable[int]) -> NoReturn:
    """Wait for the command, and end as it did: by `os._exit`, since whatever is registered for the end runs there and only once."""
    passed: list[int] = []

    def pass_on(signum: int, frame: FrameType | None) -> None:
        passed.append(signum)
        os.kill(process, signum)

    for one in _PASSED_ON:
        if signal.getsignal(one) is not signal.SIG_IGN:  # as under nohup, and in the background of a script
            signal.signal(one, pass_on)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if page.finished is not None:
        os._exit(page.finished)
    if -code in passed:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    try:
        _say(page, f"exit code {code}" if code >= 0 else signal.Signals(-code).name)
    finally:  # also where standard error is closed
        os._exit(_COULD_NOT_RUN)


def _say(page: Page, how: str) -> None:
    """One line on standard error, and the terminal as it was: a progress bar may have stood there."""
    from rich.console import Console

    err = Console(stderr=True, highlight=False)
    if err.is_terminal:
        err.file.write("\r\x1b[2K")
        err.show_cursor()
    name, when = page.last or (None, "")
    said = f"target: {name} ended the process ({how}) {when}" if name else f"conformance: the process was ended ({how})"
    err.print(f"{said}{page.kept}", markup=False, style="red", soft_wrap=True)
    err.file.flush()
