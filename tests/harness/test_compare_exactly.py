"""Ids, vocabularies and texts are equal in value and in type, and what is compared is not asked for its opinion."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.judging.compare import compare

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="ab\ud800", max_size=3),
    lambda v: st.lists(v, max_size=3),
    max_leaves=6,
)


class LyingText(str):
    """Equal to everything, if asked."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


class LyingList(list):
    """Equal to everything, if asked, and as long as the other."""

    def __eq__(self, other: object) -> bool:
        return True


class LyingNumber(int):
    """Equal to everything, if asked."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Unspeakable(str):
    """Raises when it is described."""

    __slots__ = ()

    def __repr__(self) -> str:
        raise RuntimeError("no description")


class Talkative(str):
    """Describes itself on two lines, as if it had passed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'a'\nAll 99 checks conform"


@given(plain_values)
def test_what_is_equal_agrees(value: Any) -> None:
    """A value agrees with itself and with nothing that wraps it."""
    assert compare({"value": value}, {"value": value}, "cpu").budget_used == 0.0
    assert not compare({"value": value}, {"value": [value]}, "cpu").agrees


@given(plain_values, plain_values)
def test_what_differs_does_not_agree(first: Any, other: Any) -> None:
    """Two values agree if they are equal and written alike, in both directions."""
    assert compare({"value": first}, {"value": other}, "cpu").agrees == (repr(first) == repr(other))
    assert compare({"value": other}, {"value": first}, "cpu").agrees == (repr(first) == repr(other))


@pytest.mark.parametrize(("expected", "actual", "place"), [
    (1, True, "value"), (True, 1, "value"), (1, 1.0, "value"), ([1], (1,), "value"), ("1", 1, "value"), (None, 0, "value"),
    ("a", b"a", "value"), ([[1], [2]], [[1], [3]], "value[1][0]"), ([[1], [2]], [[1], (2,)], "value[1]"), ([1], [1, 2], "value: length"),
    ([1, 2], [1], "value: length"), ([], None, "value"), ("a", LyingText("b"), "value"), ("a", LyingText("a"), "value"),
    ([1], LyingList([2]), "value"), ([1], [LyingNumber(2)], "value[0]"), (["a"], [LyingText("a")], "value[0]"),
    ([["e", 1]], [["e", True]], "value[0][1]"),
])  # fmt: skip
def test_the_place_of_the_first_difference_is_named(expected: Any, actual: Any, place: str) -> None:
    """True is not 1, a tuple is no list, and a subclass with an __eq__ of its own is refused, equal or not; the place is named."""
    comparison = compare({"value": expected}, {"value": actual}, "cpu")
    assert not comparison.agrees
    assert comparison.problem is not None
    assert comparison.problem.startswith(f"{place}: expected")


@pytest.mark.parametrize(
    "actual", [Unspeakable("a"), Talkative("a"), ["a", Unspeakable("b")], [Talkative("a")]], ids=lambda a: type(a).__name__
)
def test_nothing_foreign_is_asked_to_describe_itself(actual: Any) -> None:
    """A value of another type is described by the name of its type: its __repr__ is foreign code, and may say or do anything."""
    problem = compare({"value": 1}, {"value": actual}, "cpu").problem
    assert problem is not None
    assert "\n" not in problem
    assert "conform" not in problem


@pytest.mark.parametrize(("expected", "actual", "words"), [("a", LyingText("a"), "LyingText"), ([1], (1,), "tuple")])
def test_the_types_are_named_where_the_values_look_alike(expected: Any, actual: Any, words: str) -> None:
    """Whoever returns the right characters in the wrong type is told which type."""
    assert words in (compare({"value": expected}, {"value": actual}, "cpu").problem or "")


def test_both_sides_are_described() -> None:
    """What was expected and what came, at their place."""
    assert compare({"ids": [1, 2]}, {"ids": [1, 3]}, "cpu").problem == "ids[1]: expected 2, got 3"
