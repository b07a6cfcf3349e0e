"""Whether what installed packages register can be imported, tried where it does no harm."""

from __future__ import annotations

from multiprocessing import Pipe

from conformance.targets import target
from conformance.workers import forking
from conformance.workers.exits import crashed


def breakage_apart(module: str) -> str | None:
    """As `breakage`, in a process of its own if there can be one: why it cannot be used; None if it can."""
    if not forking.can_fork():
        return target.breakage(module)
    ours, theirs = Pipe(duplex=False)
    with ours, theirs:
        process = forking.fork(lambda: theirs.send(target.breakage(module)), [ours])
        theirs.close()
        try:
            reason = ours.recv()
        except EOFError:
            how = crashed(forking.end(process)).sentence
            return f"{module} {how} while it was imported; an installed package registers it"
        forking.end(process)
        return reason
