"""No attack raises a score, reaches anything outside its walls, or disturbs what comes after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(scope="module", params=LEVELS)
def workers(request: pytest.FixtureRequest, targets: AttackTargets) -> Iterator[Workers]:
    not_run(LEVELS[request.param])
    before = _children()
    with Workers(LEVELS[request.param], LIMITS) as made:
        yield made
    assert _children() == before, "something is left running"


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


def test_messages_of_attacks_are_one_printable_line(workers: Workers, targets: AttackTargets):
    """What reaches a report from an exception has no line breaks, no terminal commands, no direction marks."""
    for name in ("injection", "injection_type"):
        (verdict,) = attack(workers, targets, name).verdicts
        assert verdict.reason
        assert verdict.reason.isprintable()


def test_the_files_of_a_submission_are_gone_afterwards(workers: Workers, targets: AttackTargets):
    honest(workers, targets)
    assert list(Path(workers.place, "submissions").iterdir()) == []


def _children() -> set[int]:
    """The processes that this one has started and that still run."""
    tasks = Path("/proc/self/task").iterdir()
    found = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    return {process for process in found if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None}
