"""A small part of `python -m tests.grading.full_marks`: what is right has every point with every secret, and no known mistake has."""

from __future__ import annotations

import pytest

from conformance.grading.scoring import questions
from conformance.targets.target import Target, obstacle
from reference.specification import catalogue
from tests.grading.full_marks import RIGHT, Mistake, graded, lecture, lost, mistakes, single
from tests.grading.in_process_workers import asked

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what a mistake divides by is its own affair
SECRETS = [b"one", b"two", b"three"]
EVERY = 12


@pytest.mark.slow
@pytest.mark.parametrize("framework", RIGHT)
def test_what_is_right_has_full_marks(framework: str) -> None:
    """Handed in as a student would, behind the walls of a worker, whatever the secret."""
    reason = obstacle(Target("right", framework))
    if reason is not None:
        pytest.skip(f"not run: {reason}")
    grades = list(graded(framework, SECRETS, models=False))
    assert [lost(grade) for grade in grades] == [[], [], []]
    assert {grade.max_score for grade in grades} == {34.0}
    assert len({grade.seed_id for grade in grades}) == 3


def _sampled() -> list[tuple[Mistake, str]]:
    """Every twelfth mistake; a variant is right elsewhere, so it may leave all points where no input shows it."""
    faults = [(mistake, dtype) for dtype in ("float64", "float32") for mistake in mistakes(dtype) if mistake.fault.kind == "fault"]
    return faults[::EVERY]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mistake", "dtype"),
    _sampled(),
    ids=lambda element: element if isinstance(element, str) else f"{element.fault.id}-{element.spec}",
)
def test_no_known_mistake_has_full_marks(mistake: Mistake, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In either precision."""
    monkeypatch.setattr(questions, "diagnose", lambda *given: None)  # what it would say has no part in the points
    assert mistake.share(dtype) < 1.0


@pytest.mark.parametrize("spec", [name for name in lecture(False, ("float32",)).specs if catalogue()[name].vjp is not None])
def test_without_a_mistake_single_precision_has_full_marks(spec: str) -> None:
    """So it is the mistake that costs points, and not the way in which it is handed in."""
    given = lecture(False, ("float32",))
    module = single((), spec)
    offered = {name: value for name, value in vars(module).items() if name.startswith(spec)}
    result = asked(given.model_copy(update={"specs": {spec: given.specs[spec]}}), offered, dtype="float32")
    assert {part: (check.outcome, check.message) for part, check in result.items() if check.outcome != "passed"} == {}
