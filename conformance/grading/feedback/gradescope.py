"""Gradescope's results.json, with all its documented fields. Gradescope itself decides, by `visibility`, when students see a test."""

from __future__ import annotations

from typing import Any

from conformance.grading.assignment.assignment import Visibility
from conformance.grading.feedback import languages
from conformance.grading.feedback.feedback_text import check_text
from conformance.grading.feedback.markdown import check_as_markdown
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import SCHEMA_VERSION, Grade
from conformance.reports.escaping import clean, markdown


def results(grade: Grade, presentation: Presentation, leaderboard: bool = False) -> dict[str, Any]:
    """The content of results.json.

    Where a test is not visible to students at once, there is no `score` of the whole and no row on the leaderboard: both would tell what
    the hidden test gave. Gradescope adds up the tests. Where the grader failed, there are no tests and no score either, which
    Gradescope shows as a failed autograder and not as a zero.
    """
    language = presentation.language
    common = {
        "execution_time": grade.seconds,
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "extra_data": {
            "schema_version": SCHEMA_VERSION,
            "submission_hash": grade.hash,
            "isolation": grade.isolation,
            "seed_id": grade.seed_id,
        },
    }
    if grade.score is None:
        return {**common, "visibility": "visible", "output": languages.say(language, "outcome.grader-error")}
    open_at_once = all(check.visibility == "visible" for check in grade.checks)
    notes = [markdown(presentation.title or grade.assignment), *(f"- {markdown(note, 300)}" for note in grade.notes)]
    content: dict[str, Any] = {
        **common,
        "visibility": "visible",
        "output": "\n".join([notes[0], "", *notes[1:]]).strip(),
        "tests": [_test(number, grade, presentation) for number in range(len(grade.checks))],
        "leaderboard": [],
    }
    if open_at_once:
        content["score"] = grade.score
        if leaderboard:
            content["leaderboard"] = [
                {"name": languages.say(language, "class.score"), "value": grade.score, "order": "desc"},
            ]
    return content


def _test(number: int, grade: Grade, presentation: Presentation) -> dict[str, Any]:
    check = grade.checks[number]
    visibility: Visibility = check.visibility
    tasks = list(dict.fromkeys(neighbour.spec for neighbour in grade.checks))
    place = [neighbour.name for neighbour in grade.checks if neighbour.spec == check.spec].index(check.name) + 1
    return {
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.outcome == "passed" else "failed",
        "name": clean(f"{check.spec}: {languages.say(presentation.language, f'part.{check.part}')}", 120),
        "name_format": "text",
        "number": f"{tasks.index(check.spec) + 1}.{place}",
        "output": check_as_markdown(check_text(check, presentation), presentation.language),
        "output_format": "md",
        "tags": [clean(check.spec, 80), check.part],
        "visibility": visibility,
        "extra_data": {"outcome": check.outcome, "matches": sorted({id for match in check.matches for id in match.ids})},
    }
