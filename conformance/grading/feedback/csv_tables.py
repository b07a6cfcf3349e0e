"""Grades as tables: for spreadsheets, and as nbgrader and otter write them. No cell is a formula, whatever a student is called."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from conformance.grading.feedback.escaping import csv_cell
from conformance.grading.grade_file import Grade

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
    for one in _ordered(grades):
        points = {check.name: check.points for check in one.checks}
        percent = None if one.share is None else round(100 * one.share, 2)
        tail = [one.framework, one.isolation, one.seed_id, one.seconds, one.hash, one.handed_in]
        rows.append([one.submission, one.score, one.max_score, percent, one.status, *(points.get(name) for name in names), *tail])
    return _table(head, rows)


def nbgrader_csv(grades: Sequence[Grade], deadline: str = "", timestamp: str = "") -> str:
    """The columns of `nbgrader export`; the name of the submission is the student's id."""
    rows = [
        [one.assignment, deadline, timestamp, one.submission, "", "", "", one.score, 0, one.score, one.max_score]
        for one in _ordered(grades)
    ]
    return _table(NBGRADER, rows)


def otter_csv(grades: Sequence[Grade]) -> str:
    """The columns of otter's final_grades.csv; the first row has the points that can be had."""
    names = _check_names(grades)
    best = {check.name: check.max_points for one in grades for check in one.checks}
    total = sum(best.values())
    rows: list[list[object]] = [["points-per-question", *(best[name] for name in names), total, 1.0, ""]] if grades else []
    for one in _ordered(grades):
        points = {check.name: check.points for check in one.checks}
        share = None if one.share is None else round(one.share, 6)
        state = "Completed" if one.status not in ("ungradable", "grader-error") else f"Failed: {one.status}"
        rows.append([one.submission, *(points.get(name) for name in names), one.score, share, state])
    return _table(["file", *names, "total_points_earned", "percent_correct", "grading_status"], rows)


def _ordered(grades: Iterable[Grade]) -> list[Grade]:
    return sorted(grades, key=lambda one: one.submission)


def _check_names(grades: Sequence[Grade]) -> list[str]:
    """Every check, in the order of the submission that has the most of them."""
    longest = sorted(grades, key=lambda one: -len(one.checks))
    return list(dict.fromkeys(check.name for one in longest for check in one.checks))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (head, *rows):
        writer.writerow([csv_cell(cell) for cell in row])
    return text.getvalue()
