"""Where everything goes: one folder a submission, and the files of the class beside them. Every file appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal, get_args

from conformance.files import write_atomically
from conformance.grading import grade_file
from conformance.grading.feedback import class_report, csv_tables, feedback_text, html, markdown
from conformance.grading.feedback.feedback_text import Presentation
from conformance.grading.feedback.gradescope import results
from conformance.grading.grade_file import Grade
from conformance.grading.intake.file_names import CLASS_HTML, CLASS_MARKDOWN, GRADES, NBGRADER, OTTER, folder_names

Format = Literal["gradescope", "nbgrader", "otter"]
FORMATS: tuple[Format, ...] = get_args(Format)
_MARKDOWN, _HTML, _GRADESCOPE = "feedback.md", "feedback.html", "results.json"


def write_grade(out: Path, given: Grade, shown: Presentation, formats: Collection[Format] = ()) -> Path:
    """Write one submission's folder; grade.json last, so that a folder with it is complete. Returns the folder.

    Raises:
        ValueError: a name that is not safe as the name of a folder; intake gives only such that are.
        OSError: it cannot be written.
    """
    if folder_names([given.submission]) != (given.submission,):
        raise ValueError(f"submission: expected a name that is safe as the name of a folder, got {given.submission!a}")
    folder = out / given.submission
    folder.mkdir(parents=True, exist_ok=True)
    seen = feedback_text.feedback_text(given, shown)
    write_atomically(folder / _MARKDOWN, markdown.as_markdown(seen))
    write_atomically(folder / _HTML, html.feedback_page(seen))
    if "gradescope" in formats:
        write_atomically(folder / _GRADESCOPE, json.dumps(results(given, shown), indent=1, allow_nan=False) + "\n")
    else:
        (folder / _GRADESCOPE).unlink(missing_ok=True)  # of an earlier run, and no longer true
    grade_file.write(folder, given)
    return folder


def is_whole(folder: Path, formats: Collection[Format] = ()) -> bool:
    """Whether nothing is missing beside grade.json."""
    names = [_MARKDOWN, _HTML, *([_GRADESCOPE] if "gradescope" in formats else [])]
    return all((folder / name).is_file() for name in names)


def write_class(out: Path, grades: Sequence[Grade], shown: Presentation, formats: Collection[Format] = ()) -> None:
    """Write the files of the class."""
    out.mkdir(parents=True, exist_ok=True)
    seen = class_report.class_report(grades, shown)
    write_atomically(out / GRADES, csv_tables.grades_csv(grades))
    write_atomically(out / CLASS_MARKDOWN, class_report.as_markdown(seen))
    write_atomically(out / CLASS_HTML, class_report.as_html(seen))
    if "nbgrader" in formats:
        write_atomically(out / NBGRADER, csv_tables.nbgrader_csv(grades, shown.deadline))
    if "otter" in formats:
        write_atomically(out / OTTER, csv_tables.otter_csv(grades))
