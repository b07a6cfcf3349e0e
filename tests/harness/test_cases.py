"""The generator can reach every delicate case, and never leaves its domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import find, given, settings
from hypothesis import strategies as st

import reference  # noqa: F401  (fills the catalogue)
from conformance.audit.kill_matrix import subject_of
from conformance.cases import hypothesis_strategies
from conformance.cases.case import Case, Recipe, cases, draw, known_cases, realistic_cases, recipes
from conformance.cases.kinds import kind_of, model_drawing
from conformance.cases.kinds.model_drawing import LEARNING_RATES
from conformance.cases.profiles import PROFILES, ROUND, SINGLE_SAMPLE, WIDE, Profile
from conformance.faults.catalogue import entries
from conformance.judging.compare import compare
from conformance.judging.expectation import expect
from conformance.judging.plan import Plan
from conformance.respondent.frameworks import DTYPES
from conformance.respondent.responses import Returned
from conformance.targets.subject import exercise
from conformance.tolerance import round_to, stored_as
from reference.domains import Bits, Choice, Domain, Ids, Length, Number, Reals, Sequences, Texts, Whole, Widths
from reference.specification import Spec, catalogue

SPECS = list(catalogue().values())
# Rank three, two arrays that share axes, and one axis of fixed length.
RANK_THREE = Spec(
    "rank_three",
    "",
    "",
    {"x": Reals(("batch", "time", 4), -1.0, 1.0, (-1.0, 1.0), (0.0,)), "y": Reals(("batch", "units"), 0.0, 1.0, (0.0, 1.0))},
    evaluate=lambda x, y: x,
)


def _default_run(spec: Spec) -> list[Case]:
    """The drawn cases of `conformance verify` without options."""
    examples = Plan((spec,), ()).examples
    return [draw(spec, "float32", recipe) for recipe in recipes(0, kind_of(spec).examples(examples))]


def _columns(case: Case) -> np.ndarray:
    return case.inputs["activations"].T


REACHABLE: list[tuple[str, str, Callable[[Case], bool]]] = [
    ("kl_sparsity_loss", "one sample", lambda c: len(c.inputs["activations"]) == 1),
    ("kl_sparsity_loss", "one unit", lambda c: c.inputs["activations"].shape[1] == 1),
    ("kl_sparsity_loss", "a dead unit", lambda c: any((column == 0).all() for column in _columns(c))),
    ("kl_sparsity_loss", "a saturated unit", lambda c: any((column == 1).all() for column in _columns(c))),
    (
        "kl_sparsity_loss",
        "one edge everywhere",
        lambda c: c.inputs["activations"].size > 1 and np.ptp(c.inputs["activations"]) == 0,
    ),
    (
        "kl_sparsity_loss",
        "p̂ at the target",
        lambda c: any((column == round_to(c.inputs.get("target", 0.1), "float32")).all() for column in _columns(c)),
    ),
    ("kl_sparsity_loss", "an edge beside ordinary numbers", lambda c: 0 < np.mean(c.inputs["activations"] == 0) < 0.5),
    ("kl_sparsity_loss", "weight zero", lambda c: c.inputs.get("weight") == 0),
    ("vae_kl_loss", "γ near 0 in all", lambda c: np.abs(c.inputs["log_var"]).max() < 0.02),
    ("vae_kl_loss", "e^γ beyond float32", lambda c: c.inputs["log_var"].max() > 89),
    ("vae_kl_loss", "γ of 1e-8", lambda c: bool((np.abs(c.inputs["log_var"] - 1e-8) < 1e-10).any())),
    ("mean_squared_error", "nothing optional given", lambda c: c.inputs.keys() == {"inputs", "reconstructions"}),
    (
        "mean_squared_error",
        "reconstructions near the inputs",
        lambda c: 0 < np.abs(c.inputs["inputs"] - c.inputs["reconstructions"]).sum() <= 2e-6 * np.abs(c.inputs["inputs"]).sum(),
    ),
    ("mean_squared_error", "as many samples as features", lambda c: len(set(c.inputs["inputs"].shape)) == 1),
    ("mean_squared_error", "more than 1e5 in magnitude", lambda c: np.abs(c.inputs["inputs"]).max() > 1e5),
    ("CharTokenizer", "an empty text", lambda c: "" in c.inputs["texts"]),
    ("CharTokenizer", "no unseen text", lambda c: c.inputs["unseen"] == []),
    ("CharTokenizer", "lone surrogates", lambda c: any("\ud800" <= x <= "\udfff" for x in "".join(c.inputs["texts"]))),
    ("CharTokenizer", "a text that grows when lowered", lambda c: any(len(t.lower()) > len(t) for t in c.inputs["texts"])),
    ("CharTokenizer", "with and without oov_token", lambda c: c.inputs.get("oov_token") is not None),
    ("CharTokenizer", "no limit of num_chars", lambda c: c.inputs.get("num_chars", 0) is None),
    ("pad_sequences", "maxlen None", lambda c: c.inputs.get("maxlen", 0) is None),
    ("pad_sequences", "maxlen 1", lambda c: c.inputs.get("maxlen") == 1),
    ("pad_sequences", "an empty sequence", lambda c: [] in c.inputs["sequences"]),
    ("pad_sequences", "a number beyond 2³⁰", lambda c: any(abs(i) > 2**30 for row in c.inputs["sequences"] for i in row)),
    ("pad_sequences", "a negative filling", lambda c: c.inputs.get("value", 0) < 0),
    ("pad_sequences", "a 0 between others", lambda c: any(0 in row[1:-1] for row in c.inputs["sequences"])),
    ("pad_sequences", "sequences alone", lambda c: c.inputs.keys() == {"sequences"}),
    ("pad_sequences", "the default beside another option", lambda c: "padding" not in c.inputs and "truncating" in c.inputs),
    ("StackedAutoencoder", "SGD", lambda c: c.inputs["training"]["optimizer"] == "sgd"),
    ("StackedAutoencoder", "Adam", lambda c: c.inputs["training"]["optimizer"] == "adam"),
    ("StackedAutoencoder", "as many samples as features", lambda c: len(set(c.inputs["batch"]["inputs"].shape)) == 1),
    ("StackedAutoencoder", "one sample", lambda c: len(c.inputs["batch"]["inputs"]) == 1),
    ("StackedAutoencoder", "a coding of one unit", lambda c: c.inputs["configuration"]["sizes"][-1] == 1),
    (
        "StackedAutoencoder",
        "undercomplete",
        lambda c: c.inputs["configuration"]["sizes"][-1] < c.inputs["configuration"]["sizes"][0],
    ),
    (
        "StackedAutoencoder",
        "overcomplete",
        lambda c: c.inputs["configuration"]["sizes"][-1] > c.inputs["configuration"]["sizes"][0],
    ),
]


@pytest.mark.parametrize(("name", "what", "reached"), REACHABLE, ids=[f"{name}: {what}" for name, what, _ in REACHABLE])
def test_a_default_run_reaches(name: str, what: str, reached: Callable[[Case], bool]) -> None:
    """Every delicate case is among those that `conformance verify` draws without options."""
    assert any(reached(case) for case in _default_run(catalogue()[name])), what


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_a_default_run_reaches_every_option(spec: Spec) -> None:
    """Every option of every choice (reductions, activations, losses, sides) is drawn, and every profile."""
    drawn = _default_run(spec)
    for name, domain in spec.inputs.items():
        if isinstance(domain, Choice):
            given = [case.inputs.get("configuration", case.inputs) for case in drawn]
            assert {inputs[name] for inputs in given if name in inputs} == set(domain.options)
    assert {case.profile for case in drawn} == set(PROFILES)


@given(st.integers(0, 10**6), st.integers(0, 50))
def test_every_profile_comes_round(seed: int, start: int) -> None:
    """Any sixteen recipes in a row have every profile among them, and another seed draws other cases."""
    row = list(recipes(seed, start + 16))
    assert {recipe.profile for recipe in row[start:]} == set(PROFILES)
    assert {recipe.seed for recipe in row}.isdisjoint(recipe.seed for recipe in recipes(seed + 1, start + 8))


def test_known_and_real_cases_come_first() -> None:
    """Published answers and real data are asked before anything drawn."""
    for spec in SPECS:
        flags = [case.flags[0] for case in cases(spec, "float32", 0, 8)]
        expected = ["known"] * len(spec.known_answers) + ["real"] * {"function": 0, "tokenizer": 1, "model": 3}[spec.kind]
        assert flags[:-8] == expected


def _representable(array: np.ndarray, dtype: str) -> bool:
    """Asked of PyTorch, which knows all four dtypes that arrays are stored in; the harness does its own rounding."""
    return torch.equal(
        torch.tensor(array, dtype=getattr(torch, stored_as(dtype))).double(), torch.tensor(array, dtype=torch.float64)
    )


# Where lengths are drawn freely, within their domain.
_FREE = ("different", "first is 1", "others are 1")


def _inside(domain: Domain, value: Any, profile: Profile) -> bool:
    match domain:
        case Reals():
            return value.min() >= domain.low and value.max() <= domain.high
        case Ids():
            return value.dtype == np.int64 and value.min() >= 0 and value.max() < domain.count
        case Bits():
            return value.dtype == np.float64 and set(value.ravel()) <= {0.0, 1.0}
        case Number():
            return type(value) is float and (domain.low < value < domain.high or (value == domain.low and value in domain.edges))
        case Whole():
            whole = type(value) is int and (domain.low <= value <= domain.high or value in domain.edges)
            return (value is None and domain.optional) or whole
        case Length():
            return type(value) is int and domain.least <= value and (profile.lengths not in _FREE or value <= domain.most)
        case Choice():
            return value in domain.options
        case Texts():
            return domain.least <= len(value) <= domain.most and all(type(text) is str for text in value)
        case Sequences():
            return all(type(i) is int and domain.low <= i <= domain.high for row in value for i in row)
        case Widths():
            unequal = all(a != b or a == 1 for a, b in pairwise(value)) and all(w <= domain.widest for w in value)
            return domain.least <= len(value) <= domain.most and min(value) >= 1 and (profile.lengths not in _FREE or unequal)
    raise AssertionError(domain)


def _drawn_parts(spec: Spec, case: Case) -> Iterator[tuple[Domain, Any]]:
    configuration: Mapping[str, Any] = case.inputs.get("configuration", case.inputs)
    yield from ((domain, configuration[name]) for name, domain in spec.inputs.items() if name in configuration)
    if spec.kind == "model":
        domains = spec.evaluate(**configuration).batch_domains()
        for batch in (case.inputs["batch"], *case.inputs["batches"]):
            yield from ((domains[name], array) for name, array in batch.items())


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", [*SPECS, RANK_THREE], ids=lambda s: s.name)
def test_nothing_leaves_its_domain(spec: Spec, dtype: str) -> None:
    """Every number drawn lies between the ends of its domain and is one of the dtype's numbers; weights and cotangents too."""

    @settings(max_examples=4 if spec.kind == "model" else 25)
    @given(hypothesis_strategies.cases(spec, dtype))
    def holds(case: Case) -> None:
        parts = list(_drawn_parts(spec, case))
        assert case.profile is not None
        assert all(_inside(domain, value, case.profile) for domain, value in parts)
        arrays = [value for domain, value in parts if isinstance(domain, Reals)]
        arrays += [
            *(case.model.weights.values() if spec.kind == "model" else ()),
            *([] if case.cotangent is None else [case.cotangent]),
        ]
        assert all(array.dtype == np.float64 for array in arrays)
        assert not arrays or _representable(np.concatenate([array.ravel() for array in arrays]), dtype)

    holds()


@pytest.mark.parametrize("dtype", DTYPES)
def test_known_and_real_cases_are_numbers_of_the_dtype(dtype: str) -> None:
    """Stored inputs are rounded to the dtype like drawn ones, so that every target is given the same."""
    for spec in SPECS:
        for case in (*known_cases(spec, dtype), *realistic_cases(spec, dtype)):
            arrays = [value for name, value in case.inputs.items() if isinstance(spec.inputs.get(name), Reals)]
            if spec.kind == "model":
                arrays += [*case.model.weights.values(), *case.model.batch.values()]
            assert all(_representable(array, dtype) for array in arrays)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.1), (-0.3, 0.3), (-1e6, 1e6), (1e-3, 0.7)])
def test_rounding_does_not_leave_the_domain(low: float, high: float, dtype: str) -> None:
    """An end of the domain that is no number of the dtype is rounded inwards."""
    spec = Spec("f", "", "", {"x": Reals(("batch", "units"), low, high, (low, high), (low, high))}, evaluate=lambda x: x)
    for recipe in recipes(0, 48):
        x = draw(spec, dtype, recipe).inputs["x"]
        assert low <= x.min()
        assert x.max() <= high


WITH_AXES = [s for s in SPECS if s.kind == "function" and any(isinstance(domain, Reals) for domain in s.inputs.values())]


@pytest.mark.parametrize("spec", [*WITH_AXES, RANK_THREE], ids=lambda s: s.name)
@given(recipe=hypothesis_strategies.recipes())
def test_axes_are_distinct(spec: Spec, recipe: Recipe) -> None:
    """Two axes of one case differ in length, unless the profile makes one of them 1, two or all equal; one may be long."""
    case, lengths = draw(spec, "float64", recipe), {}
    for name, domain in spec.inputs.items():
        if isinstance(domain, Reals):
            for axis, length in zip(domain.axes, case.inputs[name].shape, strict=True):
                assert lengths.setdefault(axis, length) == length
    if recipe.profile.lengths == "equal":
        assert len(set(lengths.values())) <= 1
        return
    ones = [axis for axis, length in lengths.items() if length == 1]
    named = [axis for axis in lengths if isinstance(axis, str)]
    assert ones == {"first is 1": named[:1], "others are 1": named[1:]}.get(recipe.profile.lengths, [])
    longer = [length for length in lengths.values() if length > 1]
    assert len(longer) == len(set(longer)) + (recipe.profile.lengths == "two equal")
    assert sum(length > 9 for length in longer) == (recipe.profile.lengths == "one long")


@given(recipe=hypothesis_strategies.recipes())
def test_the_batch_of_a_model_is_as_long_as_no_layer_is_wide(recipe: Recipe) -> None:
    """In a model too no two axes have the same length: an activation is never square, unless it is to be."""
    inputs = draw(catalogue()["StackedAutoencoder"], "float64", recipe).inputs
    batch, sizes = len(inputs["batch"]["inputs"]), inputs["configuration"]["sizes"]
    if recipe.profile.lengths == "equal":
        assert batch == sizes[0]
    elif recipe.profile.lengths == "different":
        assert len({batch, *sizes}) == 1 + len(sizes)


@pytest.mark.parametrize("name", ["vae_kl_loss", "CharTokenizer"])
def test_hypothesis_draws_the_same_cases(name: str) -> None:
    """What Hypothesis draws is what `verify` draws for the same recipe, and the simplest is small and round."""
    spec = catalogue()[name]
    assert find(hypothesis_strategies.cases(spec, "float32"), lambda case: True).id == draw(spec, "float32", Recipe(ROUND, 2, 0)).id
    assert (
        find(hypothesis_strategies.cases(spec, "float32"), lambda case: case.flags == (WIDE.name,)).id
        == draw(spec, "float32", Recipe(WIDE, 2, 0)).id
    )


RUNS_AWAY = [Recipe(SINGLE_SAMPLE, 8, 30), Recipe(SINGLE_SAMPLE, 4, 386), Recipe(ROUND, 2, 624)]


@pytest.mark.parametrize("recipe", RUNS_AWAY)
def test_training_does_not_run_away(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the usual rate would lead to infinity a smaller one is drawn, and the reference can be asked."""
    spec = catalogue()["VariationalAutoencoder"]
    case = draw(spec, "float64", recipe)
    training = case.inputs["training"]
    assert training["learning_rate"] < LEARNING_RATES[training["optimizer"]]
    assert all(np.isfinite(part.value).all() for part in expect(spec, case)["training"].values())
    monkeypatch.setattr(model_drawing, "_UNBOUNDED", ())
    with pytest.raises(ValueError, match="expected finite numbers"):
        expect(spec, draw(spec, "float64", recipe))


def test_a_weight_of_zero_hides_no_number_that_overflows() -> None:
    """0 · e^117 is zero in float64, and in float32 it is 0 · ∞."""
    spec = catalogue()["VariationalAutoencoder"]
    drawn = [draw(spec, "float32", recipe).model for recipe in recipes(1, 20) if recipe.profile.extreme]
    unweighed = [inputs for inputs in drawn if inputs.configuration.get("beta") == 0]
    assert unweighed
    for inputs in unweighed:
        model = spec.evaluate(**{**inputs.configuration, "beta": 1.0})
        model.import_weights(inputs.weights)
        assert model.loss_terms(**inputs.batch)["latent"] < 1e9


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_few_drawn_cases_show_what_only_small_numbers_show(dtype: str) -> None:
    """Whatever the seed: digits that are lost near zero cost every submission the same, and none by luck."""
    spec = catalogue()["vae_kl_loss"].strict()
    naive = subject_of(entries()["naive_cancellation"], spec, dtype)
    for seed in range(20):
        drawn = (draw(spec, dtype, recipe) for recipe in recipes(seed, 40))
        responses = [(case, exercise(naive, spec, case, 10.0)["value"]) for case in drawn]
        agree = [
            compare(expect(spec, case)["value"], response.outputs, "cpu").agrees
            for case, response in responses
            if isinstance(response, Returned)
        ]
        assert not all(agree), seed


def test_plain_numbers_are_no_edges() -> None:
    """What is wrong only at the limits of a domain does not show in plain cases by luck."""
    spec = catalogue()["kl_sparsity_loss"]
    drawn = [draw(spec, "float64", Recipe(ROUND, 2 + seed % 8, seed)).inputs["activations"] for seed in range(200)]
    assert all(values.min() > 0 and values.max() < 1 for values in drawn)
