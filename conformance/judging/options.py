"""Options of a case that a target does not offer: it says so by its signature, or by NotImplementedError."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases.case import Case
from conformance.cases.drawing import defaults_of
from conformance.cases.kinds import kind_of
from conformance.respondent.offered_options import same
from conformance.respondent.responses import Raised, Response, Unsupported
from conformance.respondent.symptoms import Symptom
from reference.domains import Choice
from reference.specification import Spec


def options_not_offered(spec: Spec, case: Case, responses: Iterable[Response]) -> set[str]:
    """In words, what was asked for and is not offered; nothing where everything is, or where it is not for an option.

    A NotImplementedError is about options where one of several values was asked for that is not the plainest: which of them it is about
    nobody knows, so all are named together.
    """
    answers = tuple(responses)
    options = {f"no {r.option!r}" for r in answers if isinstance(r, Unsupported) and r.option is not None}
    if options or not all(isinstance(r, Raised) and r.symptom is Symptom.NOT_WRITTEN for r in answers):
        return options
    defaults, given = defaults_of(spec), kind_of(spec).options(case.inputs)
    chosen = [
        f"{name}={given[name]!r}"
        for name, domain in spec.inputs.items()
        if isinstance(domain, Choice) and name in given and name in defaults and not same(given[name], defaults[name])
    ]
    return {", ".join(chosen)} if chosen else set()
