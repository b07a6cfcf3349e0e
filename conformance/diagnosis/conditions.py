"""Where the answers are wrong and where they are not: what all failing cases have in common and hardly any other has.

A slip may sit in a branch: for one sample, from a number on, where an option has one value. What holds for all failing cases, and would
hardly hold by chance, is said, and mistakes are looked for among the cases for which it holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.cases.case import Case
from conformance.cases.drawing import defaults_of
from conformance.faults.templates import id_of
from conformance.judging.verdicts import Evidence
from conformance.targets.subject import question_of
from reference.domains import Reals
from reference.specification import Spec

# All conditions that are tried together may hold by chance once in so many files.
_COINCIDENCE = 1e-3
_LARGEST_SHARE = 0.6
# So many of them are looked into.
_MOST = 3
_OPTIONS = (str, bool, type(None))


@dataclass(frozen=True)
class Condition:
    """What holds for some cases: its id among the templates, and the ids of those cases."""

    id: str
    members: frozenset[str]


def conditions(spec: Spec, evidence: Sequence[Evidence]) -> list[Condition]:
    """What holds wherever an answer is wrong, and not by chance; what holds for the fewest others first."""
    cases = {observation.case.id: observation.case for observation in evidence}
    wrong = frozenset(observation.case.id for observation in evidence if not observation.agrees)
    facts = {id: dict(_facts(spec, case)) for id, case in cases.items()}
    names = list(dict.fromkeys(name for of_case in facts.values() for name in of_case))
    tried = [condition for name in names for condition in _about(name, {id: f.get(name) for id, f in facts.items()}, wrong)]
    # What most cases share says nothing of the few that differ.
    telling = [c for c in tried if wrong <= c.members and len(c.members) <= _LARGEST_SHARE * len(cases)]
    chance = len({condition.members for condition in tried}) / math.comb(len(cases), len(wrong)) if wrong else 1.0
    telling = [c for c in telling if math.comb(len(c.members), len(wrong)) * chance <= _COINCIDENCE]
    return sorted(telling, key=lambda condition: len(condition.members))[:_MOST]


def _about(name: tuple[str, str], values: Mapping[str, Any], wrong: frozenset[str]) -> Iterator[Condition]:
    """What one fact has in all failing cases: one value, a least one, a largest one."""
    kind, what = name
    failing = [values[id] for id in wrong]
    if not failing or any(value is None and kind != "option" for value in failing):
        return

    def where(template: str, holds: Any, *said: str) -> Condition:
        members = frozenset(id for id, value in values.items() if (value is not None or kind == "option") and holds(value))
        return Condition(id_of(template, what, *said), members)

    if kind in ("option", "extent") and all(value == failing[0] for value in failing):
        template = "where_option" if kind == "option" else "where_extent"
        yield where(template, lambda value: type(value) is type(failing[0]) and value == failing[0], _said(failing[0]))
    if kind == "holds":
        if all(failing):
            yield where(what, bool)
        return
    if kind == "option":
        return
    least, most = min(failing), max(failing)
    # A formula breaks for numbers of large magnitude; that all of them are small has other reasons.
    if kind != "smallest":
        yield where(f"where_{kind}_from", lambda value: value >= least, _said(least))
    if kind != "largest":
        yield where(f"where_{kind}_to", lambda value: value <= most, _said(most))


def _said(value: Any) -> str:
    return (f"{value:.3g}" if isinstance(value, float) else repr(value)).replace("#", "＃")


def _facts(spec: Spec, case: Case) -> Iterator[tuple[tuple[str, str], Any]]:
    """(kind, what) and its value: options, lengths of axes, scalars, the ends of arrays, and whether gradients are recorded."""
    model = case.model if case.holds_model else None
    options = dict(case.inputs) if model is None else {**model.configuration, "optimizer": model.optimizer}
    for name, default in defaults_of(spec).items():
        # By default or given, an option has its value; that it is left out is another matter.
        yield ("holds", id_of("where_left_out", name)), name not in options
        if isinstance(default, (*_OPTIONS, int, float)):
            options.setdefault(name, default)
    for name, value in options.items():
        if isinstance(value, _OPTIONS):
            yield ("option", name), value
        elif isinstance(value, (int, float)):
            yield ("number", name), value
        elif isinstance(value, tuple) and value and all(isinstance(width, int) for width in value):
            yield ("extent", f"layers in `{name}`"), len(value)
            yield ("extent", f"units in the last of `{name}`"), value[-1]
        elif isinstance(value, list):
            lengths = [len(item) for item in value]
            yield ("extent", name), len(value)
            yield ("extent", f"items in the longest of `{name}`"), max(lengths, default=0)
    extents = dict(_extents(spec, case.inputs) if model is None else _extents_of_model(model.batch, model.configuration))
    for what, extent in extents.items():
        yield ("extent", what), extent
    samples = extents.get("samples", next(iter(extents.values()), None))
    first = next(iter(extents), None)
    for what, extent in extents.items():
        if what != first:
            yield ("holds", id_of("where_as_many", what, str(first))), extent == samples
    for name, value in (case.inputs if model is None else model.batch).items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
            yield ("largest", name), float(value.max())
            yield ("smallest", name), float(value.min())
    # Where a model records none, its gradients are asked for twice.
    untracked = "where_untracked#" if model is None else "where_untracked_or_twice#"
    yield ("holds", untracked), question_of(spec, case).untracked


def _extents(spec: Spec, inputs: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, domain in spec.inputs.items():
        if isinstance(domain, Reals) and name in inputs:
            for axis, extent in zip(domain.axes, inputs[name].shape, strict=True):
                if isinstance(axis, str):
                    yield "samples" if axis == "batch" else axis, extent


def _extents_of_model(batch: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, array in batch.items():
        yield "samples", array.shape[0]
        if array.ndim > 1 and array.shape[1] > 1:
            yield f"columns of `{name}`", array.shape[1]
    for name, value in configuration.items():
        if isinstance(value, int) and not isinstance(value, bool) and name != "seed":
            yield f"`{name}`", value
        elif isinstance(value, tuple) and value:
            yield f"units in the last of `{name}`", value[-1]
