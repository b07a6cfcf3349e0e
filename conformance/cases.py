"""From a domain to a case: inputs that every target is given alike.

A case is drawn from a *recipe*: a profile (what kind of numbers), extents and a seed. The same recipe gives the same case
everywhere, and recipes are ordered from plain to delicate, so whoever searches for a simple counterexample starts at the front.

Rules of this room:

* No two named axes have the same length unless the recipe says so: an exchanged axis cannot hide.
* Every number is one of the dtype's numbers, so the reference and the target see the same input.
* Nothing leaves its domain.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from conformance import realistic
from conformance.realistic import ImageRows
from conformance.tolerance import round_into, round_to
from reference.specification import Array, Bits, Choice, Domain, Ids, Number, Reals, Sequences, Spec, Texts, Whole, Widths

# Plain to delicate. `single_sample` and `single_unit` have an axis of length 1, where a wrong reduction may look right.
PROFILES = ("round", "ordinary", "edges", "wide", "single_sample", "single_unit")
_SCHEDULE = ("round", "ordinary", "edges", "ordinary", "single_sample", "edges", "single_unit", "wide")
_LONGEST_AXIS = 9
TRAINING_STEPS = 10
# Powers of two, exact in every dtype; large enough that ten steps move the weights, small enough that they do not run away.
LEARNING_RATES = {"sgd": 2**-3, "momentum": 2**-4, "nesterov": 2**-4, "adagrad": 2**-4, "rmsprop": 2**-7, "adam": 2**-7}

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

    profile: str = "round"
    length: int = 3
    seed: int = 0


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


def recipes(seed: int, count: int) -> Iterator[Recipe]:
    """`count` recipes in which every profile comes round."""
    for index in range(count):
        yield Recipe(_SCHEDULE[index % len(_SCHEDULE)], 2 + index % (_LONGEST_AXIS - 1), seed * 1_000_003 + index)


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
        yield with_cotangent(spec, Case(spec.name, dtype, inputs, flags=("known",)), np.random.default_rng(0))


def realistic_cases(spec: Spec, dtype: str, images: ImageRows | None = None) -> Iterator[Case]:
    """Images, by default the scanned digits, and multilingual text through whatever takes them."""
    if spec.kind == "tokenizer":
        yield Case(spec.name, dtype, realistic.text_inputs(), flags=("real",))
    elif spec.kind == "model":
        configuration, batches = realistic.model_inputs(spec.name, TRAINING_STEPS, images)
        model = spec.evaluate(**configuration)
        domains = model.batch_domains()
        batches = [{n: round_to(a, dtype) if isinstance(domains[n], Reals) else a for n, a in batch.items()} for batch in batches]
        inputs = {
            "configuration": configuration,
            "weights": {n: round_to(w, dtype) for n, w in model.export_weights().items()},
            "batch": batches[0],
            "batches": batches[1:],
        }
        for optimizer in ("sgd", "adam"):
            training = {"optimizer": optimizer, "learning_rate": LEARNING_RATES[optimizer]}
            yield Case(spec.name, dtype, {**inputs, "training": training}, flags=("real",))


def draw(spec: Spec, dtype: str, recipe: Recipe) -> Case:
    """The case of a recipe."""
    rng = np.random.Generator(np.random.PCG64(recipe.seed))
    inputs = _model_inputs(spec, dtype, recipe, rng) if spec.kind == "model" else _draw_all(spec.inputs, dtype, recipe, rng)
    return with_cotangent(spec, Case(spec.name, dtype, inputs, flags=(recipe.profile,)), rng)


def with_cotangent(spec: Spec, case: Case, rng: np.random.Generator | None = None) -> Case:
    """The case with a cotangent of the value's shape; ones without `rng`."""
    if spec.vjp is None or spec.error_scale is None:
        return case
    shape = np.shape(spec.error_scale(**case.inputs))
    cotangent = np.ones(shape) if rng is None else round_to(rng.integers(1, 8, size=shape) * 0.25, case.dtype)
    return replace(case, cotangent=cotangent)


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


ARRAYS = (Reals, Ids, Bits)


def _is_real(domain: Domain | None) -> bool:
    return isinstance(domain, Reals)


def _draw_all(
    domains: Mapping[str, Domain], dtype: str, recipe: Recipe, rng: np.random.Generator, avoided: Collection[int] = ()
) -> dict[str, Any]:
    """Scalars first, because an array's edge may be one of them."""
    drawn = {name: _draw_plain(domain, recipe, rng) for name, domain in domains.items() if not isinstance(domain, ARRAYS)}
    extents = _extents(domains, recipe, avoided)
    for name, domain in domains.items():
        if isinstance(domain, Reals):
            drawn[name] = _draw_reals(domain, dtype, recipe, rng, extents, drawn)
        elif isinstance(domain, ARRAYS):
            drawn[name] = _draw_ids(domain, recipe, rng, extents)
    return {name: drawn[name] for name in domains}


def _extents(domains: Mapping[str, Domain], recipe: Recipe, avoided: Collection[int] = ()) -> dict[str, int]:
    """Different lengths for all named axes, none of them avoided, except where the profile asks for 1."""
    every = [axis for domain in domains.values() if isinstance(domain, ARRAYS) for axis in domain.axes]
    axes = list(dict.fromkeys(axis for axis in every if isinstance(axis, str)))
    fixed = {axis for axis in every if isinstance(axis, int)}
    lengths: dict[str, int] = {}
    candidate = recipe.length
    taken = fixed | set(avoided)
    for position, axis in enumerate(axes):
        if (recipe.profile == "single_sample" and position == 0) or (recipe.profile == "single_unit" and position > 0):
            lengths[axis] = 1
            continue
        candidate = _free(candidate, taken)
        lengths[axis] = candidate
        taken.add(candidate)
        candidate = (candidate * 5 + recipe.seed) % (_LONGEST_AXIS - 1) + 2
    return lengths


def _free(wanted: int, taken: Collection[int]) -> int:
    """The first length from `wanted` on that no other axis has: up to nine round about, then beyond."""
    short = [(wanted - 2 + k) % (_LONGEST_AXIS - 1) + 2 for k in range(_LONGEST_AXIS - 1)]
    return next(length for length in (*short, *range(_LONGEST_AXIS + 1, 99)) if length not in taken)


def _draw_reals(
    domain: Reals, dtype: str, recipe: Recipe, rng: np.random.Generator, extents: Mapping[str, int], scalars: Mapping[str, Any]
) -> Array:
    shape = _shape(domain, extents)
    low, high = domain.typical
    if recipe.profile == "round":
        # Eighths of the typical range are short to write and exact in every dtype.
        values = low + (high - low) * rng.integers(0, 9, size=shape) / 8
    elif recipe.profile == "wide":
        magnitude = math.log10(max(abs(domain.low), abs(domain.high)))
        values = np.where(rng.random(shape) < 0.5, domain.low < 0, False) * -2.0 + 1.0
        values = values * 10.0 ** rng.uniform(magnitude - 8, magnitude, size=shape)
    else:
        values = rng.uniform(low, high, size=shape)
    if domain.edges and (recipe.profile == "edges" or (recipe.profile.startswith("single") and rng.random() < 0.5)):
        edges = np.array([scalars[e] if isinstance(e, str) else e for e in domain.edges])
        if rng.random() < 0.25:
            # One edge everywhere: among larger numbers the digits that are lost near zero would not be missed.
            return round_into(np.full(shape, rng.choice(edges)), domain.low, domain.high, dtype)
        # Whole columns, so that a batch mean comes to lie at an edge too; then single elements; some a little beside it.
        column = edges[rng.integers(len(edges), size=shape[1:])] * np.ones(shape)
        single = edges[rng.integers(len(edges), size=shape)]
        beside = 1.0 + rng.choice((0.0, 0.0, 1e-3, -1e-3, 1e-6), size=shape[1:])
        values = np.where(rng.random(shape[1:]) < 0.5, column * beside, np.where(rng.random(shape) < 0.5, single, values))
    return round_into(values, domain.low, domain.high, dtype)


def _shape(domain: Reals | Ids | Bits, extents: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(extents[axis] if isinstance(axis, str) else axis for axis in domain.axes)


def _draw_ids(domain: Ids | Bits, recipe: Recipe, rng: np.random.Generator, extents: Mapping[str, int]) -> Array:
    """Whole numbers; at the edges sometimes the same everywhere (all padding, one token), sometimes with padding behind."""
    shape = _shape(domain, extents)
    if isinstance(domain, Bits):
        return rng.integers(0, 2, size=shape).astype(np.float64)
    ids = rng.integers(0, domain.count, size=shape)
    if recipe.profile == "edges" and len(shape) > 1 and shape[1] > 1:
        kind = int(rng.integers(4))
        if kind < 2:
            return np.full(shape, (0, domain.count - 1)[kind])
        ids[:, shape[1] // 2 :] = 0
    return ids


def _draw_plain(domain: Domain, recipe: Recipe, rng: np.random.Generator) -> Any:
    """A number, a choice, texts, sequences or widths."""
    match domain:
        case Number():
            if recipe.profile == "round" or rng.random() < 0.3:
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
            return [_text(rng) for _ in range(int(rng.integers(domain.least, domain.most + 1)))]
        case Sequences():
            return [_sequence(domain, recipe, rng) for _ in range(recipe.length)]
        case Widths():
            return _widths(domain, recipe, rng)
    raise AssertionError(f"no drawing for {domain}")


def _text(rng: np.random.Generator) -> str:
    alphabet = _ALPHABETS[int(rng.integers(len(_ALPHABETS)))]
    return "".join(alphabet[int(i)] for i in rng.integers(len(alphabet), size=int(rng.integers(0, 13))))


def _sequence(domain: Sequences, recipe: Recipe, rng: np.random.Generator) -> list[int]:
    length = int(rng.integers(0, 9))
    if recipe.profile in ("edges", "wide"):
        return [int(i) for i in rng.integers(domain.low, domain.high, size=length, endpoint=True)]
    return [int(i) for i in rng.integers(1, 30, size=length)]


def _widths(domain: Widths, recipe: Recipe, rng: np.random.Generator) -> tuple[int, ...]:
    count = int(rng.integers(domain.least, domain.most + 1))
    if recipe.profile == "single_unit":
        return (int(rng.integers(2, domain.widest + 1)),) + (1,) * (count - 1)
    return tuple(int(w) for w in rng.permutation(np.arange(2, domain.widest + 1))[:count])


def _model_inputs(spec: Spec, dtype: str, recipe: Recipe, rng: np.random.Generator) -> dict[str, Any]:
    """A configuration that the model accepts, weights with biases that matter, and batches."""
    while True:
        configuration = {name: _draw_plain(domain, recipe, rng) for name, domain in spec.inputs.items()}
        try:
            model = spec.evaluate(**configuration)
        except ValueError:  # two options that exclude each other
            continue
        break
    weights = {
        name: round_to(rng.uniform(-1, 1, size=shape) * (1.5 / math.sqrt(math.prod(shape[:-1])) if len(shape) > 1 else 0.5), dtype)
        for name, shape in model.parameter_shapes.items()
    }
    domains = model.batch_domains()
    widths = {extent for shape in model.parameter_shapes.values() for extent in shape}
    batches = [_draw_all(domains, dtype, recipe, rng, widths) for _ in range(TRAINING_STEPS)]
    optimizer = list(LEARNING_RATES)[recipe.seed % len(LEARNING_RATES)]
    return {
        "configuration": configuration,
        "weights": weights,
        "batch": batches[0],
        "batches": batches,
        "training": {"optimizer": optimizer, "learning_rate": LEARNING_RATES[optimizer]},
    }
