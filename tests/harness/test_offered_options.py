"""Who offers a part of the options is right in that part: the rest is not offered, counted and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import verify
from conformance.reports.terminal import summary
from conformance.respondent.offered_options import taken
from conformance.respondent.responses import NotSupported
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.harness.submissions import write

MEAN_ONLY = (
    "from reference.losses.huber import huber_loss as right\n\ndef huber_loss(targets, predictions, delta=1.0{more}):\n    {body}\n"
)


def _value(folder: Path, more: str, body: str) -> Verdict:
    target = Target(write(folder, MEAN_ONLY.format(more=more, body=body)), "numpy", dtype="float64")
    return next(iter(verify(Plan((catalogue()["huber_loss"],), (target,), examples=24))))


def test_an_option_that_the_signature_does_not_have(tmp_path: Path) -> None:
    """One reduction alone passes; the other two are counted, and shown with the result."""
    verdict = _value(tmp_path, "", "return right(targets, predictions, delta)")
    assert (verdict.outcome, list(verdict.not_offered)) == ("passed", ["no 'reduction'"])
    assert 0 < verdict.not_offered["no 'reduction'"] < 24
    shown = [str(part) for part in summary([verdict], 1.0).renderables]  # type: ignore[attr-defined]
    assert any("no 'reduction' of huber_loss" in line for line in shown)


def test_an_option_that_is_not_written_yet(tmp_path: Path) -> None:
    """NotImplementedError says the same as a signature, of a value of an option."""
    body = "if reduction == 'none': raise NotImplementedError\n    return right(targets, predictions, delta, reduction)"
    verdict = _value(tmp_path, ", reduction='mean'", body)
    assert (verdict.outcome, list(verdict.not_offered)) == ("passed", ["reduction='none'"])


def test_nothing_is_hidden_behind_what_is_not_offered(tmp_path: Path) -> None:
    """What is offered has to be right; nothing at all is not written yet; the plainest values are no option."""
    assert _value(tmp_path / "wrong", "", "return 2 * right(targets, predictions, delta)").outcome == "failed"
    assert _value(tmp_path / "empty", ", reduction='mean'", "raise NotImplementedError").outcome == "errored"
    body = "if reduction == 'mean': raise NotImplementedError\n    return right(targets, predictions, delta, reduction)"
    assert _value(tmp_path / "plain", ", reduction='mean'", body).outcome == "errored"


def test_an_option_by_another_name_is_no_missing_option(tmp_path: Path) -> None:
    """The call says what is wrong with it."""
    verdict = _value(tmp_path, ", reduce='mean'", "return right(targets, predictions, delta, reduce)")
    assert verdict.outcome == "failed"
    assert "did you mean reduction by reduce" in (verdict.reason or "")


@pytest.mark.parametrize(
    ("arguments", "kept"), [({"a": 1}, {"a": 1}), ({"a": 1, "b": 2}, {"a": 1}), ({"a": 1, "b": 3}, None), ({"c": 1}, {"c": 1})]
)
def test_what_is_handed_over(arguments: dict[str, Any], kept: dict[str, Any] | None) -> None:
    """An option at its default is left out, off its default not asked; what is no option is handed over, whatever comes of it."""
    if kept is None:
        with pytest.raises(NotSupported, match="f takes no 'b'"):
            taken(lambda a: a, "f", arguments, {"b": 2})
    else:
        assert taken(lambda a: a, "f", arguments, {"b": 2}) == kept


def test_only_some_values_may_be_asked(tmp_path: Path) -> None:
    """Nothing else is drawn, given or left out; known answers of other values are not asked."""
    spec = catalogue()["huber_loss"].limited({"reduction": ["none"]})
    body = "assert reduction == 'none'\n    return right(targets, predictions, delta, reduction)"
    target = Target(write(tmp_path, MEAN_ONLY.format(more=", reduction='mean'", body=body)), "numpy", dtype="float64")
    verdict = next(iter(verify(Plan((spec,), (target,), examples=40))))
    assert (verdict.outcome, verdict.reason, dict(verdict.not_offered)) == ("passed", None, {})


@pytest.mark.parametrize(
    ("name", "values", "sentence"), [("reduce", ["mean"], "an option of huber_loss"), ("reduction", ["men"], "among 'mean'")]
)
def test_what_is_asked_must_exist(name: str, values: list[str], sentence: str) -> None:
    """A sentence for each mistake."""
    with pytest.raises(ValueError, match=sentence):
        catalogue()["huber_loss"].limited({name: values})


def test_a_class_without_an_option_may_take_a_seed() -> None:
    """Only a name that may stand for an option makes the call say what is wrong."""
    given, defaults = {"sizes": (3, 2), "tied": False}, {"tied": False}
    assert taken(lambda sizes, seed=0, dtype=None: None, "f", given, defaults) == {"sizes": (3, 2)}
    assert taken(lambda sizes, tie=False: None, "f", given, defaults) == given
