"""Where the end of a process becomes a response."""

from __future__ import annotations

import signal

from conformance.respondent.responses import Crashed


def crashed(code: int) -> Crashed:
    """The response that an exit code, or the negative number of a signal, stands for."""
    return Crashed(f"exit code {code}" if code >= 0 else signal_name(-code))


def signal_name(number: int) -> str:
    """SIGSEGV for 11."""
    return signal.Signals(number).name if number in signal.Signals.__members__.values() else f"signal {number}"
