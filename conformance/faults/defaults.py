"""Other defaults than a specification's: a general change of a formula or of a model's constructor, whatever its argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.faults.fault import Fault
from conformance.faults.templates import hint_of, id_of, sentence_of
from reference.domains import Choice, Number, Whole
from reference.specification import Spec

# What people choose where somebody else has chosen something.
USUAL_NUMBERS = (
    1e-3,
    0.01,
    0.1,
    1.0,
    0.05,
    0.5,
    1e-4,
    1e-5,
    0.2,
    0.25,
    0.3,
    2.0,
    5.0,
    10.0,
    0.02,
    0.9,
    1e-6,
    1e-7,
    1e-8,
    0.0,
    100.0,
)


def another_default(spec: Spec, name: str, right: Any, value: Any) -> Fault:
    """The specification with that default of an argument, where another is right."""
    id = id_of("default", name, shown(value), shown(right))

    def wrap(offered: Callable[..., Any]) -> Callable[..., Any]:
        return lambda **given: offered(**{name: value, **given})

    return Fault(id, (spec.name,), sentence_of(id, "en") or "", hint_of(id, "en") or "", "", wrap=wrap)


def other_defaults(spec: Spec, name: str, right: Any) -> Iterator[Fault]:
    """With the other values of an option, or with usual numbers."""
    domain = spec.inputs[name]
    options: tuple[Any, ...] = ()
    if isinstance(domain, Choice):
        options = tuple(domain.options)
    elif isinstance(domain, Whole):
        options = tuple(range(domain.low, domain.high + 1))
    elif isinstance(domain, Number):
        options = tuple(value for value in USUAL_NUMBERS if domain.low <= value <= domain.high)
    yield from (another_default(spec, name, right, value) for value in options if value != right)


def shown(value: Any) -> str:
    """A value as a sentence shows it, which may hold no separator of an id."""
    return f"{value:g}" if isinstance(value, float) else repr(value).replace("#", "＃")
