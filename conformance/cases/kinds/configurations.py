"""Configurations of models: few of them show every pair of options, and which widths are equal follows from the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations, count, islice
from typing import Any

import numpy as np

from conformance.cases.drawing import Recipe, defaults_of, draw_plain
from conformance.cases.profiles import COMING_ROUND
from reference.domains import Choice, Length, Number, Whole, Widths
from reference.specification import Spec

# Of so many random choices of options the one is taken that shows most new pairs.
_CANDIDATES = 24
_LONGEST_LAYERS = (12, 40, 20)
# How often lengths are drawn as the recipe asks before others are taken.
_PATIENCE = 8

# What the lengths of a batch are, where options are to be shown with it.
_SHOWN_WITH = {"first is 1": "one sample", "equal": "as wide", "two equal": "as wide"}
# A pair of that kind counts as so many others: it has fewer chances.
_WEIGHT = 8

Options = tuple[tuple[str, Any], ...]


def configuration(spec: Spec, recipe: Recipe, rng: np.random.Generator) -> dict[str, Any]:
    """The arguments with which the model of a recipe is built; the model accepts them."""
    options = dict(designs(spec.name, recipe.family or 0).row(spec, recipe.turn))
    for attempt in count():
        arguments = {name: _drawn(domain, options, name, recipe, rng) for name, domain in spec.inputs.items()}
        if attempt < _PATIENCE:  # the model may refuse such lengths
            arguments = _with_lengths(spec, arguments, recipe)
        if _accepts(spec.evaluate, arguments):
            return _left_out(spec, arguments, recipe)
    raise AssertionError("counting does not end")


def _drawn(domain: Any, options: Mapping[str, Any], name: str, recipe: Recipe, rng: np.random.Generator) -> Any:
    if isinstance(domain, Widths):
        return draw_plain(Widths(options[name], options[name], domain.widest), recipe, rng)
    return options[name] if name in options else draw_plain(domain, recipe, rng)


def _left_out(spec: Spec, arguments: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """In plain recipes without what is at its default."""
    if recipe.profile.options == "given":
        return arguments
    defaults = defaults_of(spec)
    return {name: value for name, value in arguments.items() if name not in defaults or value != defaults[name]}


def levels(spec: Spec) -> dict[str, tuple[Any, ...]]:
    """The options of a model and their values: choices, small whole numbers, how many layers there are."""
    values: dict[str, tuple[Any, ...]] = {}
    for name, domain in spec.inputs.items():
        match domain:
            case Choice():
                values[name] = tuple(dict.fromkeys(domain.options))
            case Whole():
                values[name] = tuple(range(domain.low, domain.high + 1))
            case Widths():
                values[name] = tuple(range(domain.least, domain.most + 1))
    return values


def accepted_pairs(spec: Spec) -> frozenset[frozenset[tuple[str, Any]]]:
    """Every two values of two options that the model accepts together; the others at what makes that possible."""
    rows = islice(_random_options(spec, np.random.default_rng(0)), 400)
    return frozenset(pair for row in rows for pair in _pairs(row))


class _Design:
    """Options one after the other, each showing as many pairs as it can that none before it has shown; when all are, any.

    With which lengths they are shown counts too: a batch of one, or as long as a layer is wide. A row follows from those before it alone,
    so that it is the same whatever was drawn before.
    """

    def __init__(self, family: int) -> None:
        self._family = family
        self._rows: list[Options] = []
        self._shown = frozenset[frozenset[tuple[str, Any]]]()

    def row(self, spec: Spec, turn: int) -> Options:
        while len(self._rows) <= turn:
            self._rows.append(self._next(spec, len(self._rows)))
        return self._rows[turn]

    def _next(self, spec: Spec, turn: int) -> Options:
        candidates = islice(_random_options(spec, np.random.default_rng([self._family, turn])), _CANDIDATES)
        best = max(candidates, key=lambda row: _worth(_shown(row, turn) - self._shown))
        self._shown |= _shown(best, turn)
        return best


@lru_cache(maxsize=256)
def designs(name: str, family: int) -> _Design:
    """That of the specification of the name."""
    return _Design(family)


def _shown(row: Options, turn: int) -> frozenset[frozenset[tuple[str, Any]]]:
    kind = COMING_ROUND[turn % len(COMING_ROUND)].lengths
    # In every second recipe with two equal axes these are two widths, or any axis and any width.
    lengths = None if kind == "two equal" and turn // 8 % 2 else _SHOWN_WITH.get(kind)
    return _pairs((*row, ("", lengths)))


def _worth(pairs: Iterable[frozenset[tuple[str, Any]]]) -> int:
    return sum(_WEIGHT if _is_special(pair) else 1 for pair in pairs)


def _is_special(pair: frozenset[tuple[str, Any]]) -> bool:
    """Whether it says with which lengths an option is shown."""
    return any(name == "" and value is not None for name, value in pair)


def _random_options(spec: Spec, rng: np.random.Generator) -> Iterator[Options]:
    """Options that the model accepts."""
    values = levels(spec)
    while True:
        row = {name: choices[int(rng.integers(len(choices)))] for name, choices in values.items()}
        if _go_together(spec.evaluate, tuple(_plainest(spec, row).items())):
            yield tuple(row.items())


def _plainest(spec: Spec, row: Mapping[str, Any]) -> dict[str, Any]:
    """Small arguments with these options, to ask whether they go together."""
    arguments = dict(row)
    for name, domain in spec.inputs.items():
        match domain:
            case Widths():
                arguments[name] = tuple(range(row[name] + 1, 1, -1))
            case Length():
                arguments[name] = domain.least
            case Number() if name not in row:
                arguments[name] = domain.default
    return arguments


@lru_cache(maxsize=1 << 14)
def _go_together(model: Callable[..., Any], arguments: Options) -> bool:
    """Whether the model accepts these plain arguments, of which there are few: it is built once for each."""
    return _accepts(model, dict(arguments))


def _accepts(model: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    try:
        model(**arguments)
    except ValueError:  # two options that exclude each other
        return False
    return True


def _pairs(row: Options) -> frozenset[frozenset[tuple[str, Any]]]:
    return frozenset(frozenset(pair) for pair in combinations(row, 2)) or frozenset({frozenset(row)})


def _with_lengths(spec: Spec, arguments: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """The arguments with those widths equal, or that one long, that the recipe asks for."""
    match recipe.profile.lengths:
        case "equal":
            return _all_equal(spec, arguments, recipe.length)
        case "two equal" if recipe.turn // 8 % 2 and any(isinstance(domain, Widths) for domain in spec.inputs.values()):
            return _two_equal(spec, arguments, recipe)
        case "one long" if recipe.turn // 8 % 2:
            return _one_long(spec, arguments, recipe)
    return dict(arguments)


def _lengths(spec: Spec) -> list[str]:
    return [name for name, domain in spec.inputs.items() if isinstance(domain, Length)]


def _all_equal(spec: Spec, arguments: Mapping[str, Any], length: int) -> dict[str, Any]:
    equal = {name: (length,) * domain.most for name, domain in spec.inputs.items() if isinstance(domain, Widths)}
    return {**arguments, **equal, **dict.fromkeys(_lengths(spec), length)}


def _two_equal(spec: Spec, arguments: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Two neighbouring widths, so that the matrix between them is square; or two lengths."""
    for name, domain in spec.inputs.items():
        if isinstance(domain, Widths):
            widths = list(arguments[name])
            place = recipe.seed % (len(widths) - 1)
            widths[place + 1] = widths[place]
            return {**arguments, name: tuple(widths)}
    pairs = list(combinations(_lengths(spec), 2))
    if not pairs:
        return dict(arguments)
    first, second = pairs[recipe.seed % len(pairs)]
    return {**arguments, second: arguments[first]}


def _one_long(spec: Spec, arguments: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """One width past what code may take for everything."""
    length = _LONGEST_LAYERS[recipe.seed % len(_LONGEST_LAYERS)]
    for name, domain in spec.inputs.items():
        if isinstance(domain, Widths):
            widths = list(arguments[name])
            widths[recipe.seed % len(widths)] = length
            return {**arguments, name: tuple(widths)}
    names = _lengths(spec)
    return {**arguments, names[recipe.seed % len(names)]: length} if names else dict(arguments)
