"""A case is known by its content: equal content has an equal id, on every machine, and survives being written down."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases import hypothesis_strategies
from conformance.cases.case import Case, Recipe, draw, from_plain, plain, recipes
from conformance.cases.kinds.configurations import designs
from conformance.cases.profiles import ORDINARY
from reference.specification import Spec, catalogue

SPECS = list(catalogue().values())
SMALLEST = 5e-324

numbers = st.one_of(st.none(), st.booleans(), st.integers(), st.floats())
texts = st.text(alphabet="aé\x00\n\ud800\udbff\udc00\udfff\U00010000🙂", max_size=6)
names = st.text(alphabet="abé", max_size=3)
arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.float16, np.int32, np.int64, np.bool_]), hnp.array_shapes(min_side=0)
)
values = st.recursive(
    numbers | texts | arrays, lambda v: st.lists(v, max_size=4) | st.dictionaries(names, v, max_size=4), max_leaves=12
)


def _identical(first: Any, other: Any) -> bool:
    """Equal in type and bit by bit; NaN is NaN, −0 is not 0."""
    if type(first) is not type(other):
        return False
    if isinstance(first, np.ndarray):
        if first.dtype != other.dtype or first.shape != other.shape:
            return False
        both_nan = (first != first) & (other != other)
        return bool(
            np.all(both_nan | ((first == other) & (np.signbit(first) == np.signbit(other) if first.dtype.kind == "f" else True)))
        )
    if isinstance(first, float):
        return (math.isnan(first) and math.isnan(other)) or first.hex() == other.hex()
    if isinstance(first, list):
        return len(first) == len(other) and all(map(_identical, first, other))
    if isinstance(first, dict):
        return first.keys() == other.keys() and all(_identical(first[key], other[key]) for key in first)
    return first == other


def _written_and_read(value: Any) -> Any:
    return from_plain(json.loads(json.dumps(plain(value))))


@pytest.mark.parametrize(
    "value",
    [
        np.array([[math.nan, math.inf, -math.inf], [0.0, -0.0, SMALLEST]]),
        np.array([-SMALLEST, 2.0**-1022, 1 / 3, 1.7976931348623157e308]),
        np.array([1e-45, -0.0, 3.4e38], dtype=np.float32),
        np.array([6e-8, 65504], dtype=np.float16),
        np.array(2.5),
        np.zeros((0, 3)),
        np.array([[2**31 - 1, -(2**31)]], dtype=np.int32),
        np.array([2**63 - 1], dtype=np.int64),
        [math.nan, math.inf, -0.0, 0.1, SMALLEST],
        ["\ud800", "\udc00", "x\udc00\ud800", "\U00010000", "\x00\x1b\u2028"],
        ["\ud800\udc00"],
        {"sizes": [3, 2], "loss": None, "lower": True, "one": 1},
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_writing_and_reading_is_exact(value: Any) -> None:
    """NaN, infinities, the sign of zero, subnormal numbers and surrogates come back as they were."""
    assert _identical(_written_and_read(value), value)


@given(values)
def test_whatever_is_written_is_read_back(value: Any) -> None:
    """`from_plain` undoes `plain`, through JSON."""
    assert _identical(_written_and_read(value), value)


def test_tuples_and_numpy_scalars_become_plain() -> None:
    """A tuple comes back as a list, a NumPy scalar as a Python number."""
    assert _identical(_written_and_read((1, np.float32(0.5), np.int64(2), np.bool_(True))), [1, 0.5, 2, True])


def test_the_id_is_the_hash_of_the_content() -> None:
    """The id can be computed by hand from the specification, dtype, inputs and cotangent."""
    case = Case("f", "float64", {"x": np.array([0.5]), "n": 1}, np.array([1.0]))
    text = '{"dtype": "float64", "shape": [1], "values": ["0x1.0000000000000p%+d"]}'
    content = f'["f", "float64", {{"n": 1, "x": {text % -1}}}, {text % 0}]'
    assert case.id == hashlib.sha256(content.encode()).hexdigest()[:12]


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
@given(recipe=hypothesis_strategies.recipes())
def test_the_same_recipe_gives_the_same_id(spec: Spec, recipe: Recipe) -> None:
    """Drawing is a function of specification, dtype and recipe."""
    assert draw(spec, "float32", recipe).id == draw(spec, "float32", recipe).id


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_a_recipe_gives_the_same_case_whatever_was_drawn_before(spec: Spec) -> None:
    """Alone, after others, and in another dtype first: `verify --dtype float32` asks what `verify` asks."""
    first, second, third = recipes(0, 3)
    designs.cache_clear()
    alone = draw(spec, "float32", third).id
    designs.cache_clear()
    for recipe in (first, second):
        draw(spec, "float64", recipe)
    after = [draw(spec, "float32", recipe).id for recipe in (first, second, third)]
    assert after[-1] == alone
    designs.cache_clear()
    assert [draw(spec, "float32", recipe).id for recipe in (first, second, third)] == after


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_different_recipes_give_different_ids(spec: Spec) -> None:
    """Seeds, profiles and dtypes lead to different cases; what the profile or dtype does not change is no second case."""
    drawn = [draw(spec, "float64", Recipe(ORDINARY, 5, seed)) for seed in range(30)]
    assert len({case.id for case in drawn}) == 30
    assert len({draw(spec, dtype, Recipe(ORDINARY, 5, 1)).id for dtype in ("float64", "float32", "bfloat16", "float16")}) == 4


def test_the_id_does_not_depend_on_memory() -> None:
    """Order of names, memory layout and byte order are not content."""
    a, b = np.arange(6.0).reshape(2, 3), np.ones(2)
    first = Case("f", "float64", {"a": a, "b": b})
    same = [
        Case("f", "float64", {"b": b, "a": a}),
        Case("f", "float64", {"a": np.asfortranarray(a), "b": b}),
        Case("f", "float64", {"a": np.repeat(a, 2, axis=1)[:, ::2], "b": b[::-1]}),
        Case("f", "float64", {"a": a.astype(">f8"), "b": b}),
        Case("f", "float64", {"a": a, "b": b}, flags=("known",)),
    ]
    assert {case.id for case in same} == {first.id}


@pytest.mark.parametrize(
    "changed",
    [
        {"spec": "g"},
        {"dtype": "float32"},
        {"cotangent": np.ones(())},
        {"inputs": {"a": np.zeros((2, 3))}},
        {"inputs": {"a": np.zeros((3, 2), dtype=np.float32)}},
        {"inputs": {"a": -np.zeros((3, 2))}},
        {"inputs": {"b": np.zeros((3, 2))}},
        {"inputs": {"a": np.full((3, 2), SMALLEST)}},
    ],
    ids=ascii,
)
def test_other_content_has_another_id(changed: dict[str, Any]) -> None:
    """Name, dtype, shape, sign of zero and the last bit of a number are content."""
    case = Case("f", "float64", {"a": np.zeros((3, 2))})
    assert replace(case, **changed).id != case.id


def test_two_surrogates_are_not_one_character() -> None:
    """A pair of lone surrogates and the character that UTF-16 writes with them are different texts, so different cases."""
    first, second = (Case("CharTokenizer", "float64", {"texts": [text]}) for text in ("\ud800\udc00", "\U00010000"))
    assert first.id != second.id
