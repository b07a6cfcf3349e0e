"""A specification with all that was left out of it: its gradient, where that is unique, its error scales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reference.domains import Reals
from reference.specification import AcceptedForm, Array, Spec

if TYPE_CHECKING:
    from conformance.derivation.measured import Written


def whole(spec: Spec, function: Callable[..., Any] | None = None) -> Spec:
    """What is not given is derived, once it is asked for; what is given no real arrays, a model among them, is whole as it is.

    `function` is what it is derived from, where `evaluate` is something round it.
    """
    if not any(isinstance(domain, Reals) for domain in spec.inputs.values()):
        return spec
    derived, missing = _Derived(function or spec.evaluate, spec), dict[str, Any]()
    if spec.error_scale is None:
        missing |= {"error_scale": derived.error_scale, "as_written": derived.as_written}
    if "gradient" in spec.quantities:
        if spec.vjp is None:
            missing |= {"vjp": derived.vjp, "comparable": None if spec.smooth else spec.comparable or derived.comparable}
        if spec.gradient_scale is None:
            missing["gradient_scale"] = derived.gradient_scale
    if any(form.error_scale is None for form in spec.accepted):
        missing["accepted"] = tuple(_whole_form(form, spec) for form in spec.accepted)
    return replace(spec, **missing) if missing else spec


def vjp_of(function: Callable[..., Any], spec: Spec) -> Callable[..., dict[str, Array]]:
    """The gradient of another function over the domains of the specification, as its `vjp`."""
    return _Derived(function, spec).vjp


def _whole_form(form: AcceptedForm, spec: Spec) -> AcceptedForm:
    if form.error_scale is not None:
        return form
    derived = _Derived(form.evaluate, spec, losing=True)
    gradient_scale = derived.gradient_scale if "gradient" in spec.quantities else None
    return replace(form, error_scale=derived.error_scale, gradient_scale=gradient_scale)


@dataclass(frozen=True)
class _Derived:
    """What follows from a function over the domains of a specification, worked out when it is first asked for: much of what reads a
    catalogue never does.
    """

    function: Callable[..., Any]
    spec: Spec
    losing: bool = False

    @cached_property
    def _written(self) -> Written:
        from conformance.derivation.measured import Written  # only now: what records arrays takes a while to import

        return Written(self.function, self.spec.inputs, self.spec.differentiated, self.losing)

    def vjp(self, cotangent: Array, **inputs: Any) -> dict[str, Array]:
        return self._written.vjp(cotangent, **inputs)

    def error_scale(self, **inputs: Any) -> Array:
        return self._written.error_scale(**inputs)

    def gradient_scale(self, cotangent: Array, **inputs: Any) -> dict[str, Array]:
        return self._written.gradient_scale(cotangent, **inputs)

    def as_written(self, dtype: str, cotangent: Array | None, **inputs: Any) -> dict[str, Array]:
        return self._written.as_written(dtype, cotangent, **inputs)

    def comparable(self, **inputs: Any) -> dict[str, Array]:
        return self._written.comparable(**inputs)
