"""Drawing values of a domain: arrays, numbers, texts.

What is drawn follows from a *recipe*: a profile (what kind of numbers), extents and a seed.

* No two named axes have the same length unless the recipe says so: an exchanged axis cannot hide.
* Optional arguments are left out where the recipe is plain: a target has defaults of its own.
* Every number is one of the dtype's numbers, so the reference and the target see the same input.
* Nothing leaves its domain.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.cases.profiles import ROUND, Profile
from conformance.tolerance import round_into
from reference.specification import Array, Bits, Choice, Domain, Ids, Number, Reals, Sequences, Spec, Texts, Whole, Widths

LONGEST_AXIS = 9


_ALPHABETS = (
    "abcab e",
    "AaBbCcÄäß",
    "가나다한글말",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",  # Hangul jamo, the decomposed form
    "İIıi\u0307ŞşĞğ",
    "e\u0301é\u0308aä",
    "👩\u200d👩\u200d👧🏽❤\ufe0f",
    "\ud800\udc00x",  # lone surrogates: not encodable, but legal in a str
    "0 1\t2\n.,!",
)


@dataclass(frozen=True)
class Recipe:
    """How a case is drawn. `length` is the size of the first named axis; the others follow, all different."""

    profile: Profile = ROUND
    length: int = 3
    seed: int = 0


_ARRAYS = (Reals, Ids, Bits)
# How far, relatively, from an edge, and from another array.
_BESIDE = (0.0, 0.0, 1e-3, -1e-3, 1e-6)
_NEAR = (1e-3, 1e-6)
# The power of ten of the largest number of a small case.
_SMALL = -3.0


def draw_all(
    domains: Mapping[str, Domain], dtype: str, recipe: Recipe, rng: np.random.Generator, avoided: Collection[int] = ()
) -> dict[str, Any]:
    """Scalars first, because an array's edge may be one of them, or an array before it."""
    inputs = {name: draw_plain(domain, recipe, rng) for name, domain in domains.items() if not isinstance(domain, _ARRAYS)}
    extents = _extents(domains, recipe, avoided)
    for name, domain in domains.items():
        if isinstance(domain, Reals):
            inputs[name] = _draw_reals(domain, dtype, recipe, rng, extents, inputs)
        elif isinstance(domain, _ARRAYS):
            inputs[name] = _draw_ids(domain, recipe, rng, extents)
    return {name: inputs[name] for name in domains}


def plainly(spec: Spec, inputs: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """The inputs without the optional arguments that the profile leaves out: all, or those that are at their defaults."""
    options = recipe.profile.options
    if options == "given":
        return inputs
    defaults = defaults_of(spec)
    return {n: x for n, x in inputs.items() if n not in defaults or (options == "left out at defaults" and x != defaults[n])}


def defaults_of(spec: Spec) -> dict[str, Any]:
    """What the reference takes for an input that is left out."""
    parameters = inspect.signature(spec.evaluate).parameters
    defaults = {name: parameters[name].default for name in spec.inputs if name in parameters}
    return {name: default for name, default in defaults.items() if default is not inspect.Parameter.empty}


def _extents(domains: Mapping[str, Domain], recipe: Recipe, avoided: Collection[int] = ()) -> dict[str, int]:
    """Different lengths for all named axes, none of them avoided, except where the profile asks for 1 or for equal ones."""
    lengths_or_names = [axis for domain in domains.values() if isinstance(domain, _ARRAYS) for axis in domain.axes]
    axes = list(dict.fromkeys(axis for axis in lengths_or_names if isinstance(axis, str)))
    fixed = {axis for axis in lengths_or_names if isinstance(axis, int)}
    profile = recipe.profile
    if profile.lengths == "equal":
        return dict.fromkeys(axes, min(fixed, default=recipe.length))
    lengths: dict[str, int] = {}
    candidate = recipe.length
    occupied = fixed | set(avoided)
    for position, axis in enumerate(axes):
        if (profile.lengths == "first is 1" and position == 0) or (profile.lengths == "others are 1" and position > 0):
            lengths[axis] = 1
            continue
        candidate = _free(candidate, occupied)
        lengths[axis] = candidate
        occupied.add(candidate)
        candidate = (candidate * 5 + recipe.seed) % (LONGEST_AXIS - 1) + 2
    return lengths


def _free(start: int, occupied: Collection[int]) -> int:
    """The first length from `start` on that no other axis has: up to nine round about, then beyond."""
    short = [(start - 2 + k) % (LONGEST_AXIS - 1) + 2 for k in range(LONGEST_AXIS - 1)]
    return next(length for length in (*short, *range(LONGEST_AXIS + 1, 99)) if length not in occupied)


def _draw_reals(
    domain: Reals, dtype: str, recipe: Recipe, rng: np.random.Generator, extents: Mapping[str, int], inputs: Mapping[str, Any]
) -> Array:
    shape, profile = _shape(domain, extents), recipe.profile
    low, high = domain.typical
    if profile.numbers == "eighths":
        # Eighths of the typical range are short to write and exact in every dtype. Its limits may be edges, so they are left out: what is
        # wrong only there must show in delicate cases alone, and not by luck in the others.
        values = low + (high - low) * rng.integers(1, 8, size=shape) / 8
    elif profile.numbers in ("all magnitudes", "near zero"):
        magnitude = math.log10(max(abs(domain.low), abs(domain.high))) if profile.numbers == "all magnitudes" else _SMALL
        values = np.where(rng.random(shape) < 0.5, domain.low < 0, False) * -2.0 + 1.0
        values = values * 10.0 ** rng.uniform(magnitude - 8, magnitude, size=shape)
    else:
        values = rng.uniform(low, high, size=shape)
    if domain.edges and (profile.edges == 1.0 or (profile.edges > 0.0 and rng.random() < profile.edges)):
        values = _at_edges(domain, values, inputs, recipe, rng)
    return round_into(values, domain.low, domain.high, dtype)


def _at_edges(domain: Reals, values: Array, inputs: Mapping[str, Any], recipe: Recipe, rng: np.random.Generator) -> Array:
    """Some of the values, or all, at edges, a little beside them, or, in every second recipe, a little beside those of another array."""
    shape = values.shape
    if domain.near is not None and recipe.seed % 2:
        # By no round factor: between round numbers beside each other no digits are lost. A third are equal.
        distance = np.where(rng.random(shape) < 1 / 3, 0.0, rng.uniform(-1.0, 1.0, size=shape))
        return inputs[domain.near] * (1.0 + rng.choice(_NEAR) * distance)
    edges = np.array([inputs[e] if isinstance(e, str) else e for e in domain.edges])
    if rng.random() < 0.2:
        # One edge everywhere: among larger numbers the digits that are lost near zero would not be missed.
        return np.full(shape, rng.choice(edges))
    # Whole columns, so that a batch mean comes to lie at an edge too; then single elements; some a little beside it. Which edge goes round
    # with columns and recipes, so that few cases show them all.
    around = recipe.seed % len(edges) + np.arange(math.prod(shape[1:]))
    column = edges[around % len(edges)].reshape(shape[1:]) * np.ones(shape)
    single = edges[rng.integers(len(edges), size=shape)]
    beside = 1.0 + rng.choice(_BESIDE, size=shape[1:])
    return np.where(rng.random(shape[1:]) < 0.8, column * beside, np.where(rng.random(shape) < 0.5, single, values))


def _shape(domain: Reals | Ids | Bits, extents: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(extents[axis] if isinstance(axis, str) else axis for axis in domain.axes)


def _draw_ids(domain: Ids | Bits, recipe: Recipe, rng: np.random.Generator, extents: Mapping[str, int]) -> Array:
    """Whole numbers; at the edges sometimes the same everywhere (all padding, one token), sometimes with padding behind."""
    shape = _shape(domain, extents)
    if isinstance(domain, Bits):
        return rng.integers(0, 2, size=shape).astype(np.float64)
    ids = rng.integers(0, domain.count, size=shape)
    if recipe.profile.edges == 1.0 and len(shape) > 1 and shape[1] > 1:
        kind = int(rng.integers(4))
        if kind < 2:
            return np.full(shape, (0, domain.count - 1)[kind])
        ids[:, shape[1] // 2 :] = 0
    return ids


def draw_plain(domain: Domain, recipe: Recipe, rng: np.random.Generator) -> Any:
    """A number, a choice, texts, sequences or widths."""
    match domain:
        case Number():
            if recipe.profile.options == "left out" or rng.random() < 0.3:
                return domain.default
            if domain.edges and rng.random() < 0.5:
                return float(rng.choice(domain.edges))
            span = min(domain.high, 4.0) - domain.low
            return round(domain.low + span * float(rng.uniform(0.02, 0.98)), 3)
        case Whole():
            if domain.optional and rng.random() < 0.4:
                return None
            return int(rng.integers(domain.low, domain.high + 1))
        case Choice():
            return domain.options[int(rng.integers(len(domain.options)))]
        case Texts():
            count = int(rng.integers(domain.least, domain.most + 1))
            # The first text's alphabet goes round with the recipes, so that few cases show them all.
            return [_text(rng, recipe.seed if text == 0 else int(rng.integers(len(_ALPHABETS)))) for text in range(count)]
        case Sequences():
            return [_sequence(domain, recipe, rng) for _ in range(recipe.length)]
        case Widths():
            return _widths(domain, recipe, rng)
    raise AssertionError(f"no drawing for {domain}")


def _text(rng: np.random.Generator, alphabet_number: int) -> str:
    alphabet = _ALPHABETS[alphabet_number % len(_ALPHABETS)]
    return "".join(alphabet[int(i)] for i in rng.integers(len(alphabet), size=int(rng.integers(0, 13))))


def _sequence(domain: Sequences, recipe: Recipe, rng: np.random.Generator) -> list[int]:
    length = int(rng.integers(0, 9))
    if recipe.profile.far:
        numbers = rng.integers(domain.low, domain.high, size=length, endpoint=True)
        # What means padding may also stand in a sequence.
        return [int(i) for i in np.where(rng.random(length) < 0.2, 0, numbers)]
    return [int(i) for i in rng.integers(0, 30, size=length)]


def _widths(domain: Widths, recipe: Recipe, rng: np.random.Generator) -> tuple[int, ...]:
    count = int(rng.integers(domain.least, domain.most + 1))
    if recipe.profile.lengths == "others are 1":
        return (int(rng.integers(2, domain.widest + 1)),) + (1,) * (count - 1)
    return tuple(int(w) for w in rng.permutation(np.arange(2, domain.widest + 1))[:count])
