"""From a failing case to the simplest that fails too; the failure here is a predicate, so that what is left is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Case, Recipe, draw
from conformance.cases.kinds.function import FUNCTION
from conformance.cases.profiles import EDGES, ORDINARY, PROFILES, WIDE, Profile
from conformance.cases.shrink import shrink
from conformance.respondent.frameworks import DTYPES
from conformance.tolerance import round_to
from reference.domains import Reals
from reference.specification import catalogue

SPECS = list(catalogue().values())


def _shrunk(name: str, fails: Callable[[dict[str, Any]], bool], recipe: Recipe | None = None) -> dict[str, Any]:
    """The inputs of the first shrunken case that failed."""
    spec = catalogue()[name]
    candidates = [recipe] if recipe else [Recipe(ORDINARY, 6, seed) for seed in range(40)]
    case = next(c for c in (draw(spec, "float32", r) for r in candidates) if fails(dict(c.inputs)))
    return dict(shrink(spec, case, lambda c: fails(dict(c.inputs))).inputs)


def test_arrays_become_small_and_round() -> None:
    """What does not matter becomes one row, one column and zero; what matters keeps one digit."""
    inputs = _shrunk("vae_kl_loss", lambda x: bool((x["mean"] > 1.9).any()))
    assert inputs["mean"].shape == inputs["log_var"].shape == (1, 1)
    assert float(inputs["mean"][0, 0]) in (2.0, 3.0)
    assert float(inputs["log_var"][0, 0]) == 0.0


def test_a_fault_that_needs_its_size_keeps_it() -> None:
    """Rows and columns that the failure needs stay, and no more."""
    inputs = _shrunk("vae_kl_loss", lambda x: x["mean"].shape[0] >= 2 and x["mean"].shape[1] >= 3)
    assert inputs["mean"].shape == (2, 3)


def test_arrays_that_share_an_axis_are_cut_together() -> None:
    """All inputs of a formula keep their common shape, and the cotangent has that of the value."""
    spec = catalogue()["reparameterize"]
    shapes = []

    def fails(case: Case) -> bool:
        assert case.cotangent is not None
        shapes.append({case.inputs[name].shape for name in spec.inputs} | {case.cotangent.shape})
        return len(case.inputs["mean"]) > 1

    shrink(spec, draw(spec, "float32", Recipe(ORDINARY, 7, 0)), fails)
    assert shapes
    assert all(len(shape) == 1 for shape in shapes)


def test_numbers_become_the_usual_ones() -> None:
    """A scalar that does not matter becomes its default; one that matters stays."""
    assert _shrunk("kl_sparsity_loss", lambda x: x.get("target", 0.1) != 0.1).get("weight", 1.0) == 1.0
    assert _shrunk("kl_sparsity_loss", lambda x: x.get("target", 0.1) != 0.1)["target"] != 0.1


def test_texts_become_one_character() -> None:
    """One text with one character is left of a failure of one character."""
    assert _shrunk("CharTokenizer", lambda x: any("İ" in text for text in x["texts"]))["texts"] == ["İ"]
    assert _shrunk("CharTokenizer", lambda x: any("İ" in text for text in x["texts"]))["unseen"] == []


def test_sequences_become_short() -> None:
    """One sequence is left, with the numbers that matter."""
    inputs = _shrunk("pad_sequences", lambda x: any(len(row) >= 2 for row in x["sequences"]))
    assert [len(row) for row in inputs["sequences"]] in ([2], [3])


def test_a_model_is_shown_small_on_one_row_and_one_step() -> None:
    """The smallest sizes, one row in every batch, one training step, numbers of two digits."""
    spec = catalogue()["StackedAutoencoder"]
    case = draw(spec, "float32", Recipe(ORDINARY, 6, 1))
    smallest = shrink(spec, case, lambda c: True)
    assert smallest.inputs["configuration"]["sizes"] == (3, 2)
    assert len(smallest.inputs["batches"]) == 1
    assert [len(b["inputs"]) for b in (smallest.inputs["batch"], *smallest.inputs["batches"])] == [1, 1]
    for array in (*smallest.inputs["weights"].values(), *smallest.inputs["batch"].values()):
        assert np.array_equal(array, round_to(np.array([float(f"{x:.1e}") for x in array.ravel()]).reshape(array.shape), "float32"))


def test_a_model_keeps_what_its_failure_needs() -> None:
    """The option, the depth and the number of steps that make it fail stay."""
    spec = catalogue()["StackedAutoencoder"]
    cases = (draw(spec, "float64", Recipe(ORDINARY, 6, seed)) for seed in range(60))

    def fails(case: Case) -> bool:
        configuration = case.inputs["configuration"]
        return configuration["activation"] == "tanh" and len(configuration["sizes"]) >= 3 and len(case.inputs["batches"]) >= 2

    smallest = shrink(spec, next(case for case in cases if fails(case)), fails)
    assert smallest.inputs["configuration"]["activation"] == "tanh"
    assert smallest.inputs["configuration"]["sizes"] == (4, 3, 2)
    assert 2 <= len(smallest.inputs["batches"]) <= 3


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_what_nothing_simpler_reproduces_stays(spec: Any) -> None:
    """If nothing simpler fails the case itself is returned, and its inputs are untouched."""
    case = draw(spec, "float32", Recipe(EDGES, 5, 2))
    before = case.id
    assert shrink(spec, case, lambda c: False) is case
    assert Case(case.spec, case.dtype, case.inputs, case.cotangent).id == before


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
@pytest.mark.parametrize("attempts", [0, 1, 7, FUNCTION.attempts])
def test_attempts_are_bounded(spec: Any, attempts: int) -> None:
    """The target is asked no more often than allowed, and what is returned failed."""
    asked: list[str] = []

    def fails(case: Case) -> bool:
        asked.append(case.id)
        return len(asked) % 3 == 0

    case = draw(spec, "float32", Recipe(WIDE, 7, 4))
    smallest = shrink(spec, case, fails, attempts)
    assert len(asked) <= attempts
    assert smallest is case or asked.index(smallest.id) % 3 == 2


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_everything_fails_ends_by_itself(spec: Any) -> None:
    """Every step is simpler than the one before, so it ends before the attempts are spent, and nothing comes twice."""
    asked: list[str] = []

    def fails(case: Case) -> bool:
        asked.append(case.id)
        return True

    smallest = shrink(spec, draw(spec, "float32", Recipe(ORDINARY, 9, 3)), fails)
    assert len(asked) < FUNCTION.attempts
    assert len(asked) == len(set(asked))
    assert smallest.flags == (ORDINARY.name, "shrunk")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.name)
def test_no_candidate_leaves_its_domain(profile: Profile, dtype: str) -> None:
    """Everything proposed is accepted by the reference and is in the dtype."""
    for name in ("kl_sparsity_loss", "vae_kl_loss", "pad_sequences", "binary_cross_entropy"):
        spec = catalogue()[name]

        def fails(case: Case, spec: Any = spec) -> bool:
            spec.evaluate(**case.inputs)
            for key, domain in spec.inputs.items():
                if isinstance(domain, Reals):
                    array = case.inputs[key]
                    assert array.min() >= domain.low
                    assert array.max() <= domain.high
                    assert np.array_equal(array, round_to(array, dtype))
            return int(case.id, 16) % 2 == 0

        shrink(spec, draw(spec, dtype, Recipe(profile, 6, 5)), fails)


def test_shrinking_is_deterministic() -> None:
    """The same failure leads to the same simplest case."""
    spec = catalogue()["vae_kl_loss"]
    case = draw(spec, "float32", Recipe(ORDINARY, 6, 0))
    assert len({shrink(spec, case, lambda c: bool(c.inputs["log_var"].max() > 1)).id for _ in range(3)}) == 1
