"""Meanings that are right elsewhere and accepted here: for a share of the points in an assignment, whole by `--accept`.

What is accepted is not asked for. A verdict is excused only where the variant predicts every answer, right and wrong ones alike.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Container, Iterable
from dataclasses import replace

from conformance.errors import UnknownChoice
from conformance.faults.catalogue import known_variants
from conformance.judging.verdicts import CatalogueMatch, Diagnosis, Remark, Verdict
from conformance.respondent.printable import described, listed
from reference.specification import Spec

# More names than these are no help.
_MOST_NAMES = 24


def variant_problem(id: str, known: Collection[str], whose: str) -> str | None:
    """What was expected in place of an id that is no known variant, and which may be meant; None if it is one."""
    if id in known:
        return None
    ids = sorted(known)
    near = difflib.get_close_matches(id, ids, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    choices = f"one of {listed(ids, _MOST_NAMES)}" if ids else f"none, because {whose} has no known variant"
    return f"expected {choices}; got {described(id)}{hint}"


def accepted_variants(specs: Iterable[Spec], ids: Iterable[str]) -> frozenset[str]:
    """The ids, each of a variant of one of the specifications.

    Raises:
        UnknownChoice: one is none; the message is one line.
    """
    names = [spec.name for spec in specs]
    known = frozenset[str]().union(*map(known_variants, names))
    for id in (accepted := tuple(ids)):
        if (problem := variant_problem(id, known, listed(names))) is not None:
            raise UnknownChoice(f"accept: {problem}")
    return frozenset(accepted)


def accepted_matches(spec: Spec, diagnosis: Diagnosis | None, variants: Container[str]) -> tuple[CatalogueMatch, ...]:
    """The explanations that are accepted variants and nothing more, written in whatever form the specification accepts."""
    if diagnosis is None or diagnosis.silent:
        return ()
    forms = {form.name for form in spec.accepted}
    return tuple(match for match in diagnosis.matches if all(id in variants for id in meanings(match, forms)))


def meanings(match: CatalogueMatch, forms: Container[str]) -> tuple[str, ...]:
    """What the explanation says besides the literal form in which it is written; the form itself where it says nothing else."""
    return tuple(id for id in match.ids if id not in forms) or match.ids


def excused(spec: Spec, verdict: Verdict, variants: Container[str]) -> Verdict:
    """Passed, with a remark that names the variant, where an accepted one explains the failure; the verdict as it is otherwise."""
    matches = accepted_matches(spec, verdict.diagnosis, variants)
    if not matches or verdict.diagnosis is None:
        return verdict
    match, diagnosis = matches[0], verdict.diagnosis
    compared = "" if diagnosis.explained == diagnosis.cases else f" ({diagnosis.explained} of {diagnosis.cases} answers compared)"
    remark = Remark(
        " with ".join(match.ids),
        f"means the accepted variant {' with '.join(match.ids)}: {' '.join(match.sentences).rstrip('.')}{compared}",
    )
    # No number says how far an answer is from another meaning's.
    return replace(
        verdict,
        outcome="passed",
        failures=0,
        budget_used=None,
        worst=None,
        reason=None,
        counterexample=None,
        response=None,
        symptom=None,
        remarks=(remark,),
    )
