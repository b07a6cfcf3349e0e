"""Hypothesis strategies over the same cases that `verify` runs. Needs Hypothesis, which only tests do."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance.cases.case import Case, draw
from conformance.cases.drawing import Recipe
from conformance.cases.profiles import PROFILES
from reference.specification import Spec


def recipes() -> st.SearchStrategy[Recipe]:
    """Recipes, simplest first, so that Hypothesis shrinks towards small, round cases."""
    return st.builds(
        Recipe, profile=st.sampled_from(PROFILES), length=st.integers(2, 9), seed=st.integers(0, 2**32 - 1), turn=st.integers(0, 31)
    )


def cases(spec: Spec, dtype: str) -> st.SearchStrategy[Case]:
    """Cases of a specification in a dtype."""
    return recipes().map(lambda recipe: draw(spec, dtype, recipe))
