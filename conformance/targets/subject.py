"""Asking a target for its answer to a case, in this process."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cached_property
from types import ModuleType
from typing import Any, Protocol

from conformance.cases.case import Case
from conformance.cases.drawing import defaults_of
from conformance.cases.kinds import kind_of
from conformance.respondent import frameworks
from conformance.respondent.frameworks import Framework
from conformance.respondent.interview import Question, Respondent, builder_of, interview
from conformance.respondent.offers import Offered, kind_of_value, offered
from conformance.respondent.plain_models import PlainRole
from conformance.respondent.responses import Response
from conformance.targets.target import Target, load_module
from reference.specification import Quantity, Spec, StandIn

Responses = dict[Quantity, Response]


class Subject(Protocol):
    """Something that can be asked: a module in this process, or one in a worker."""

    @property
    def target(self) -> Target:
        """What is under test."""
        ...

    def has(self, name: str) -> bool:
        """Whether it offers something of the name."""
        ...

    def builds(self, name: str) -> bool:
        """Whether it offers a function that returns a model in place of the class of the name."""
        ...

    def names(self) -> Collection[str]:
        """The names of all that it offers."""
        ...

    def offered(self, name: str) -> Offered | None:
        """What it offers under the name."""
        ...

    def ask(self, question: Question, seconds: float) -> Responses:
        """Its response for every quantity of the question."""
        ...


@dataclass(frozen=True)
class LocalSubject:
    """A target made ready to answer in this process: its module imported, its framework loaded."""

    target: Target
    module: ModuleType
    framework: Framework

    @classmethod
    def of(cls, target: Target) -> LocalSubject:
        """Import what the target needs. Raises UnusableTarget or NotSupported."""
        return cls(target, load_module(target.module), frameworks.load(target.framework))

    @cached_property
    def respondent(self) -> Respondent:
        """The module in its framework, with what has been compiled of it."""
        target = self.target
        return Respondent(self.module, target.name, self.framework, target.dtype, target.device, target.mode)

    def has(self, name: str) -> bool:
        return hasattr(self.module, name) or self.builds(name)

    def names(self) -> Collection[str]:
        return [name for name, value in vars(self.module).items() if kind_of_value(value) != "value"]

    def offered(self, name: str) -> Offered | None:
        return offered(getattr(self.module, name)) if hasattr(self.module, name) else None

    def builds(self, name: str) -> bool:
        return not hasattr(self.module, name) and hasattr(self.module, builder_of(name))

    def ask(self, question: Question, seconds: float) -> Responses:
        held_back = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        with held_back[0], held_back[1]:
            return interview(self.respondent, question, seconds)


def question_of(spec: Spec, case: Case) -> Question:
    """What a target is told of a case."""
    tensors, stand_in = kind_of(spec).tensors(spec), told_of_stand_in(spec)
    gradients = () if case.cotangent is None else spec.differentiated
    # Code may take another way where no gradients are recorded: every second case is asked there, whichever they are.
    untracked = int(case.id, 16) % 2 == 1
    return Question(
        *(spec.name, spec.kind, tensors, spec.quantities, case.inputs, case.cotangent, stand_in, gradients),
        defaults=defaults_of(spec),
        untracked=untracked,
    )


def told_of_stand_in(spec: Spec) -> dict[str, Any] | str | None:
    """What a question says of plain models, in plain values: what is left out in judging one is not said."""
    stand_in = spec.stand_in
    if not isinstance(stand_in, StandIn):
        return stand_in
    facts = {field.name: getattr(stand_in, field.name) for field in fields(PlainRole) if field.name != "defaults"}
    return {**facts, "matters_where": dict(stand_in.matters_where), "defaults": defaults_of(spec)}


def exercise(subject: Subject, spec: Spec, case: Case, seconds: float) -> Responses:
    """The target's response for every quantity of the specification, within a time limit."""
    return subject.ask(question_of(spec, case), seconds)
