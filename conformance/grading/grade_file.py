"""A grade: what grade.json holds. Everything that is written for teacher, student or platform is made from it and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from conformance.errors import UnreadableGrade
from conformance.files import write_atomically
from conformance.grading.assignment.assignment import Assignment, Part, Visibility
from conformance.respondent.printable import one_line
from conformance.respondent.symptoms import Symptom

SCHEMA_VERSION = 1
FILE = "grade.json"
# More explanations than these, which no case tells apart, name no mistake.
HANDFUL = 5
_LARGEST_FILE = 64 * 2**20
Status = Literal[
    "passed",
    "failed",
    "skipped",
    "crashed",
    "timed-out",
    "over-limit",
    "protocol-error",
    "ungradable",
    "grader-error",
]
STATUSES: tuple[Status, ...] = get_args(Status)
# Of a whole submission: the first of these that some check has. A skipped check follows from another one.
_GRAVEST: tuple[Status, ...] = (
    "grader-error",
    "ungradable",
    "over-limit",
    "timed-out",
    "crashed",
    "protocol-error",
    "failed",
    "skipped",
)
# JSON has no NaN and no infinity: they are the texts "nan", "inf" and "-inf".
Scalar = float | int | str | bool | None
_Points = Annotated[float, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class RecordedMatch(_Frozen):
    """Known mistakes or variants, one or two at once, that explain what came out."""

    ids: tuple[str, ...]
    sentences: tuple[str, ...]
    hints: tuple[str, ...] = ()
    variant: bool = False


class RecordedRemark(_Frozen):
    """A literal form as which a check passed, and where it loses digits."""

    form: str
    sentence: str


class Counterexample(_Frozen):
    """The smallest input found that shows what is wrong. `inputs` is as `conformance.cases.plain` writes it."""

    id: str
    inputs: dict[str, Any]
    name: str = ""
    index: tuple[int, ...] = ()
    actual: Scalar = None
    expected: Scalar = None

    @field_validator("actual", "expected", mode="before")
    @classmethod
    def _finite_or_named(cls, value: Any) -> Any:
        return str(value) if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))) else value


class Check(_Frozen):
    """One part of one specification. `points` is None where the grader itself failed.

    `symptom` says why no answer came, `remarks` what is said of a check that passed; each is written where there is one, and unknown of
    grades that were written before there was this key.
    """

    name: str
    spec: str
    part: Part
    outcome: Status
    points: _Points | None
    max_points: _Points
    message: str = ""
    diagnosis: str = ""
    matches: tuple[RecordedMatch, ...] = ()
    counterexample: Counterexample | None = None
    visibility: Visibility = "visible"
    symptom: Symptom | None = None
    remarks: tuple[RecordedRemark, ...] = ()

    @model_serializer(mode="wrap")
    def _without_what_is_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        empty = {key for key in ("symptom", "remarks") if not getattr(self, key)}
        return {key: value for key, value in serialize(self).items() if key not in empty}

    @property
    def specific(self) -> bool:
        """Whether so few known mistakes fit that they say something of what was done."""
        return len(self.matches) <= HANDFUL

    @model_validator(mode="after")
    def _points_fit(self) -> Self:
        if (self.points is None) != (self.outcome == "grader-error"):
            raise ValueError("points: expected null with the outcome grader-error, and with no other")
        if self.points is not None and self.points > self.max_points:
            raise ValueError(f"points: expected at most max_points = {self.max_points:g}, got {self.points:g}")
        if self.outcome == "passed" and self.points != self.max_points:
            raise ValueError(f"points: expected all {self.max_points:g} with the outcome passed, got {self.points}")
        return self


class Grade(_Frozen):
    """The grade of one submission. `score` is None where the grader itself failed: that is never a student's zero."""

    schema_version: Literal[1] = SCHEMA_VERSION
    submission: str
    handed_in: str = ""  # as whoever handed it in called it; unknown of grades that were written before there was this key
    hash: str
    score: _Points | None
    max_score: _Points
    status: Status
    isolation: str
    seed_id: str
    versions: dict[str, str]
    seconds: float = Field(ge=0)
    checks: tuple[Check, ...]
    framework: str | None = None
    told: bool = False  # whoever graded it named the framework
    assignment: str = ""
    assignment_hash: str = ""
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sums_fit(self) -> Self:
        if self.status != _status(self.checks) and self.status not in ("ungradable", "grader-error"):
            raise ValueError(f"status: expected {_status(self.checks)}, which follows from the checks; got {self.status}")
        if (self.score is None) != (self.status == "grader-error"):
            raise ValueError("score: expected null with the status grader-error, and with no other")
        if self.score is not None and self.score != _score(self.checks):
            raise ValueError(f"score: expected {_score(self.checks)}, the sum of the checks; got {self.score:g}")
        names = [check.name for check in self.checks]
        if len(set(names)) < len(names):
            raise ValueError("checks: expected every name once")
        return self

    @property
    def share(self) -> float | None:
        """Score over best possible score; None without a score, 1 if nothing could be had."""
        return None if self.score is None else self.score / self.max_score if self.max_score else 1.0


def grade(
    submission: str,
    hash: str,
    checks: Iterable[Check],
    *,
    isolation: str,
    seed_id: str,
    versions: Mapping[str, str],
    seconds: float,
    framework: str | None = None,
    told: bool = False,
    assignment: str = "",
    assignment_hash: str = "",
    notes: Sequence[str] = (),
) -> Grade:
    """A grade whose score and status follow from its checks."""
    all_checks = tuple(checks)
    status = _status(all_checks)
    return Grade(
        submission=submission,
        hash=hash,
        score=None if status == "grader-error" else _score(all_checks),
        max_score=round(sum(check.max_points for check in all_checks), 6),
        status=status,
        isolation=isolation,
        seed_id=seed_id,
        versions=dict(versions),
        seconds=round(seconds, 3),
        checks=all_checks,
        framework=framework,
        told=told,
        assignment=assignment,
        assignment_hash=assignment_hash,
        notes=tuple(notes),
    )


def without_answers(
    submission: str,
    hash: str,
    assignment: Assignment,
    status: Literal["ungradable", "grader-error"],
    reason: str,
    earlier: Sequence[str] = (),
    **fields: Any,
) -> Grade:
    """The grade of a submission that was never asked: refused at intake (no points), or lost to a mistake of the grader (no score)."""
    points = 0.0 if status == "ungradable" else None
    checks = (
        Check(
            name=f"{spec} {part}",
            spec=spec,
            part=part,
            outcome=status,
            points=points,
            max_points=best,
            message=reason,
            visibility=assignment.visibility(spec, part),
        )
        for spec, task in assignment.specs.items()
        for part, best in task.points.items()
    )
    return grade(submission, hash, checks, assignment=assignment.title, notes=(*earlier, reason), **fields)


def write(folder: Path, content: Grade) -> Path:
    """Write grade.json in one step."""
    write_atomically(folder / FILE, content.model_dump_json(indent=1) + "\n")
    return folder / FILE


def read(path: Path) -> Grade:
    """The grade in a file.

    Raises:
        UnreadableGrade: not there, damaged, or of another version.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableGrade(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_FILE:
        raise UnreadableGrade(f"{path}: expected at most {_LARGEST_FILE} bytes, got more")
    try:
        return Grade.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise UnreadableGrade(f"{path}: {key}: {one_line(first['msg'])}") from error


def read_all(folder: Path) -> dict[str, Grade]:
    """The grades in the folders of a folder, by name of the submission.

    Raises:
        UnreadableGrade: no folder, no grade in it, or a grade in it that cannot be read.
    """
    if not folder.is_dir():
        raise UnreadableGrade(f"{folder}: expected a folder of grades, got none")
    grades = [read(path) for path in sorted(folder.glob(f"*/{FILE}"))]
    if not grades:
        raise UnreadableGrade(f"{folder}: expected a folder of grades, found no grades in it")
    return {grade.submission: grade for grade in grades}


def _status(checks: Sequence[Check]) -> Status:
    outcomes = {check.outcome for check in checks}
    for status in _GRAVEST:
        if status in outcomes:
            return status
    return "passed"


def _score(checks: Sequence[Check]) -> float:
    return round(sum(check.points or 0.0 for check in checks), 6)
