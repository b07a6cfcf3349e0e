"""Mistakes in a model that nobody has written down: one change, by a general operator, of what the reference runs for it."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

from conformance.faults.constants import with_constant
from conformance.faults.fault import Fault, Replacement
from conformance.faults.operators import Mutant, mutants_of
from conformance.faults.single_changes import said_of, whole_lines
from conformance.faults.slips import FREE, factored_calls, slips_of, sums_of
from conformance.faults.templates import hint_of, id_of, sentence_of
from reference.specification import catalogue

Functions = frozenset[tuple[str, str]]
# Whose code computes a model; the rest of the reference reads arguments, or says how far off an answer may be.
_ROOMS = ("reference.models.", "reference.layers.", "reference.losses.", "reference.formulas.", "reference.training.")
_LEFT_OUT = ("reference.models.weights",)
# Functions that read arguments.
_READERS = ("whole_number", "layer_sizes", "one_of", "number_between", "rows(", "flag(")
# What others choose where the reference has a number of its own.
_NUMBERS = (0.5, 0.1, 0.01, 0.8, 0.95, 0.99, 0.999, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10)


def reached(run: Callable[[], Any]) -> Functions:
    """(module, function) of the reference that a run enters."""
    entered: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith(_ROOMS) and module not in _LEFT_OUT:
            entered.add((module, frame.f_code.co_qualname.partition(".<locals>")[0]))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return frozenset(entered)


# And for a number of their own: what they clip to, begin with, or add.
_FREE_NUMBERS = {
    "clipped": (1.0, 5.0, 0.5, 0.1, 10.0, 0.25, 2.0, 0.01, 3.0, 0.05, 0.2, 1e-3),
    "starts": (0.1, 1.0, 1e-6, 1e-7, 1e-8, 1e-10, 0.01, 1e-3, 0.5),
    "added": (1e-8, 1e-7, 1e-6, 1e-5, 1e-10, 1e-12, 1e-4, 1e-3),
}


def model_changes(spec: str, functions: Functions) -> Iterator[Fault]:
    """Changes of these functions, the model's own first; slips before what the operators of mutation make."""
    # Clipping changes every run of training, whose predictions cost most.
    yield from sorted(_slips(spec, functions), key=lambda fault: fault.id.startswith("clipped"))
    for module in sorted({module for module, _ in functions}, key=_distance):
        source = inspect.getsource(importlib.import_module(module))
        home = module.removeprefix("reference.")
        yield from _constants(spec, home, source)
        names = {name for owner, name in functions if owner == module}
        for mutant in mutants_of(home, source, lambda name, names=names: name not in names):
            if mutant.condition is None:
                yield from _faults(spec, source, mutant)


def _slips(spec: str, functions: Functions) -> Iterator[Fault]:
    for module in sorted({module for module, _ in functions}, key=_distance):
        source, home = inspect.getsource(importlib.import_module(module)), module.removeprefix("reference.")
        names = frozenset(name for owner, name in functions if owner == module)
        for slip in slips_of(source, names):
            fault = _fault(spec, slip.id, f"{home}:{slip.function}", slip.old, slip.new)
            if not slip.free:
                yield fault
                continue
            numbers = next((n for words, n in _FREE_NUMBERS.items() if slip.id.startswith(words)), ())
            yield from (with_constant(replace(fault, constant=FREE), number) for number in numbers)
        yield from _in_what_is_called(spec, home, source, names)


def _in_what_is_called(spec: str, home: str, source: str, names: frozenset[str]) -> Iterator[Fault]:
    """A factor of what a formula gives, as `self.beta * vae_kl_loss(…)`, put on one of the formula's terms instead."""
    for call in factored_calls(source, names):
        evaluate = catalogue()[call.called].evaluate if call.called in catalogue() else None
        if evaluate is None:
            continue
        formula = inspect.getsource(importlib.import_module(evaluate.__module__))
        there = f"{evaluate.__module__.removeprefix('reference.')}:{call.called}"
        for term in sums_of(formula, call.called, f"{call.called}.factor"):
            id = id_of("factor_on", call.factor, term.id)
            changes = (Replacement(f"{home}:{call.function}", call.old, call.new), Replacement(there, term.old, term.new))
            yield replace(_fault(spec, id, "", "", ""), changes=changes)


def _constants(spec: str, home: str, source: str) -> Iterator[Fault]:
    """Other numbers for those that have a name of their own in a module, as MOMENTUM = 0.9."""
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=float())):
                line = ast.get_source_segment(source, node) or ""
                for number in _numbers(ast.unparse(node.value)):
                    yield _fault(spec, id_of("number", ast.unparse(node.value), number), f"{home}:", line, f"{name} = {number}")


def _fault(spec: str, id: str, place: str, old: str, new: str) -> Fault:
    return Fault(id, (spec,), sentence_of(id, "en") or "", hint_of(id, "en") or "", "", changes=(Replacement(place, old, new),))


def _distance(module: str) -> int:
    return next(place for place, room in enumerate(_ROOMS) if module.startswith(room))


def _faults(spec: str, source: str, mutant: Mutant) -> Iterator[Fault]:
    for news, id in _said(mutant):
        old, new = whole_lines(source, mutant, news)
        yield _fault(spec, id, f"{mutant.module}:{mutant.function}", old, new)


def _said(mutant: Mutant) -> Iterator[tuple[str, str]]:
    """What stands there instead, and the id of the sentence that says so."""
    if mutant.operator == "statement dropped":
        piece = " ".join(mutant.old.split())
        if len(piece) <= 60 and "#" not in piece:
            yield mutant.new, id_of("left_out", piece)
        return
    if mutant.operator == "argument dropped" and "=" not in mutant.old:
        return  # whoever leaves it out is told so by Python
    if mutant.old.lstrip().startswith(_READERS):
        return
    if mutant.operator == "assigned, not added" or mutant.operator in ("always", "never", "condition negated", "comparison"):
        return
    if mutant.operator == "constant" and "." in mutant.old:
        if mutant.new.startswith("-"):
            for number in _numbers(mutant.old):
                yield number, id_of("number", mutant.old, number)
        return
    if (id := said_of(mutant)) is not None:
        yield mutant.new, id


def _numbers(old: str) -> Sequence[str]:
    value = float(ast.literal_eval(old))
    numbers = (value / 2, value * 2, value / 10, value * 10, 1 - value, 0.0, 1.0, *_NUMBERS)
    return [repr(float(f"{number:.12g}")) for number in dict.fromkeys(numbers) if number != value]
