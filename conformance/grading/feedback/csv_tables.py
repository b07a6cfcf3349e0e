"""Grades as tables: for spreadsheets, and as nbgrader and otter write them. No cell is a formula, whatever a student is called."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from conformance.grading.grade_file import Grade
from conformance.reports.escaping import csv_cell

NBGRADER = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def grades_csv(grades: Sequence[Grade]) -> str:
    """grades.csv: a line a submission, a column a check. Where the grader failed, the score is empty, never 0."""
    names = _check_names(grades)
    head = ["submission", "score", "max_score", "percent", "status", *names, "framework", "isolation", "seed_id", "seconds", "hash"]
    head.append("handed_in")
    rows = []
    for grade in _ordered(grades):
        points = {check.name: check.points for check in grade.checks}
        percent = None if grade.share is None else round(100 * grade.share, 2)
        tail = [grade.framework, grade.isolation, grade.seed_id, grade.seconds, grade.hash, grade.handed_in]
        rows.append(
            [grade.submission, grade.score, grade.max_score, percent, grade.status, *(points.get(name) for name in names), *tail]
        )
    return _table(head, rows)


def nbgrader_csv(grades: Sequence[Grade], deadline: str = "", timestamp: str = "") -> str:
    """The columns of `nbgrader export`; the name of the submission is the student's id."""
    rows = [
        [grade.assignment, deadline, timestamp, grade.submission, "", "", "", grade.score, 0, grade.score, grade.max_score]
        for grade in _ordered(grades)
    ]
    return _table(NBGRADER, rows)


def otter_csv(grades: Sequence[Grade]) -> str:
    """The columns of otter's final_grades.csv; the first row has the points that can be had."""
    names = _check_names(grades)
    best = {check.name: check.max_points for grade in grades for check in grade.checks}
    total = sum(best.values())
    rows: list[list[object]] = [["points-per-question", *(best[name] for name in names), total, 1.0, ""]] if grades else []
    for grade in _ordered(grades):
        points = {check.name: check.points for check in grade.checks}
        share = None if grade.share is None else round(grade.share, 6)
        state = "Completed" if grade.status not in ("ungradable", "grader-error") else f"Failed: {grade.status}"
        rows.append([grade.submission, *(points.get(name) for name in names), grade.score, share, state])
    return _table(["file", *names, "total_points_earned", "percent_correct", "grading_status"], rows)


def _ordered(grades: Iterable[Grade]) -> list[Grade]:
    return sorted(grades, key=lambda grade: grade.submission)


def _check_names(grades: Sequence[Grade]) -> list[str]:
    """Every check, in the order of the submission that has the most of them."""
    longest = sorted(grades, key=lambda grade: -len(grade.checks))
    return list(dict.fromkeys(check.name for grade in longest for check in grade.checks))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (head, *rows):
        writer.writerow([csv_cell(cell) for cell in row])
    return text.getvalue()
