"""A class is graded whole: what is written is complete, what is kept is right, and nothing is lost with anything else."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.grading import grade_file
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.feedback import output_folder
from conformance.grading.feedback.output_folder import Format, write_class
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Source, Submission, content_hash, find, take
from conformance.grading.scoring import whole_class
from conformance.grading.scoring.whole_class import Done, Run, grade_all
from tests.grading.in_process_workers import RIGHT, SECRET, InProcessWorkers, assignment

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # in the submissions
TEXT = "[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }"
WRONG = RIGHT.replace("0.5 * (mean", "(mean", 1)
NAMES = tuple(f"s{number}" for number in range(6))


def _run(out: Path, secret: bytes = SECRET, formats: Sequence[Format] = (), text: str = TEXT) -> Run:
    given = assignment(text)
    return Run(SeededAssignment(given, secret), InProcessWorkers().isolation, out, Presentation.of(given), formats)


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    """Six submissions, every second one right, no two the same."""
    (tmp_path / "class").mkdir()
    for number, name in enumerate(NAMES):
        (tmp_path / "class" / f"{name}.py").write_text(f"# {name}\n{RIGHT if number % 2 else WRONG}")
    return tuple(replace(source, name=Path(source.name).stem) for source in find([tmp_path / "class"]))


class _Markers:
    """Grades at once, in this process, and remembers whom."""

    def __init__(self, run: Run, workers: InProcessWorkers | None = None) -> None:
        self.run, self.workers, self.names = run, workers or InProcessWorkers(), list[str]()

    def __call__(self, submission: Submission | Refused) -> Future[Grade]:
        self.names.append(submission.name)
        future: Future[Grade] = Future()
        try:
            future.set_result(self.workers.grade_submission(self.run.seeded_assignment, submission))
        except Exception as error:
            future.set_exception(error)
        return future


def _graded(
    run: Run, sources: Sequence[Source], resume: bool = False, workers: InProcessWorkers | None = None
) -> tuple[list[Done], list[str]]:
    """What came of it, and whose grades were made anew."""
    markers = _Markers(run, workers)
    return sorted(grade_all(run, sources, markers, 2, resume), key=lambda done: done.grade.submission), sorted(markers.names)


def _contents(folder: Path) -> dict[str, Any]:
    """Everything in it, without how long it took."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    grades = {
        name: grade_file.read(path).model_copy(update={"seconds": 0}) for name, path in files.items() if name.endswith("e.json")
    }
    zips = {name: path.read_bytes() for name, path in files.items() if name.endswith(".zip")}
    return {**dict.fromkeys(files), **grades, **zips}


def test_a_folder_holds_all_that_a_grade_rests_on(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """Grade, feedback, and the files as they were graded, which hash to what the grade says."""
    done, _ = _graded(_run(tmp_path / "out", formats=("gradescope",)), sources)
    assert [element.grade.score for element in done] == [0, 4, 0, 4, 0, 4]
    for grade in done:
        folder = tmp_path / "out" / grade.grade.submission
        names = {"grade.json", "feedback.md", "feedback.html", "results.json", "submission.zip"}
        assert {path.name for path in folder.iterdir()} == names
        with zipfile.ZipFile(folder / "submission.zip") as archive:
            (name,) = archive.namelist()
            assert content_hash({"submission.py": archive.read(name)}) == grade.grade.hash
        again = take(Source("x", folder / "submission.zip"))
        assert isinstance(again, Submission)
        assert again.hash == grade.grade.hash


def test_only_so_many_are_read_ahead(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """A class of any size takes the same memory."""
    waiting: list[int] = []
    futures: list[Future[Grade]] = []
    run = _run(tmp_path / "out")

    def marker(submission: Submission | Refused) -> Future[Grade]:
        futures.append(Future())
        waiting.append(sum(not future.done() for future in futures))
        if waiting[-1] == 3:
            for future, source in zip(futures, sources, strict=False):
                if not future.done():
                    future.set_result(InProcessWorkers().grade_submission(run.seeded_assignment, take(source)))
        return futures[-1]

    assert len(list(grade_all(run, sources, marker, 3))) == 6
    assert max(waiting) == 3


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [1, 2, 6, 100])
def test_however_many_at_once_everybody_is_graded_once(tmp_path: Path, sources: tuple[Source, ...], at_once: int) -> None:
    """In any order."""
    run = _run(tmp_path / "out")
    assert sorted(done.grade.submission for done in grade_all(run, sources, _Markers(run), at_once)) == list(NAMES)


def test_a_second_run_keeps_everything(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """Nothing is graded, nothing is written, and the same grades come out."""
    run = _run(tmp_path / "out")
    first, _ = _graded(run, sources)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    second, names = _graded(run, sources, resume=True)
    assert names == []
    assert [grade.grade for grade in second] == [element.grade for element in first]
    assert all(member.kept for member in second)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == times


def _changes(path: Path, **update: Any) -> None:
    grade = grade_file.read(path)
    path.write_text(grade.model_copy(update=update).model_dump_json())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("missing", lambda folder: (folder / "out/s1/grade.json").unlink()),
        ("damaged", lambda folder: (folder / "out/s1/grade.json").write_text('{"submission": "s1", ')),
        ("empty", lambda folder: (folder / "out/s1/grade.json").write_text("")),
        ("of another program", lambda folder: _changes(folder / "out/s1/grade.json", versions={"conformance": "0.0.1"})),
        ("of another name", lambda folder: _changes(folder / "out/s1/grade.json", submission="s2")),
        ("behind other walls", lambda folder: _changes(folder / "out/s1/grade.json", isolation="process")),
        ("of other files", lambda folder: (folder / "class/s1.py").write_text(RIGHT)),
    ],
)
def test_what_is_missing_or_changed_is_graded_again(
    tmp_path: Path, sources: tuple[Source, ...], what: str, change: Callable[[Path], object]
) -> None:
    """And nothing else."""
    run = _run(tmp_path / "out")
    _graded(run, sources)
    change(tmp_path)
    done, names = _graded(run, sources, resume=True)
    assert names == ["s1"], what
    assert [grade.grade.score for grade in done] == [0, 4, 0, 4, 0, 4]
    assert grade_file.read(tmp_path / "out/s1/grade.json").submission == "s1"


@pytest.mark.slow
@pytest.mark.parametrize("changed", [{"secret": b"another"}, {"text": TEXT.replace("edges = 1", "edges = 2")}])
def test_another_secret_or_assignment_grades_everybody_again(
    tmp_path: Path, sources: tuple[Source, ...], changed: dict[str, Any]
) -> None:
    """No old grade stands beside new ones."""
    _graded(_run(tmp_path / "out"), sources)
    run = _run(tmp_path / "out", **changed)
    done, names = _graded(run, sources, resume=True)
    assert names == list(NAMES)
    assert {(grade.grade.seed_id, grade.grade.assignment_hash) for grade in done} == {
        (run.seeded_assignment.seed_id, run.seeded_assignment.assignment_hash)
    }


def test_one_that_breaks_the_grader_stops_nobody(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """In marking or on its way there; it has no score, and the next run tries it again."""
    run = _run(tmp_path / "out")
    done, _ = _graded(run, sources, workers=InProcessWorkers(broken={"# s1": RuntimeError("broken")}))
    assert [grade.grade.score for grade in done] == [0, None, 0, 4, 0, 4]
    assert grade_file.read(tmp_path / "out/s1/grade.json").status == "grader-error"
    assert (tmp_path / "out/s1/feedback.md").exists()
    done, names = _graded(run, sources, resume=True)
    assert names == ["s1"]
    assert [element.grade.score for element in done] == [0, 4, 0, 4, 0, 4]


@pytest.mark.slow
@pytest.mark.parametrize("late", [True, False])
def test_one_that_is_lost_on_its_way_is_no_zero(tmp_path: Path, sources: tuple[Source, ...], late: bool) -> None:
    """Whether it never arrived, or its grade did not come back."""
    run = _run(tmp_path / "out")
    markers = _Markers(run)

    def marker(submission: Submission | Refused) -> Future[Grade]:
        if submission.name != "s3":
            return markers(submission)
        if not late:
            raise OSError("no route")
        future: Future[Grade] = Future()
        future.set_exception(OSError("no route"))
        return future

    grades = {done.grade.submission: done.grade for done in grade_all(run, sources, marker, 2)}
    assert grades["s3"].score is None
    assert grades["s3"].notes == ("the grader failed: OSError: no route",)
    assert len(grades) == 6


def test_where_nobody_grades_any_more_the_run_ends(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """What was graded stays, and the rest is missing: not a grade without a score for each."""
    run = _run(tmp_path / "out")
    markers = _Markers(run)

    def marker(submission: Submission | Refused) -> Future[Grade]:
        future = markers(submission)
        if submission.name == "s3":
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
        return future

    with pytest.raises(CancelledError):
        list(grade_all(run, sources, marker, 1))
    assert {path.parent.name for path in (tmp_path / "out").glob("*/grade.json")} == {"s0", "s1", "s2"}


@pytest.mark.slow
@pytest.mark.parametrize("after", range(1, 24, 4))
def test_wherever_it_is_interrupted_what_is_there_is_whole(
    tmp_path: Path, sources: tuple[Source, ...], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with grade.json has everything; the next run leaves what an uninterrupted one leaves."""
    run = _run(tmp_path / "out", formats=("gradescope",))
    _interrupt(monkeypatch, after)
    with pytest.raises(KeyboardInterrupt):
        _graded(run, sources)
    monkeypatch.undo()
    for path in (tmp_path / "out").glob("*/grade.json"):
        assert grade_file.read(path).submission == path.parent.name
        assert len(list(path.parent.iterdir())) == 5
    done, _ = _graded(run, sources, resume=True)
    write_class(run.out, [grade.grade for grade in done], run.shown)
    whole = _run(tmp_path / "whole", formats=("gradescope",))
    done, _ = _graded(whole, sources)
    write_class(whole.out, [element.grade for element in done], whole.shown)
    assert _contents(tmp_path / "out") == _contents(tmp_path / "whole")
    assert _rows(tmp_path / "out" / "grades.csv") == _rows(tmp_path / "whole" / "grades.csv")


def _rows(table: Path) -> list[dict[str, str]]:
    """Without how long it took."""
    with table.open(newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


def _interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C at the so many-th file that is written."""
    count = iter(range(after))

    def counting(write: Callable[..., None]) -> Callable[..., None]:
        def counted(*given: Any, **named: Any) -> None:
            if next(count, None) is None:
                raise KeyboardInterrupt
            write(*given, **named)

        return counted

    for module, name in (
        (whole_class, "write_bytes_atomically"),
        (output_folder, "write_atomically"),
        (grade_file, "write_atomically"),
    ):
        monkeypatch.setattr(module, name, counting(getattr(module, name)))


def test_another_format_is_added_to_what_is_kept(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """Nothing is graded for it."""
    _graded(_run(tmp_path / "out"), sources)
    _, names = _graded(_run(tmp_path / "out", formats=("gradescope",)), sources, resume=True)
    assert names == []
    assert len(list((tmp_path / "out").glob("*/results.json"))) == 6


def test_nothing_of_an_earlier_grade_stays(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    """Neither the files of a submission that is refused now, nor results that nobody asked to renew."""
    _graded(_run(tmp_path / "out", formats=("gradescope",)), sources)
    (tmp_path / "class/s1.py").write_bytes(b"\xff")
    done, names = _graded(_run(tmp_path / "out"), sources, resume=True)
    assert names == ["s1"]
    assert {path.name for path in (tmp_path / "out/s1").iterdir()} == {"grade.json", "feedback.md", "feedback.html"}
    assert done[1].grade.status == "ungradable"
