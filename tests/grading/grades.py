"""Grades as a student could get them: the four mistakes that feedback must explain, and every other outcome."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.cases.case import plain
from conformance.faults.catalogue import entries
from conformance.grading.assignment.assignment_file import parse
from conformance.grading.grade_file import Check, Counterexample, Grade, RecordedMatch, grade

ASSIGNMENT = parse(
    """
title = "Lecture 06"
deadline = "Sunday, 23:59"
[specs.vae_kl_loss]
points = { value = 2, gradient = 1, edges = 1 }
public = ["value"]
[specs.kl_sparsity_loss]
points = { value = 2, edges = 1 }
[specs.pad_sequences]
points = { value = 3 }
[specs.PretrainedClassifier]
points = { value = 2, training = 2 }
""",
    "test",
)


def _known(id: str) -> RecordedMatch:
    """What the grader says of a mistake in the catalogue."""
    fault = entries()[id]
    return RecordedMatch(ids=(id,), sentences=(fault.sentence,), hints=(fault.hint,))


HALF, FEATURES, PADDING, FROZEN = map(_known, ("half_missing", "features_axis", "padding_side", "encoder_not_frozen"))
_USUAL: dict[str, Any] = {
    "isolation": "namespaces",
    "seed_id": "s1",
    "versions": {"numpy": "2.4.6"},
    "framework": "torch",
    "assignment": "Lecture 06",
}


def example(actual: Any, expected: Any, index: tuple[int, ...] = (), name: str = "value", **inputs: Any) -> Counterexample:
    """A counterexample with those inputs."""
    return Counterexample(id="cd23eba85aba", inputs=plain(inputs), index=index, name=name, actual=actual, expected=expected)


def check(spec: str, part: Any, outcome: Any = "passed", points: float | None = None, best: float = 2.0, **rest: Any) -> Check:
    """A check; all points if it passed, none otherwise, unless said."""
    own = points if points is not None or outcome == "grader-error" else best if outcome == "passed" else 0.0
    return Check(name=f"{spec} {part}", spec=spec, part=part, outcome=outcome, points=own, max_points=best, **rest)


def graded(submission: str, *checks: Check, **rest: Any) -> Grade:
    """A grade with those checks."""
    return grade(submission, "a" * 64, checks, **{**_USUAL, "seconds": 0.25, **rest})


def four_mistakes() -> Grade:
    """The mistakes named by the project's plan, all in one submission."""
    weights = np.array([[1.0]])
    return graded(
        "김민수",
        check(
            "vae_kl_loss",
            "value",
            "failed",
            matches=(HALF,),
            message="value: expected 0.5, got 1.0",
            counterexample=example(1.0, 0.5, mean=weights, log_var=0 * weights, reduction="mean"),
        ),
        check("vae_kl_loss", "gradient", best=1.0),
        check("vae_kl_loss", "edges", "skipped", best=1.0, message="skipped, because value did not pass"),
        check(
            "kl_sparsity_loss",
            "value",
            "failed",
            matches=(FEATURES,),
            counterexample=example(0.1308, 0.0, activations=np.array([[0.0, 0.2], [0.2, 0.0]]), target=0.1),
        ),
        check(
            "pad_sequences",
            "value",
            "failed",
            best=3.0,
            matches=(PADDING,),
            counterexample=example(4, 0, index=(1, 0), sequences=[[1, 2], [4]], maxlen=None, padding="pre"),
        ),
        check("PretrainedClassifier", "value"),
        check(
            "PretrainedClassifier",
            "training",
            "failed",
            matches=(FROZEN,),
            counterexample=example(
                0.5117, 0.5, index=(0, 1), name="encoder.0.weight", configuration={"encoder": (4, 2), "trainable_encoder": False}
            ),
        ),
        notes=("the code cells of submission.ipynb were taken", "cell 1: left out 1 line that is no Python: %matplotlib inline"),
    )


def every_outcome() -> Grade:
    """One check of every outcome but grader-error."""
    return graded(
        "alice",
        check("vae_kl_loss", "value"),
        check("vae_kl_loss", "gradient", "crashed", message="RuntimeError: shapes differ (line 3)"),
        check("vae_kl_loss", "edges", "timed-out", message="no answer within 10 s"),
        check("kl_sparsity_loss", "value", "over-limit", message="more than 2048 MiB"),
        check("kl_sparsity_loss", "edges", "protocol-error", message="value is int, expected a tensor"),
        check("pad_sequences", "value", "failed", points=1.0, matches=(HALF.model_copy(update={"variant": True}), FEATURES)),
        check("PretrainedClassifier", "training", "skipped"),
    )
