"""The `conformance` command, also as `python -m conformance`. It imports next to nothing, so that Ctrl-C is obeyed at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

_INTERRUPTED = 130


def _nobody(code: int) -> None:
    """Who is told how the command ends, where nobody watches it."""


_told: Callable[[int], None] = _nobody


def main() -> None:
    """Entry point of the `conformance` command."""
    global _told
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        # While half a second of imports lasts: a KeyboardInterrupt inside them could come out as anything.
        signal.signal(signal.SIGINT, _leave)
    from conformance.watch import parent

    if parent.runs_foreign_code(sys.argv[1:]):
        usual, _told = parent.go_on_watched(usual)
    from conformance.cli import main as run

    signal.signal(signal.SIGINT, usual)
    code = 1  # of a traceback
    try:
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
        raise
    finally:
        _told(code)


def _leave(signum: int, frame: object) -> None:
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"Interrupted.\n")
    _told(_INTERRUPTED)
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
