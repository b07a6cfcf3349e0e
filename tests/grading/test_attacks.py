"""No attack raises a score, reaches anything outside its walls, or disturbs what comes after it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.isolation_probe import obstacle
from conformance.grading.sandbox.judge.worker_pool import Workers
from tests.grading import attack_targets
from tests.grading.attack_targets import LIMITS, AttackTargets, attack, honest
from tests.grading.test_attacks_without_walls import SUCCEED

# Names of levels for people; the second is Landlock where no namespaces can be made, as in most containers.
LEVELS = {
    "landlock": isolation("landlock", own_root=True),
    "landlock-alone": isolation("landlock", own_root=False),
    "bubblewrap": isolation("bubblewrap", own_root=True),
}


def not_run(level: Isolation) -> None:
    reason = obstacle(level)
    if reason is not None:
        pytest.skip(f"not run: {level.level}: {reason}")


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttackTargets]:
    with attack_targets.attack_targets(tmp_path_factory.mktemp("arena")) as made:
        yield made


# Inside bubblewrap everything but the outermost wall is the same, so only attacks on that are run again.
_ON_THE_WALL = [
    name for name in attack_targets.names() if name in SUCCEED or name.startswith(("read_", "memory_", "network", "namespace"))
]
PAIRS = [(level, name) for level in LEVELS for name in (_ON_THE_WALL if level == "bubblewrap" else attack_targets.names())]


@pytest.fixture(scope="module")
def every_workers(targets: AttackTargets) -> Iterator[dict[str, Workers]]:
    """Those of every level that has been asked for. pytest makes a fixture anew for every pair that it is a part of, so it is none."""
    before = _descendants()
    with ExitStack() as stack:
        yield _Opened(stack)
    assert _descendants() - before == set(), "something is left running"


class _Opened(dict[str, Workers]):
    """Workers by level, started when first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, level: str) -> Workers:
        self[level] = self._stack.enter_context(Workers(LEVELS[level], LIMITS))
        for framework in ("numpy", "torch"):
            self[level].start(framework).ready()
        return self[level]


@pytest.fixture(params=LEVELS)
def workers(request: pytest.FixtureRequest, every_workers: dict[str, Workers]) -> Iterator[Workers]:
    """Of one level; what an attack has started is gone before the next one."""
    not_run(LEVELS[request.param])
    workers = every_workers[request.param]
    before = _descendants()
    yield workers
    left = set[int]()
    for _ in range(100):  # what was killed has to be collected, which takes a moment on a busy machine
        if not (left := _descendants() - before):
            break
        time.sleep(0.02)
    assert left == set(), "something is left running"


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "name"), PAIRS, indirect=["workers"])
def test_an_attack_achieves_nothing(workers: Workers, targets: AttackTargets, name: str):
    """Not a point, not a secret, not a mark left; and the next submission is judged as if there had been none."""
    outcome = attack(workers, targets, name)
    assert outcome.achieved == ()
    assert all(verdict.outcome in ("failed", "errored", "unsupported") for verdict in outcome.verdicts)
    assert len(outcome.words) < LIMITS.output_bytes + 1000
    assert honest(workers, targets, attack_targets.framework_of(name)) == "passed"


def test_there_are_as_many_attacks_as_promised():
    assert len(attack_targets.names()) >= 40


@pytest.mark.slow
def test_messages_of_attacks_are_one_printable_line(workers: Workers, targets: AttackTargets):
    """What reaches a report from an exception has no line breaks, no terminal commands, no direction marks."""
    for name in ("injection", "injection_type"):
        (verdict,) = attack(workers, targets, name).verdicts
        assert verdict.reason
        assert verdict.reason.isprintable()


@pytest.mark.slow
def test_the_files_of_a_submission_are_gone_afterwards(workers: Workers, targets: AttackTargets):
    honest(workers, targets)
    assert list(Path(workers.place, "submissions").iterdir()) == []


def _descendants() -> set[int]:
    """The processes that this one has started, those that they have started, and so on: all that still run."""
    running, waiting = set[int](), [os.getpid()]
    while waiting:
        process = waiting.pop()
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            with suppress(OSError):  # it ended meanwhile
                waiting += [child for child in map(int, task.read_text().split()) if _state(child) != "Z"]
        running.add(process)
    return running - {os.getpid()}


def _state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
