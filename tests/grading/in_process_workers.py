"""A submission of the test's own, in this process: what a worker would answer, without the worker. Never for foreign code."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from conformance.grading.assignment.assignment import Assignment
from conformance.grading.assignment.assignment_file import parse
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Check, Grade
from conformance.grading.intake.submissions import Refused, Submission, content_hash
from conformance.grading.sandbox.inside.submission_process import _offered
from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.remote_subject import Imported, RemoteSubject
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.grading.scoring.checks import checks
from conformance.grading.scoring.one_submission import grade_submission
from conformance.grading.scoring.questions import SubmissionQuestions
from conformance.respondent import frameworks
from conformance.respondent.responses import Response, Returned
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from conformance.workers.replies import read_import

SECRET = b"secret of the course"
# The four formulas, right, in NumPy; the first two with their gradients.
RIGHT = """
import numpy as np

def vae_kl_loss(mean, log_var, reduction="mean"):
    each = 0.5 * (mean * mean + (np.expm1(log_var) - log_var)).sum(axis=1)
    return each if reduction == "none" else getattr(each, reduction)()

def vae_kl_loss_vjp(cotangent, mean, log_var, reduction="mean"):
    weight = np.reshape(cotangent, (-1, 1)) / (len(mean) if reduction == "mean" else 1)
    return {"mean": weight * mean, "log_var": weight * np.expm1(log_var) / 2}

def reparameterize(mean, log_var, noise):
    return mean + np.exp(log_var / 2) * noise

def reparameterize_vjp(cotangent, mean, log_var, noise):
    deviation = np.exp(log_var / 2)
    return {"mean": cotangent, "log_var": cotangent * deviation * noise / 2, "noise": cotangent * deviation}

def l1_activity_loss(activations, weight=1e-3):
    return np.abs(activations).sum() * weight / len(activations)

def mean_squared_error(inputs, reconstructions, reduction="mean"):
    squares = (inputs - reconstructions) ** 2
    return squares.mean() if reduction == "mean" else squares.sum(axis=1).mean() if reduction == "sum" else squares.sum(axis=1)
"""


class InProcessSubject(LocalSubject):
    """What the judge asks a worker for, answered by a module made from text."""

    imported: Imported
    alive: bool

    def close(self) -> None:
        """Nothing has to be ended."""


def in_process_subject(source: str | dict[str, Any], dtype: str = "float64", response: Response | None = None) -> RemoteSubject:
    """The text, or the names, as a submission; with a response, one whose import went so."""
    module = types.ModuleType("submission")
    if response is None:
        exec(source, vars(module)) if isinstance(source, str) else vars(module).update(source)
    made = InProcessSubject(Target("submission.py", "numpy", "cpu", dtype), module, frameworks.load("numpy"))
    went, names = read_import({"response": ["Returned", {}], "names": _offered(module)})
    vars(made).update(imported=Imported(response or went, names), alive=response is None or isinstance(response, Returned))
    return cast(RemoteSubject, made)


def assignment(text: str, **given: Any) -> Assignment:
    """An assignment with eight cases, from its specifications."""
    return parse(f'title = "Test"\ncases = 8\n{text}', "test").model_copy(update=given)


def asked(
    given: Assignment, source: str | dict[str, Any] | RemoteSubject, hash: str = "a" * 64, dtype: str = "float64"
) -> dict[str, Check]:
    """The checks of a submission, by part; of several specifications by name."""
    subject = source if isinstance(source, InProcessSubject) else in_process_subject(cast("str | dict[str, Any]", source), dtype)
    done = list(checks(cast(RemoteSubject, subject), SubmissionQuestions(SeededAssignment(given, SECRET), hash)))
    return {check.part if len(given.specs) == 1 else check.name: check for check in done}


class InProcessWorkers:
    """In the place of `Workers`: every submission is seated in this process. What `broken` names fails as the grader fails."""

    def __init__(self, level: str = "namespaces", broken: Mapping[str, BaseException] | None = None) -> None:
        self.isolation, self._broken = isolation(level, own_root=True), broken or {}
        self.opened: list[tuple[str, str]] = []

    @contextmanager
    def open(
        self, framework: str, files: Mapping[str, bytes], entry: str, dtype: str, spent: float = 0.0
    ) -> Iterator[RemoteSubject]:
        """As `Workers.open`."""
        source = files[entry].decode()
        self.opened.append((framework, dtype))
        for word, error in self._broken.items():
            if word in source:
                raise error
        yield in_process_subject(source, dtype)

    def versions(self, framework: str) -> dict[str, str]:
        """As `Workers.versions`."""
        return {framework: "1.0"}

    def grade_submission(self, seeded_assignment: SeededAssignment, submission: Submission | Refused) -> Grade:
        """The grade of one submission."""
        return grade_submission(cast(Workers, self), seeded_assignment, submission)


def handed_in(source: str, name: str = "ann", **given: Any) -> Submission:
    """A submission of one file."""
    files = {"submission.py": source.encode()}
    return Submission(name, content_hash(files), files, "submission.py", **{"framework": "numpy", **given})
