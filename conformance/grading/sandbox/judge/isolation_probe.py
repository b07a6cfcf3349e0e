"""Which walls this machine can build: found out by building them and running at them, best level first."""

from __future__ import annotations

import functools
from collections.abc import Callable

from conformance.errors import NoIsolation
from conformance.grading.sandbox import LEVELS, Isolation
from conformance.grading.sandbox.inside.resource_limits import ResourceLimits
from conformance.grading.sandbox.judge import bubblewrap
from conformance.grading.sandbox.judge.escape_attempt import ATTEMPTS, SOURCE, bait
from conformance.grading.sandbox.judge.fork_server_client import BrokenWorker
from conformance.grading.sandbox.judge.isolation_levels import candidates, isolation
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.respondent.interview import Question
from conformance.respondent.responses import Returned

_SECONDS = 10.0
_LIMITS = ResourceLimits(seconds_per_case=_SECONDS, seconds_import=10.0, seconds_total=20.0)


def walled(make: Callable[[Isolation], Workers], framework: str = "numpy", level: str | None = None) -> Workers:
    """Workers behind the best walls that hold here, or those of a level: tried on the workers that will be used, by running at them.

    Raises:
        NoIsolation: none hold, or not those asked for. `process` is only used when asked for, and not tried.
    """
    if level is not None and level not in LEVELS:
        raise NoIsolation(f"isolation: expected one of {', '.join(LEVELS)}; got {level!r}")
    if level == "process":
        return make(isolation("process", own_root=False))
    reasons: dict[str, str] = {}
    for candidate in candidates(level):
        if candidate.level == "bubblewrap" and bubblewrap.executable() is None:
            reasons[candidate.level] = "bwrap is not installed"
            continue
        workers = make(candidate)
        reason = trial(workers, framework)
        if reason is None:
            return workers
        workers.close()
        reasons[candidate.level] = reason
    why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items()) or "no table of system calls for this processor"
    raise NoIsolation(
        f"submissions cannot be kept from the network and from foreign files here ({why}); --isolation=process grades without"
    )


def trial(workers: Workers, framework: str) -> str | None:
    """Why the walls of these workers do not hold; None if they do."""
    try:
        files = {"trial.py": SOURCE.encode()}
        with bait() as (marker, port), workers.open(framework, files, "trial.py", "float64") as subject:
            inputs = {"marker": marker, "port": port}
            response = subject.ask(Question("trial", "function", (), ("value",), inputs), _SECONDS)["value"]
    except (BrokenWorker, OSError) as error:
        return str(error)
    if not isinstance(response, Returned):
        return f"the trial {response.sentence}"
    could = [attempt for attempt, number in zip(ATTEMPTS, response.outputs["value"].array, strict=True) if number]
    return ", ".join(could) or None


@functools.cache
def probe(level: str | None = None) -> Isolation:
    """The best walls that hold here, or those of a level. Raises NoIsolation."""
    with walled(lambda candidate: Workers(candidate, _LIMITS), "numpy", level) as workers:
        return workers.isolation


@functools.cache
def obstacle(candidate: Isolation) -> str | None:
    """Why these walls do not hold here; None if they do."""
    if candidate.level == "bubblewrap" and bubblewrap.executable() is None:
        return "bwrap is not installed"
    try:
        with Workers(candidate, _LIMITS) as workers:
            return trial(workers, "numpy")
    except OSError as error:
        return str(error)
