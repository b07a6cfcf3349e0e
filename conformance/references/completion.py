"""From what an author says of a function to a whole specification: everything that was left out is derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from types import MappingProxyType
from typing import Any

import numpy as np

from conformance.derivation.whole import whole
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
    spec = bare(function, declaration, file)
    forms = tuple(_form(form) for form in declaration.forms)
    differentiated = declaration.gradient and real and spec.differentiated
    fields = {"quantities": ("value", "gradient") if differentiated else ("value",), "accepted": forms, **declaration.given}
    # What is derived starts from the function itself: what wraps it is not recorded.
    return whole(replace(spec, **fields), function) if real else replace(spec, **fields)


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


def _form(form: Callable[..., Any]) -> AcceptedForm:
    equation = (form.__doc__ or form.__name__).strip().splitlines()[0]
    return AcceptedForm(
        form.__name__, equation, {language: words.format(form.__name__) for language, words in _REMARK.items()}, form
    )


def takes_arrays(declaration: Declaration) -> bool:
    """Whether it is given any real array, by whose size budgets go."""
    return any(isinstance(domain, Reals) for domain in declaration.domains.values())


def is_real(value: Any) -> bool:
    """Whether an answer is of real numbers, and not of whole ones."""
    return np.asarray(value).dtype.kind == "f"
