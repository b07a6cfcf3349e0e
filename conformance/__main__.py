"""The `conformance` command, also as `python -m conformance`. It imports next to nothing, so that Ctrl-C is obeyed at once."""

from __future__ import annotations

import os
import signal
import sys

_INTERRUPTED = 130


def main() -> None:
    """Entry point of the `conformance` command."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        # While half a second of imports lasts: a KeyboardInterrupt inside them could come out as anything.
        signal.signal(signal.SIGINT, _leave)
    from conformance.cli import main as run

    signal.signal(signal.SIGINT, usual)
    run()


def _leave(signum: int, frame: object) -> None:
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"Interrupted.\n")
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
