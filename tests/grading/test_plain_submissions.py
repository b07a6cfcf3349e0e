"""A submission that hands in `build_<model>` and no class is graded in its worker as it would be in this process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.grading.assignment.assignment_file import parse
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Check
from conformance.grading.sandbox.inside.resource_limits import MEBIBYTE, ResourceLimits
from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.isolation_probe import obstacle
from conformance.grading.sandbox.judge.worker_files import _copy_worker
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.grading.scoring.checks import checks
from conformance.grading.scoring.questions import SubmissionQuestions
from conformance.judging.verify import judge
from conformance.respondent import frameworks
from reference.specification import catalogue
from tests.harness.plain_models import SOURCES, changed, prepared_cases, seated

_LEVEL = isolation("landlock", own_root=False)
_LIMITS = ResourceLimits(2048 * MEBIBYTE, seconds_per_case=30.0, seconds_import=30.0, seconds_total=300.0)
_POINTS = "points = { activations = 2, value = 2, gradient = 2, training = 2 }"
_MODELS = ("StackedAutoencoder", "LinearAutoencoder", "PretrainedClassifier", "CharClassifier")
_FRAMEWORKS = pytest.mark.parametrize("framework", ["torch", "tensorflow"])


def _pool(framework: str) -> Workers:
    for reason in (frameworks.missing_framework(framework), obstacle(_LEVEL)):
        if reason is not None:
            pytest.skip(f"not run: {reason}")
    return Workers(_LEVEL, _LIMITS)


def _graded(framework: str, source: str, *names: str) -> dict[str, Check]:
    """The checks by name, as `grade` makes them."""
    seeded_assignment = SeededAssignment(
        parse('title = "Test"\ncases = 8\n' + "".join(f"[specs.{name}]\n{_POINTS}\n" for name in names), "test"), b"secret"
    )
    with _pool(framework) as pool, pool.open(framework, {"submission.py": source.encode()}) as remote:
        return {check.name: check for check in checks(remote, SubmissionQuestions(seeded_assignment, "a" * 64))}


@pytest.mark.slow
@_FRAMEWORKS
def test_right_plain_models_have_every_point(framework: str) -> None:
    """Whatever the secret draws: a tied autoencoder is not asked of them."""
    result = _graded(framework, SOURCES[framework], *_MODELS)
    assert not [(check.name, check.message) for check in result.values() if check.points != 2.0]
    assert len(result) == 4 * len(_MODELS)


@pytest.mark.slow
@_FRAMEWORKS
def test_a_worker_judges_plain_models_as_this_process_does(framework: str) -> None:
    """The same outcomes of a right one and of one that forgets to freeze; in PyTorch the same fraction of the error budget.

    In TensorFlow workers compute without oneDNN, so the last digits are others.
    """
    frozen = {"torch": "requires_grad_(trainable_encoder)", "tensorflow": "trainable = trainable_encoder"}[framework]
    spec = catalogue()["PretrainedClassifier"]
    outcomes = []
    with _pool(framework) as pool:
        for source in (SOURCES[framework], changed(SOURCES[framework], frozen, frozen.replace("trainable_encoder", "True"))):
            local = seated(framework, source)
            prepared = prepared_cases(local, spec.name, 2)
            with pool.open(framework, {"submission.py": source.encode()}) as remote:
                assert remote.builds(spec.name)
                here, there = (list(judge(subject, spec, prepared, 30.0, shrinking="none")) for subject in (local, remote))
            assert [(v.outcome, v.cases, type(v.response)) for v in here] == [(v.outcome, v.cases, type(v.response)) for v in there]
            if framework == "torch":
                assert [(v.budget_used, v.reason) for v in here] == [(v.budget_used, v.reason) for v in there]
            outcomes.append([verdict.outcome for verdict in there])
    assert outcomes == [["passed"] * 4, ["passed", "passed", "failed", "failed"]]


@pytest.mark.slow
def test_a_wrong_plain_model_loses_what_is_wrong_and_what_follows() -> None:
    """With the mistake by its name, or the parameter that does not fit."""
    source = changed(SOURCES["torch"], "below.requires_grad_(trainable_encoder)", "pass")
    source = changed(source, "nn.Linear(features, codings)", "nn.Linear(features, codings, bias=False)")
    source += "\ndef build_denoising_autoencoder(**options):\n    return nn.Linear(2, 2)\n"
    result = _graded("torch", source, "PretrainedClassifier", "LinearAutoencoder", "DenoisingAutoencoder")
    frozen = [result[f"PretrainedClassifier {part}"] for part in ("activations", "value", "gradient", "training")]
    assert [check.outcome for check in frozen] == ["passed", "passed", "failed", "skipped"]
    assert [match.ids for match in frozen[2].matches] == [("encoder_not_frozen",)]
    misfit = result["LinearAutoencoder activations"]
    assert (misfit.outcome, misfit.points) == ("failed", 0)
    assert "expected encoder.0.bias of shape" in misfit.message
    refused = result["DenoisingAutoencoder activations"]
    assert (refused.outcome, refused.points) == ("failed", 0)
    assert refused.message.endswith("write the class of the contract for it")


@pytest.mark.slow
def test_a_worker_holds_all_that_it_imports(tmp_path: Path) -> None:
    """Its files alone are enough for the interview and the adapters of plain models; the reference is not among them."""
    _copy_worker(tmp_path / "conformance")
    inside = "conformance.grading.sandbox.inside.submission_process"
    names = f"{inside}, conformance.respondent.plain_models, conformance.respondent.frameworks.plain_torch"
    # Without the finders of editable installations, which would fetch what is missing from the clone.
    only = "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f).lower()]"
    code = f"import sys; {only}; sys.path.insert(0, {str(tmp_path)!r}); import {names}; print(*sorted(sys.modules))"
    if frameworks.missing_framework("torch") is not None:
        code = code.replace(", conformance.respondent.frameworks.plain_torch", "")
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "conformance.respondent.plain_models" in loaded
    assert not {"reference", "conformance.judging.plain_model_allowances", "conformance.judging.expectation"} & set(loaded)
