"""From what an author says of a function to a whole specification: everything that was left out is derived."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import MappingProxyType
from typing import Any

import numpy as np

from conformance.errors import UnusableReference
from conformance.references.declaration import Declaration
from conformance.respondent.printable import message_of
from reference.domains import Reals
from reference.specification import AcceptedForm, Spec

_REMARK = {
    "en": "written as `{0}`, which loses digits where the formula does not",
    "ko": "`{0}`처럼 썼습니다. 원래 식과 달리 자릿수를 잃는 곳이 있습니다",
}


def bare(function: Callable[..., Any], declaration: Declaration, file: str) -> Spec:
    """What is needed to draw cases of it, and nothing that is derived."""
    return Spec(
        name=function.__name__,
        equation=declaration.equation,
        source=declaration.source,
        inputs=MappingProxyType(dict(declaration.domains)),
        evaluate=_within_its_file(function, file),
        laws=declaration.laws,
        known_answers=declaration.known_answers,
        file=file,
        quantities=("value",),
    )


def complete(function: Callable[..., Any], declaration: Declaration, file: str, real: bool) -> Spec:
    """The whole specification. What answers whole numbers, not `real` ones, is compared exactly and has no gradient."""
    from conformance.derivation.measured import Written  # only now: what records arrays takes a while to import

    spec = bare(function, declaration, file)
    names = spec.differentiated if declaration.gradient and real else ()
    written = Written(function, spec.inputs, names)
    # What is derived starts from the function itself: what wraps it is not recorded.
    derived: dict[str, Any] = {}
    if real:
        derived |= {"error_scale": written.error_scale, "as_written": written.as_written}
    if names:
        derived |= {"vjp": written.vjp, "gradient_scale": written.gradient_scale, "comparable": written.comparable}
        derived["quantities"] = ("value", "gradient")
    forms = tuple(_form(form, spec, names) for form in declaration.forms)
    fields = {name: getattr(spec, name) for name in Spec.__dataclass_fields__}
    return Spec(**{**fields, **derived, "accepted": forms, **declaration.given})


def _within_its_file(function: Callable[..., Any], file: str) -> Callable[..., Any]:
    """The function; what it raises later than its trial is no fault of whoever is judged."""

    @wraps(function)
    def evaluate(**inputs: Any) -> Any:
        try:
            return function(**inputs)
        except Exception as error:
            problem = f"expected an answer inside its domains, got {type(error).__name__}: {message_of(error)}"
            raise UnusableReference(f"reference: {file}: {function.__name__}: {problem}") from error

    return evaluate


def _form(form: Callable[..., Any], spec: Spec, names: tuple[str, ...]) -> AcceptedForm:
    from conformance.derivation.measured import Written

    written = Written(form, spec.inputs, names, losing=True)
    equation = (form.__doc__ or form.__name__).strip().splitlines()[0]
    remark = {language: words.format(form.__name__) for language, words in _REMARK.items()}
    return AcceptedForm(form.__name__, equation, remark, form, written.error_scale, written.gradient_scale if names else None)


def takes_arrays(declaration: Declaration) -> bool:
    """Whether it is given any real array, by whose size budgets go."""
    return any(isinstance(domain, Reals) for domain in declaration.domains.values())


def is_real(value: Any) -> bool:
    """Whether an answer is of real numbers, and not of whole ones."""
    return np.asarray(value).dtype.kind == "f"
