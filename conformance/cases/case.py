"""From a domain to a case: inputs that every target is given alike.

A case is drawn from a *recipe*: a profile (what kind of numbers), extents and a seed. The same recipe gives the same case
everywhere, and recipes are ordered from plain to delicate, so whoever searches for a simple counterexample starts at the front.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from conformance.cases.drawing import LONGEST_AXIS, Recipe
from conformance.cases.kinds import kind_of
from conformance.cases.profiles import COMING_ROUND, Profile, profile_of
from conformance.cases.real_data import ImageRows
from conformance.respondent.frameworks import DTYPES
from conformance.respondent.model_inputs import ModelInputs
from conformance.tolerance import round_to
from reference.domains import Domain, Reals
from reference.specification import Array, Spec

# Among so many recipes in a row every profile is found.
PROFILES_COME_ROUND = len(COMING_ROUND)
# Flags of cases that are not drawn: published answers, and real data.
KNOWN, REAL = "known", "real"
# Of training, where no number is compared: what an optimiser holds has all its shapes after the first step, and meets them in the second.
_FEW_STEPS = 2
# Between the seeds of two dtypes.
_APART = 250_007


@dataclass(frozen=True)
class Case:
    """Inputs for one specification in one dtype. `cotangent` weighs the elements of the value when its gradient is asked for."""

    spec: str
    dtype: str
    inputs: Mapping[str, Any]
    cotangent: Array | None = None
    flags: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """A hash of the content: equal inputs have equal ids, on every machine."""
        content = json.dumps(plain([self.spec, self.dtype, dict(self.inputs), self.cotangent]), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @cached_property
    def model(self) -> ModelInputs:
        """What it holds, if it is a model's."""
        return ModelInputs.of(self.inputs)

    @property
    def holds_model(self) -> bool:
        """Whether it is a model's."""
        return ModelInputs.fit(self.inputs)

    @property
    def by_default(self) -> bool:
        """Whether it is a model of which nothing is said, so that it has its full size."""
        return self.holds_model and not self.model.configuration

    @property
    def profile(self) -> Profile | None:
        """What it was drawn with; None if it was not drawn."""
        return profile_of(self.flags)

    @property
    def drawn(self) -> bool:
        """Whether it is neither a published answer nor real data."""
        return bool(self.flags) and self.flags[0] not in (KNOWN, REAL)

    @property
    def delicate(self) -> bool:
        """Whether it was drawn where formulas are likelier to break."""
        return self.profile is not None and self.profile.delicate


def recipes(seed: int, count: int) -> Iterator[Recipe]:
    """`count` recipes in which every profile comes round."""
    for index in range(count):
        # Every profile comes with every length in turn.
        length = 2 + (3 * index + index // PROFILES_COME_ROUND + seed) % (LONGEST_AXIS - 1)
        yield Recipe(COMING_ROUND[index % PROFILES_COME_ROUND], length, seed * 1_000_003 + index, index, seed)


def cases(spec: Spec, dtype: str, seed: int, examples: int, images: ImageRows | None = None) -> Iterator[Case]:
    """Known answers, then real data (the digits, if no images are given), then drawn cases."""
    yield from known_cases(spec, dtype)
    yield from realistic_cases(spec, dtype, images)
    for recipe in recipes(seed, examples):
        yield draw(spec, dtype, recipe)


def known_cases(spec: Spec, dtype: str) -> Iterator[Case]:
    """The published answers' inputs."""
    for answer in spec.known_answers:
        inputs = {n: round_to(v, dtype) if _is_real(spec.inputs.get(n)) else v for n, v in answer.inputs.items()}
        yield with_cotangent(spec, Case(spec.name, dtype, inputs, flags=(KNOWN,)), np.random.default_rng(0))


def realistic_cases(spec: Spec, dtype: str, images: ImageRows | None = None) -> Iterator[Case]:
    """Images, by default the scanned digits, and multilingual text through whatever takes them."""
    for inputs in kind_of(spec).real(spec, dtype, images):
        yield Case(spec.name, dtype, inputs, flags=(REAL,))


def draw(spec: Spec, dtype: str, recipe: Recipe) -> Case:
    """The case of a recipe."""
    # Other numbers and options in every dtype: what one of them does not show, another may.
    place = DTYPES.index(dtype)
    family = recipe.seed if recipe.family is None else recipe.family
    recipe = replace(recipe, seed=recipe.seed + _APART * place, family=family, turn=recipe.turn + PROFILES_COME_ROUND * place)
    rng = np.random.Generator(np.random.PCG64(recipe.seed))
    inputs = kind_of(spec).draw(spec, dtype, recipe, rng)
    return with_cotangent(spec, Case(spec.name, dtype, inputs, flags=(recipe.profile.name,)), rng)


def with_cotangent(spec: Spec, case: Case, rng: np.random.Generator | None = None) -> Case:
    """The case with a cotangent of the value's shape; ones without `rng`."""
    if spec.vjp is None or spec.error_scale is None:
        return case
    shape = np.shape(spec.evaluate(**case.inputs))
    cotangent = np.ones(shape) if rng is None else round_to(rng.integers(1, 8, size=shape) * 0.25, case.dtype)
    return replace(case, cotangent=cotangent)


def shortened(case: Case) -> Case:
    """The case with few steps of training, if it is a model's."""
    if not case.holds_model:
        return case
    return replace(case, inputs=replace(case.model, batches=case.model.batches[:_FEW_STEPS]).named())


def plain(value: Any) -> Any:
    """JSON-able form of inputs, exact: arrays as shape and hexadecimal floats."""
    if isinstance(value, np.ndarray):
        numbers = [float(x).hex() for x in value.ravel()] if value.dtype.kind == "f" else value.ravel().tolist()
        return {"dtype": value.dtype.name, "shape": list(value.shape), "values": numbers}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        # JSON would read two lone surrogates in a row as one character.
        return {"code_points": [ord(c) for c in value]}
    return value.item() if isinstance(value, np.generic) else value


def from_plain(value: Any) -> Any:
    """The inverse of `plain` (tuples come back as lists)."""
    if isinstance(value, dict) and value.keys() == {"dtype", "shape", "values"}:
        numbers = [float.fromhex(x) for x in value["values"]] if value["dtype"].startswith("float") else value["values"]
        return np.array(numbers, dtype=value["dtype"]).reshape(value["shape"])
    if isinstance(value, dict) and value.keys() == {"code_points"}:
        return "".join(map(chr, value["code_points"]))
    if isinstance(value, dict):
        return {key: from_plain(item) for key, item in value.items()}
    return [from_plain(item) for item in value] if isinstance(value, list) else value


def _is_real(domain: Domain | None) -> bool:
    return isinstance(domain, Reals)
