"""What a student may see of a grade, and when: hidden checks are left out, and so is what should have come out, if the teacher says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformance.grading.assignment.assignment import Assignment, Language
from conformance.grading.grade_file import Check

When = Literal["now", "after_due_date", "after_published"]
_VISIBLE_BY = {
    "now": ("visible",),
    "after_due_date": ("visible", "after_due_date"),
    "after_published": ("visible", "after_due_date", "after_published"),
}


@dataclass(frozen=True)
class Presentation:
    """How a grade is shown. `when` says which checks a student may see by then; hidden ones are never shown."""

    language: Language = "en"
    expected: bool = True
    title: str = ""
    deadline: str = ""
    when: When = "after_published"

    @classmethod
    def of(cls, assignment: Assignment, when: When = "after_published") -> Presentation:
        """As the assignment says."""
        return cls(assignment.language, assignment.shown.expected, assignment.title, assignment.deadline, when)

    def shows(self, check: Check) -> bool:
        """Whether a student may see the check."""
        return check.visibility in _VISIBLE_BY[self.when]
