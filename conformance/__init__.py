"""How agreement is decided. The only package that knows all the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.judging.verdicts import Verdict

__all__ = ["conforms"]


def conforms(
    name: str,
    implementation: Callable[..., Any],
    *,
    framework: str | None = None,
    dtype: str | Sequence[str] = ("float32", "float64"),
    device: str = "cpu",
    mode: str = "eager",
    examples: int = 100,
    seed: int = 0,
    vjp: Callable[..., Any] | None = None,
    strict: bool = False,
    options: Mapping[str, Collection[Any]] | None = None,
    accept: Collection[str] = (),
    reference: str | os.PathLike[str] | None = None,
) -> tuple[Verdict, ...]:
    """Assert that a function or a class computes what the reference says; for tests of other projects.

    Args:
        name: of the specification, as `conformance list` shows it.
        implementation: a function, or a class for a tokenizer or model, called with the reference's argument names; of a model also the
            function `build_<model>` that returns a plain one.
        framework: "torch", "tf" or "numpy"; read from what the implementation uses by default.
        dtype, device, mode: as in `conformance verify`; a dtype or several.
        examples: drawn cases a formula; a model gets an eighth.
        seed: draws other cases.
        vjp: a NumPy function's gradient, (cotangent, **inputs) -> {input: gradient}; without it only the value is judged.
        strict: fail a literal form that loses digits too; it passes with a remark by default.
        options: which values of an option are asked, as {"reduction": ["mean"]}; every one by default.
        accept: variants, right elsewhere, that pass with a remark, as ("mean_latent",).
        reference: a file of specifications of one's own, of which `name` is one.

    Returns:
        The verdicts, all of them passed or, where the framework does not offer a quantity, unsupported.

    Raises:
        AssertionError: it does not; the message names the worst element, the smallest failing case, and the mistake if it is known.
        NotRun: nothing could be judged here: no such device, framework not installed.
        UnknownChoice: no such specification, framework, dtype, device, mode, option or variant.
        UnusableReference: the reference file does not import, or contradicts itself.
    """
    __tracebackhide__ = True  # pytest ends its traceback at the caller's line
    from conformance.api import demand  # only now: a plugin of pytest must not make everybody wait for it

    dtypes = (dtype,) if isinstance(dtype, str) else tuple(dtype)
    asked = options or {}
    return demand(name, implementation, framework, dtypes, device, mode, examples, seed, vjp, strict, asked, accept, reference)
