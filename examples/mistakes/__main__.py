"""Grade the four submissions in English and in Korean, and write what their authors read: python -m examples.mistakes docs/feedback.md."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.files import write_atomically
from conformance.grading.assignment.assignment import Assignment, AssignmentTask, Language
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.feedback.feedback_text import feedback_text
from conformance.grading.feedback.markdown import as_markdown
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Submission, find, take
from conformance.grading.sandbox.judge.isolation_probe import walled
from conformance.grading.scoring.one_submission import grade_submission, workers_for

_FOLDER = Path(__file__).parent
_HEAD = """# Feedback as students read it

Four submissions with one mistake each ([examples/mistakes](../examples/mistakes)), graded, in English and in Korean.
Written by `python -m examples.mistakes docs/feedback.md`.
"""
ASKED = {
    "half_missing": AssignmentTask(points={"value": 2, "gradient": 1, "edges": 1}),
    "features_axis": AssignmentTask(points={"value": 2, "gradient": 1, "edges": 1}),
    "padding_side": AssignmentTask(points={"value": 3, "edges": 1}),
    "encoder_not_frozen": AssignmentTask(points={"activations": 1, "value": 1, "gradient": 2}),
}
_SPECS = {
    "half_missing": "vae_kl_loss",
    "features_axis": "kl_sparsity_loss",
    "padding_side": "pad_sequences",
    "encoder_not_frozen": "PretrainedClassifier",
}


def graded(name: str) -> Grade:
    """The grade of one of the submissions."""
    (source,) = find([_FOLDER / f"{name}.py"])
    submission = take(source)
    assert isinstance(submission, Submission)
    assignment = Assignment(title="Lecture 06", specs={_SPECS[name]: ASKED[name]})
    with walled(lambda isolation: workers_for(assignment, isolation, 1), submission.framework or "numpy") as workers:
        return grade_submission(workers, SeededAssignment(assignment, b"the examples' secret"), submission)


def page(grades: dict[str, Grade]) -> str:
    """docs/feedback.md."""
    parts = [_HEAD]
    for name, grade in grades.items():
        parts.append(f"\n## `{name}`\n")
        languages: tuple[tuple[Language, str], ...] = (("en", "English"), ("ko", "한국어"))
        for language, title in languages:
            text = as_markdown(feedback_text(grade, Presentation(language, title=grade.assignment)))
            # Headings go under that of the page; the last line is of this run alone.
            body = "\n".join(f"###{line}" if line.startswith("#") else line for line in text.split("\n---\n")[0].splitlines())
            parts.append(f"\n### {title}\n\n{body}\n")
    return "".join(parts)


if __name__ == "__main__":
    write_atomically(Path(sys.argv[1]), page({name: graded(name) for name in ASKED}))
