"""Gradescope's results.json, with all its documented fields. Gradescope itself decides, by `visibility`, when students see a test."""

from __future__ import annotations

from typing import Any

from conformance.grading.assignment.assignment import Visibility
from conformance.grading.feedback import languages
from conformance.grading.feedback.escaping import clean, markdown
from conformance.grading.feedback.feedback_text import Presentation, check_text
from conformance.grading.feedback.markdown import check_as_markdown
from conformance.grading.grade_file import SCHEMA_VERSION, Grade


def results(given: Grade, shown: Presentation, leaderboard: bool = False) -> dict[str, Any]:
    """The content of results.json.

    Where a test is not visible to students at once, there is no `score` of the whole and no row on the leaderboard: both would tell what
    the hidden test gave. Gradescope adds up the tests. Where the grader failed, there are no tests and no score either, which
    Gradescope shows as a failed autograder and not as a zero.
    """
    language = shown.language
    common = {
        "execution_time": given.seconds,
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "extra_data": {
            "schema_version": SCHEMA_VERSION,
            "submission_hash": given.hash,
            "isolation": given.isolation,
            "seed_id": given.seed_id,
        },
    }
    if given.score is None:
        return {**common, "visibility": "visible", "output": languages.say(language, "outcome.grader-error")}
    open_at_once = all(check.visibility == "visible" for check in given.checks)
    notes = [markdown(shown.title or given.assignment), *(f"- {markdown(note, 300)}" for note in given.notes)]
    found: dict[str, Any] = {
        **common,
        "visibility": "visible",
        "output": "\n".join([notes[0], "", *notes[1:]]).strip(),
        "tests": [_test(number, given, shown) for number in range(len(given.checks))],
        "leaderboard": [],
    }
    if open_at_once:
        found["score"] = given.score
        if leaderboard:
            found["leaderboard"] = [
                {"name": languages.say(language, "class.score"), "value": given.score, "order": "desc"},
            ]
    return found


def _test(number: int, given: Grade, shown: Presentation) -> dict[str, Any]:
    check = given.checks[number]
    visibility: Visibility = check.visibility
    tasks = list(dict.fromkeys(one.spec for one in given.checks))
    place = [one.name for one in given.checks if one.spec == check.spec].index(check.name) + 1
    return {
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.outcome == "passed" else "failed",
        "name": clean(f"{check.spec}: {languages.say(shown.language, f'part.{check.part}')}", 120),
        "name_format": "text",
        "number": f"{tasks.index(check.spec) + 1}.{place}",
        "output": check_as_markdown(check_text(check, shown), shown.language),
        "output_format": "md",
        "tags": [clean(check.spec, 80), check.part],
        "visibility": visibility,
        "extra_data": {"outcome": check.outcome, "matches": sorted({id for match in check.matches for id in match.ids})},
    }
