"""Whether what a target offers can be called as it will be: its name, what it is, and the names of its parameters.

The one place that says so, in one sentence, to `verify`, `check`, `conforms` and grades alike, before anything is called.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence

from conformance.cases.drawing import defaults_of
from conformance.cases.kinds import kind_of
from conformance.judging.verdicts import Verdict
from conformance.respondent.interview import builder_of
from conformance.respondent.offered_options import OF_ANY_CLASS
from conformance.respondent.offers import Offered
from conformance.respondent.symptoms import Symptom
from conformance.targets.subject import Subject
from reference.domains import Choice
from reference.specification import Spec, StandIn, catalogue

_OF_A_TOKENIZER = ("lower", "oov_token", "num_chars")


def problem_of(spec: Spec, subject: Subject) -> str | None:
    """What is wrong with the name or the parameters of what is offered; None if it can be called."""
    offered = subject.offered(spec.name) or subject.offered(builder_of(spec.name))
    if offered is None:
        builder = f" or {builder_of(spec.name)}" if isinstance(spec.stand_in, StandIn) else ""
        near = near_name(spec.name, subject.names())
        return f"names: expected {spec.name}{builder}, found none" + (f"; did you mean {spec.name} by {near}?" if near else "")
    if offered.kind == "value":
        return f"names: expected {spec.name} to be a function or class, got a value"
    if offered.parameters is None or (kind_of(spec).trained and subject.offered(spec.name) is None):
        return None  # a builder is given what it takes
    return _signature_problem(spec, offered)


def refusals(spec: Spec, subject: Subject, every_option: bool = True) -> Iterator[Verdict]:
    """The verdicts on what cannot be called as it will be: the sentence, and no numbers; none on anything else.

    What lacks options and has nothing else in their place can be called without them, unless `every_option` is asked for.
    """
    offered = subject.offered(spec.name)
    if offered is not None and not every_option and _lacks_options_only(spec, offered):
        return
    problem = problem_of(spec, subject) if offered is not None and offered.kind != "value" else None
    for quantity in spec.quantities if problem is not None else ():
        yield Verdict(
            spec.name,
            subject.target,
            quantity,
            "failed",
            budget_used=float("inf"),
            reason=problem,
            symptom=Symptom.WRONG_SIGNATURE,
        )


def absence(spec: Spec, subject: Subject) -> str:
    """That the target does not have it, and what it has that may be meant to be it."""
    near = near_name(spec.name, subject.names())
    return f"{subject.target.name} has none" + (f"; did you mean {spec.name} by {near}?" if near else "")


def near_name(name: str, names: Collection[str]) -> str | None:
    """What among the names was probably meant to be it: nearly the same, and no specification's own."""
    own = {other.lower(): other for other in names if other not in catalogue() and not other.endswith("_vjp")}
    near = difflib.get_close_matches(name.lower(), own, n=1, cutoff=0.8)
    return own[near[0]] if near else None


def expected_parameters(spec: Spec) -> list[str]:
    """What it is called with, or built of, by name."""
    return list(_OF_A_TOKENIZER) if kind_of(spec).fitted else list(spec.inputs)


def _lacks_options_only(spec: Spec, offered: Offered) -> bool:
    if kind_of(spec).fitted or any(p.kind == "POSITIONAL_ONLY" for p in offered.parameters or ()):
        return False
    names = {p.name for p in offered.parameters or ()}
    return names <= {*spec.inputs, *OF_ANY_CLASS} and set(spec.inputs) - names <= set(defaults_of(spec))


def _needless(spec: Spec) -> set[str]:
    """Options of which nothing but the default is asked for."""
    defaults = defaults_of(spec)
    return {n for n, d in spec.inputs.items() if isinstance(d, Choice) and n in defaults and d.options == (defaults[n],)}


def _signature_problem(spec: Spec, offered: Offered) -> str | None:
    parameters, expected = offered.parameters or (), expected_parameters(spec)
    by_name = {p.name for p in parameters if p.kind != "POSITIONAL_ONLY"}
    takes_all = any(p.kind == "VAR_KEYWORD" for p in parameters)
    lacking = [] if takes_all else [name for name in expected if name not in by_name and name not in _needless(spec)]
    besides = OF_ANY_CLASS if offered.kind == "class" else frozenset[str]()
    surplus = [p.name for p in parameters if p.name not in {*expected, *besides} and not p.kind.startswith("VAR")]
    demanded = [p.name for p in parameters if p.name in surplus and not p.has_default]
    # An option that is not taken is not asked for; one that another name may stand for cannot be told from that.
    options = expected if kind_of(spec).fitted else defaults_of(spec)
    if not demanded and (not surplus or not lacking) and all(name in options for name in lacking):
        return None
    taken = ", ".join(p.name for p in parameters) or "none"
    meant = _meant(lacking, surplus, expected, [p.name for p in parameters])
    by_place = [p.name for p in parameters if p.kind == "POSITIONAL_ONLY" and p.name in expected]
    return (
        f"signature: expected {spec.name} to take {', '.join(expected)}; got {taken}"
        + "".join(f"; did you mean {name} by {other}?" for name, other in meant.items())
        + (f"; {', '.join(by_place)} cannot be given by name" if by_place else "")
    )


def _meant(lacking: Sequence[str], surplus: Sequence[str], expected: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """What is lacking -> what stands in its place: by a name nearly the same, else by the same position."""
    meant: dict[str, str] = {}
    for name in lacking:
        free = [other for other in surplus if other not in meant.values()]
        near = difflib.get_close_matches(name, free, n=1)
        place = expected.index(name)
        if near:
            meant[name] = near[0]
        elif place < len(given) and given[place] in free:
            meant[name] = given[place]
    return meant
