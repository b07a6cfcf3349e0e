"""From a submission to its grade: what cannot be asked has no points, and what the grader breaks has no score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.errors import UnusableFiles
from conformance.grading.assignment.assignment_file import parse
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Submission
from conformance.grading.sandbox.judge.fork_server_client import BrokenWorker
from conformance.grading.sandbox.judge.isolation_probe import probe
from conformance.grading.scoring.one_submission import framework_of, grade_submission, lost_grade, workers_for
from conformance.respondent.responses import OverLimit
from conformance.targets.written_in import Written
from tests.grading.in_process_workers import RIGHT, SECRET, InProcessWorkers, assignment, handed_in

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # in the submissions
TEXT = "[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }\nvariants = { mean_latent = 0.5 }"
WRONG = RIGHT.replace("0.5 * (mean", "(mean", 1)
# Right in double precision, wrong in single; and the other way round.
IN_DOUBLE = f"{RIGHT}\n_right = vae_kl_loss\ndef vae_kl_loss(mean, log_var, reduction='mean'):\n    value = _right(mean, log_var, reduction)"
IN_SINGLE = IN_DOUBLE + "\n    return value * (2 if mean.dtype == 'float64' else 1)"
IN_DOUBLE += "\n    return value * (2 if mean.dtype == 'float32' else 1)"


def _marked(submission: Submission | Refused, workers: InProcessWorkers | None = None, **given: Any) -> Grade:
    return (workers or InProcessWorkers()).grade_submission(SeededAssignment(assignment(TEXT, **given), SECRET), submission)


def test_a_grade_says_what_it_rests_on() -> None:
    """Score, secret, assignment, walls, versions, time."""
    grade = _marked(handed_in(RIGHT))
    seeded_assignment = SeededAssignment(assignment(TEXT), SECRET)
    assert (grade.score, grade.max_score, grade.status, grade.framework) == (4, 4, "passed", "numpy")
    assert (grade.seed_id, grade.assignment_hash, grade.assignment) == (
        seeded_assignment.seed_id,
        seeded_assignment.assignment_hash,
        "Test",
    )
    assert (grade.isolation, grade.notes) == ("namespaces", ())
    assert grade.versions["conformance"] == seeded_assignment.version
    assert grade.versions["numpy"] == "1.0"
    assert grade.hash == handed_in(RIGHT, "bob").hash != handed_in(WRONG).hash
    assert SECRET.decode() not in grade.model_dump_json()


def test_no_walls_are_noted_in_the_grade() -> None:
    """Whoever reads it shall know."""
    grade = _marked(handed_in(RIGHT), InProcessWorkers("process"))
    assert grade.isolation == "process"
    assert "with resource limits only" in grade.notes[-1]


def test_what_intake_refused_is_ungradable() -> None:
    """No points, and the reason, with every check."""
    grade = _marked(Refused("ann", "it is a symbolic link"))
    assert (grade.score, grade.max_score, grade.status, grade.notes) == (0, 4, "ungradable", ("it is a symbolic link",))
    assert {check.outcome for check in grade.checks} == {"ungradable"}


def test_what_intake_itself_failed_to_read_has_no_score() -> None:
    """That is the grader's fault."""
    grade = _marked(Refused("ann", "the grader failed to read it", grader_error=True))
    assert (grade.score, grade.status) == (None, "grader-error")


@pytest.mark.parametrize(
    ("frameworks", "framework", "expected"),
    [
        (("torch", "tensorflow"), "numpy", "expected a submission in torch or tensorflow, got one in numpy"),
        (("torch",), "tensorflow", "expected a submission in torch, got one in tensorflow"),
        (("torch", "tensorflow"), None, "expected an import of torch or tensorflow, found none"),
    ],
)
def test_another_framework_than_asked_for_is_not_run(frameworks: tuple[str, ...], framework: str | None, expected: str) -> None:
    """Zero, with the reason and what intake noted."""
    workers = InProcessWorkers()
    grade = _marked(handed_in(RIGHT, framework=framework, notes=("noted",)), workers, frameworks=frameworks)
    assert (grade.score, grade.status, grade.notes) == (0, "ungradable", ("noted", expected))
    assert workers.opened == []


def test_what_is_no_python_is_said_before_its_framework() -> None:
    """Nobody knows what it imports, and nothing of it is run."""
    workers = InProcessWorkers()
    submission = replace(
        handed_in(RIGHT), framework=None, problem="a.py does not import: SyntaxError: invalid syntax (a.py, line 2)"
    )
    grade = _marked(submission, workers, frameworks=("torch", "tensorflow"))
    assert (grade.score, grade.status, workers.opened) == (0, "crashed", [])
    assert [check.message for check in grade.checks if check.outcome != "skipped"] == [submission.problem]


@pytest.mark.parametrize(
    ("frameworks", "imported", "expected"),
    [(("torch",), None, "torch"), (("torch", "numpy"), None, "numpy"), (("torch", "numpy"), "torch", "torch")],
)
def test_without_an_import_the_assignment_decides(frameworks: Any, imported: str | None, expected: str) -> None:
    """The one framework that is asked for; else plain Python is NumPy."""
    assert framework_of(assignment(TEXT, frameworks=frameworks), handed_in("", framework=imported)) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BrokenWorker("the worker for torch\nand more"), "the worker for torch"),
        (RuntimeError("two\nlines"), "the grader failed: RuntimeError: two"),
    ],
)
def test_a_mistake_of_the_grader_is_never_a_zero(error: Exception, expected: str) -> None:
    """No score, no points, and one line about it."""
    grade = _marked(handed_in("# poison"), InProcessWorkers(broken={"poison": error}))
    assert (grade.score, grade.status) == (None, "grader-error")
    assert {(check.outcome, check.points) for check in grade.checks} == {("grader-error", None)}
    assert grade.notes[-1] == expected


def test_files_that_cannot_be_put_into_a_worker_are_the_submissions_fault() -> None:
    """As those that intake refuses."""
    grade = _marked(handed_in("# poison"), InProcessWorkers(broken={"poison": UnusableFiles("files: expected names inside")}))
    assert (grade.score, grade.status, grade.notes) == (0, "ungradable", ("files: expected names inside",))


def test_what_is_lost_on_its_way_has_no_score() -> None:
    """But its name, hash and notes."""
    seeded_assignment, submission = SeededAssignment(assignment(TEXT), SECRET), handed_in(RIGHT, notes=("noted",))
    for lost, hash, notes in ((submission, submission.hash, ("noted",)), (Refused("ann", "why"), "", ())):
        grade = lost_grade(seeded_assignment, InProcessWorkers().isolation, lost, OSError("no route"))
        assert (grade.score, grade.hash, grade.status) == (None, hash, "grader-error")
        assert grade.notes == (*notes, "the grader failed: OSError: no route")


@pytest.mark.parametrize(("source", "dtype"), [(IN_SINGLE, "float64"), (IN_DOUBLE, "float32")])
def test_of_two_dtypes_the_worse_counts(source: str, dtype: str) -> None:
    """Each check once, with the fewer points and the dtype in which they were lost."""
    workers = InProcessWorkers()
    grade = _marked(handed_in(source), workers, dtypes=("float32", "float64"))
    assert workers.opened == [("numpy", "float32"), ("numpy", "float64")]
    assert [check.outcome for check in grade.checks] == ["failed", "skipped", "skipped"]
    assert (grade.score, grade.max_score) == (0, 4)
    assert grade.checks[0].message.startswith(f"{dtype}: value")
    assert _marked(handed_in(RIGHT), dtypes=("float32", "float64")).score == 4


def test_of_two_dtypes_an_accepted_variant_is_better_than_a_mistake() -> None:
    """Half of the points in one, none in the other: none."""
    half = RIGHT.replace(".sum(axis=1)", ".mean(axis=1)", 1)
    assert _marked(handed_in(half), dtypes=("float32", "float64")).score == 2
    other = half.replace("each = 0.5 *", "each = (1 if mean.dtype == 'float32' else 0.5) *", 1)
    assert _marked(handed_in(other), dtypes=("float32", "float64")).score == 0


def test_a_function_that_ends_the_process_costs_no_other_function() -> None:
    """What follows is asked in another process, within the time that is left."""
    text = "[limits]\nseconds_in_total = 20\n[specs.vae_kl_loss]\npoints = { value = 2 }\n[specs.mean_squared_error]\npoints = { value = 2 }\n"
    given = assignment(text)
    submission = handed_in(f"{RIGHT}\nimport os\ndef vae_kl_loss(mean, log_var, reduction='mean'):\n    os._exit(0)\n")
    with workers_for(given, probe("process"), 1) as workers:
        grade = grade_submission(workers, SeededAssignment(given, SECRET), submission)
        with workers.open("numpy", submission.files, spent=20.0) as subject:
            assert isinstance(subject.imported.response, OverLimit)
    assert [(check.outcome, check.points) for check in grade.checks] == [("crashed", 0), ("passed", 2)]


def test_a_function_of_another_framework_is_asked_in_its_own() -> None:
    """Each framework has a worker; the checks stand in the order of the assignment, and a note says why."""
    workers = InProcessWorkers()
    text = f"{TEXT}\n[specs.pad_sequences]\npoints = {{ value = 1 }}\n[specs.mean_squared_error]\npoints = {{ value = 1 }}"
    given = parse(f'title = "Test"\ncases = 8\nframeworks = ["torch", "tensorflow"]\n{text}', "test")
    written = Written("tensorflow", "pad_sequences answers with keras (line 3)")
    submission = handed_in(
        RIGHT, framework="torch", others={"pad_sequences": written}, because="line 1 imports torch", doubtful=True
    )
    grade = workers.grade_submission(SeededAssignment(given, SECRET), submission)
    assert [framework for framework, _ in workers.opened] == ["torch", "tensorflow"]
    assert list(dict.fromkeys(check.spec for check in grade.checks)) == ["vae_kl_loss", "pad_sequences", "mean_squared_error"]
    assert grade.notes == (
        "judged as PyTorch, because line 1 imports torch",
        "pad_sequences judged as TensorFlow, because pad_sequences answers with keras (line 3)",
    )
