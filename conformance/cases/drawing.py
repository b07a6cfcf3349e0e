"""Drawing values of a domain: arrays, numbers, texts.

What is drawn follows from a *recipe*: a profile (what kind of numbers), extents and a seed.

* No two named axes have the same length unless the recipe says so: an exchanged axis cannot hide. In some recipes two are equal, or all:
  what only goes wrong there cannot hide either.
* Optional arguments are left out where the recipe is plain: a target has defaults of its own.
* Every number is one of the dtype's numbers, so the reference and the target see the same input.
* Nothing leaves its domain.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from conformance.cases.profiles import ROUND, Profile
from conformance.tolerance import round_into
from reference.domains import Bits, Choice, Domain, Ids, Length, Number, Reals, Sequences, Texts, Whole, Widths
from reference.specification import Array, Spec

LONGEST_AXIS = 9
# Beyond what code that works through blocks of 8, 16, 32, 64 or 100 may take for everything.
_LONG_AXES = (11, 130, 35, 67, 17, 104, 41)
# Steps are taken one after the other, so that they cost time.
_LONG_SEQUENCES = (11, 35, 20)


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
    "ΣσςΑΟ Σ",  # lower-cased, a sigma depends on where it stands
)


@dataclass(frozen=True)
class Recipe:
    """How a case is drawn.

    `length` is the size of the first named axis where nothing else is said. `turn` counts the recipes of one `family`, so that what few
    cases can show goes round with them; one without a family is alone.
    """

    profile: Profile = ROUND
    length: int = 3
    seed: int = 0
    turn: int = 0
    family: int | None = None


_ARRAYS = (Reals, Ids, Bits)
# How far, relatively, from an edge, and from another array.
_BESIDE = (0.0, 0.0, 1e-3, -1e-3, 1e-6)
_NEAR = (1e-3, 1e-6)
_LONGEST_TEXT = 60
# The power of ten of the largest number of a small case.
_SMALL = -3.0


def draw_all(
    domains: Mapping[str, Domain], dtype: str, recipe: Recipe, rng: np.random.Generator, avoided: Sequence[int] = ()
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
    defaults = {n: x for n, x in defaults_of(spec).items() if may_be_left_out(spec, n, x)}
    return {n: x for n, x in inputs.items() if n not in defaults or (options == "left out at defaults" and x != defaults[n])}


def may_be_left_out(spec: Spec, name: str, default: Any) -> bool:
    """Whether the default of an option is among the values that are asked for."""
    domain = spec.inputs[name]
    return not isinstance(domain, Choice) or default in domain.options


def defaults_of(spec: Spec) -> dict[str, Any]:
    """What the reference takes for an input that is left out."""
    parameters = inspect.signature(spec.evaluate).parameters
    defaults = {name: parameters[name].default for name in spec.inputs if name in parameters}
    return {name: default for name, default in defaults.items() if default is not inspect.Parameter.empty}


def _extents(domains: Mapping[str, Domain], recipe: Recipe, avoided: Sequence[int] = ()) -> dict[str, int]:
    """The length of every named axis; `avoided` are lengths that others, such as layers, have already.

    They follow from the recipe alone: batches of one recipe are alike.
    """
    every = [axis for domain in domains.values() if isinstance(domain, _ARRAYS) for axis in domain.axes]
    axes = list(dict.fromkeys(axis for axis in every if isinstance(axis, str)))
    others = sorted({axis for axis in every if isinstance(axis, int)} | set(avoided))
    rng, kind = np.random.default_rng([recipe.seed, len(axes)]), recipe.profile.lengths
    if kind == "equal":
        return dict.fromkeys(axes, min((axis for axis in every if isinstance(axis, int) and axis > 1), default=recipe.length))
    lengths: dict[str, int] = {}
    for position, axis in enumerate(axes):
        if (kind == "first is 1" and position == 0) or (kind == "others are 1" and position > 0):
            lengths[axis] = 1
        else:
            wanted = recipe.length if position == 0 else int(rng.integers(2, LONGEST_AXIS + 1))
            lengths[axis] = _free(wanted, {*others, *lengths.values()})
    if kind == "one long" and axes:
        axis = axes[recipe.turn // 2 % len(axes)]
        steps = {domain.axes[-1] for domain in domains.values() if isinstance(domain, Ids)}
        choices = _LONG_SEQUENCES if axis in steps else _LONG_AXES
        lengths[axis] = choices[recipe.seed % len(choices)]
    if kind == "two equal" and others and axes:
        # The axis of the samples in every second recipe, with the last of what is avoided: the width of what they are summed up in.
        first = recipe.turn // 8 % 2 == 0
        partners = list(avoided) or others
        lengths[axes[0 if first else recipe.seed % len(axes)]] = partners[-1 if first else recipe.seed % len(partners)]
    elif kind == "two equal" and len(axes) > 1:
        pairs = list(combinations(axes, 2))
        first, second = pairs[recipe.seed % len(pairs)]
        lengths[second] = lengths[first]
    return lengths


def _free(wanted: int, taken: Collection[int]) -> int:
    """The first length from `wanted` on that no other axis has: up to nine round about, then beyond."""
    short = [(wanted - 2 + k) % (LONGEST_AXIS - 1) + 2 for k in range(LONGEST_AXIS - 1)]
    return next(length for length in (*short, *range(LONGEST_AXIS + 1, 199)) if length not in taken)


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
            return _number(domain, recipe, rng)
        case Whole():
            if domain.optional and rng.random() < 0.4:
                return None
            if domain.edges and rng.random() < 0.3:
                return int(rng.choice(domain.edges))
            return int(rng.integers(domain.low, domain.high + 1))
        case Length():
            # An axis of 1 is equal to nothing that matters.
            least = max(domain.least, 2) if recipe.profile.lengths == "two equal" else domain.least
            return int(rng.integers(least, domain.most + 1))
        case Choice():
            return domain.options[int(rng.integers(len(domain.options)))]
        case Texts():
            count = int(rng.integers(domain.least, domain.most + 1))
            longest = _LONGEST_TEXT if recipe.profile.lengths == "one long" else LONGEST_AXIS + 3
            # The first text's alphabet goes round with the recipes, so that few cases show them all.
            return [_text(rng, recipe.seed if text == 0 else int(rng.integers(len(_ALPHABETS))), longest) for text in range(count)]
        case Sequences():
            return _sequences(domain, recipe, rng)
        case Widths():
            return _widths(domain, recipe, rng)
    raise AssertionError(f"no drawing for {domain}")


def _number(domain: Number, recipe: Recipe, rng: np.random.Generator) -> float:
    """The default, an edge, a number of everyday size, or one of the whole domain."""
    if recipe.profile.options == "left out" or rng.random() < 0.3:
        return domain.default
    if domain.edges and rng.random() < 0.5:
        return float(rng.choice(domain.edges))
    top = domain.high if recipe.profile.far else min(domain.high, 4.0)
    return round(domain.low + (top - domain.low) * float(rng.uniform(0.02, 0.98)), 3)


def _text(rng: np.random.Generator, alphabet_number: int, longest: int) -> str:
    alphabet = _ALPHABETS[alphabet_number % len(_ALPHABETS)]
    return "".join(alphabet[int(i)] for i in rng.integers(len(alphabet), size=int(rng.integers(0, longest + 1))))


def _sequences(domain: Sequences, recipe: Recipe, rng: np.random.Generator) -> list[list[int]]:
    """As many as the recipe says, a single one where the first axis is 1; sometimes nothing is in any of them."""
    profile = recipe.profile
    count = 1 if profile.lengths == "first is 1" else recipe.length
    if profile.edges == 1.0 and recipe.seed % 3 == 0:
        return [[] for _ in range(count)]
    longest = _LONG_AXES[recipe.seed % len(_LONG_AXES)] if profile.lengths == "one long" else LONGEST_AXIS - 1
    return [_sequence(domain, profile.far, int(rng.integers(0, longest + 1)), rng) for _ in range(count)]


def _sequence(domain: Sequences, far: bool, length: int, rng: np.random.Generator) -> list[int]:
    if far:
        numbers = rng.integers(domain.low, domain.high, size=length, endpoint=True)
        # The ends of the domain, and what means padding, may stand in a sequence too.
        special = rng.choice((0, domain.low, domain.high), size=length)
        return [int(i) for i in np.where(rng.random(length) < 0.3, special, numbers)]
    return [int(i) for i in rng.integers(0, 30, size=length)]


def _widths(domain: Widths, recipe: Recipe, rng: np.random.Generator) -> tuple[int, ...]:
    count = int(rng.integers(domain.least, domain.most + 1))
    if recipe.profile.lengths == "others are 1":
        return (int(rng.integers(2, domain.widest + 1)),) + (1,) * (count - 1)
    return tuple(int(w) for w in rng.permutation(np.arange(2, domain.widest + 1))[:count])
