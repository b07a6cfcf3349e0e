"""How a fault is caught: the first case, in the order in which `conformance verify` asks them, that it does not survive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases import Case, cases
from conformance.compare import compare
from conformance.expectation import Expectation, expect
from conformance.faults.diagnosis import predicted
from conformance.faults.fault import Fault
from conformance.responses import Output
from reference.specification import Quantity, catalogue

DTYPE = "float64"
DRAWN = 12


@dataclass(frozen=True)
class Kill:
    """What caught a fault: the specification, the number of cases until then, and the quantity."""

    spec: str
    cases: int
    quantity: Quantity


@cache
def asked(spec: str) -> tuple[Case, ...]:
    """The default cases of a model."""
    return tuple(cases(catalogue()[spec], DTYPE, 0, DRAWN))


@cache
def expected(spec: str, index: int) -> Mapping[Quantity, Expectation]:
    """What is right of a case, for all faults alike."""
    return expect(catalogue()[spec], asked(spec)[index])


def answers(faults: tuple[Fault, ...], spec: str, index: int, quantity: Quantity) -> dict[str, Output] | Exception:
    """What a model with these faults returns, or raises. A name that the reference does not have is a mistake of the catalogue."""
    try:
        with np.errstate(all="ignore"):
            found = predicted(faults, catalogue()[spec], quantity, asked(spec)[index])
    except (NameError, AttributeError, ImportError):
        raise
    except Exception as error:
        return error
    return {name: Output(np.asarray(value), np.asarray(value).dtype.name, "host") for name, value in found.items()}


def agrees(faults: tuple[Fault, ...], spec: str, index: int, quantity: Quantity) -> bool:
    """Whether a model with these faults passes a case."""
    given = answers(faults, spec, index, quantity)
    return not isinstance(given, Exception) and compare(expected(spec, index)[quantity], given, "host").agrees


def first_kill(faults: tuple[Fault, ...], spec: str) -> Kill | None:
    """The first case that these faults do not survive."""
    for index in range(len(asked(spec))):
        for quantity in catalogue()[spec].quantities:
            if not agrees(faults, spec, index, quantity):
                return Kill(spec, index + 1, quantity)
    return None
