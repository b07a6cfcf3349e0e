"""Which cases are chosen: those that find every mistake, few, small, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conformance.cases.case import Case
from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault, Replacement
from conformance.judging.expectation import expect
from conformance.vectors import selection
from conformance.vectors.export import export, uncovered
from conformance.vectors.faulty import findable, finds
from conformance.vectors.selection import select, size
from reference.specification import catalogue

KL = catalogue()["kl_sparsity_loss"]
_WIDE_CLIP = Fault(
    "clip_of_one_percent",
    ("kl_sparsity_loss",),
    "Clips at 1e-2.",
    "",
    "",
    changes=(Replacement("formulas.sparsity:_mean_activity", "np.maximum(mean, epsilon)", "np.maximum(mean, 1e-2)"),),
)


@pytest.mark.slow
def test_the_choice_is_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte; with a few mistakes only, so that it does not take long."""
    monkeypatch.setattr(selection, "findable", lambda name: findable(name)[::8])
    for folder in ("first", "second"):
        list(export([KL, catalogue()["LinearAutoencoder"]], tmp_path / folder))
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / folder).iterdir()} for folder in ("first", "second"))
    assert first == second
    assert len(first) == 6


@pytest.mark.slow
def test_every_fault_is_found_and_said_where() -> None:
    """The claims are those that a fresh run confirms, no more and no fewer."""
    vectors = select(KL, "float64")
    for name in ("features_axis", "weight_twice", "mean_units"):
        assert any(name in vector.kills for vector in vectors)
        for vector in vectors:
            assert (name in vector.kills) == finds(entries()[name], vector.case, vector.expected)


def test_a_case_that_cannot_tell_kills_nothing() -> None:
    """With one sample and one unit, and weight 1, the three known faults answer as the reference does."""
    case = Case("kl_sparsity_loss", "float64", {"activations": np.full((1, 1), 0.5)}, np.array(1.0))
    expected = expect(KL, case)
    assert [name for name in ("features_axis", "weight_twice", "mean_units") if finds(entries()[name], case, expected)] == []
    several = replace(case, inputs={"activations": np.array([[0.5, 0.25], [0.75, 0.5], [0.25, 0.125]]), "weight": 2.0})
    expected = expect(KL, several)
    assert [name for name in ("features_axis", "weight_twice", "mean_units") if not finds(entries()[name], several, expected)] == []


def test_what_was_asked_before_does_not_count() -> None:
    """A mistake that remembers its calls drifts far enough, in time, to be found by any case; a claim is what a fresh one shows."""
    case = Case("l1_activity_loss", "float32", {"activations": np.full((2, 3), 1e6), "weight": 1.0}, np.array(1.0))
    expected = expect(catalogue()["l1_activity_loss"], case)
    assert [finds(entries()["remembers_calls"], case, expected) for _ in range(40)] == [False] * 40
    small = replace(case, inputs={"activations": np.full((2, 3), 0.5)})
    assert finds(entries()["remembers_calls"], small, expect(catalogue()["l1_activity_loss"], small))


def test_a_mistake_at_an_edge_draws_a_case_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that only small activities show is found by a case that has them."""
    monkeypatch.setattr(selection, "findable", lambda name: (_WIDE_CLIP,))
    (results, *_) = [vector for vector in select(KL, "float64") if vector.kills]
    assert results.kills == ("clip_of_one_percent",)
    assert results.case.inputs["activations"].mean(axis=0).min() < 1e-2


def test_every_option_and_profile_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though no fault asks for it."""
    monkeypatch.setattr(selection, "findable", lambda name: ())
    vectors = select(catalogue()["vae_kl_loss"], "float64")
    assert {vector.case.inputs.get("reduction") for vector in vectors} >= {"mean", "sum", "none"}
    flags = {flag for vector in vectors for flag in vector.case.flags}
    assert flags >= {"known", "round", "ordinary", "edges", "wide", "single_sample", "single_unit"}
    models = select(catalogue()["LinearAutoencoder"], "float64")
    assert {vector.case.inputs["training"]["optimizer"] for vector in models} == {
        "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam",
    }  # fmt: skip


@pytest.mark.slow
def test_cases_are_few_and_small() -> None:
    """A dozen, of at most sixty numbers."""
    vectors = select(KL, "float64")
    assert len(vectors) <= 12
    assert max(size(vector.case.inputs) for vector in vectors) <= 60


def test_an_unfound_fault_is_uncovered() -> None:
    """Files without claims cover nothing."""
    assert {"features_axis", "weight_twice"} <= {entry.id for entry in uncovered([])}
    assert all(entry.kind != "rewrite" for entry in uncovered([]))
