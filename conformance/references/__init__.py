"""Specifications of one's own: a plain file of NumPy functions, each decorated with what it computes and where it is defined.

    from conformance.references import Choice, Number, Reals, specification

Rules of this room:

* What is not given (gradient, error scale, where a gradient is unique) is derived from the function as it is written.
* A file is tried before anything is judged by it. What contradicts itself is refused in one sentence: file, function, what was expected.
* Such a file is the judge's. What runs beside foreign code has forgotten it.
"""

from __future__ import annotations

from conformance.references.declaration import specification
from reference.domains import Bits, Choice, Ids, Number, Reals, Sequences, Texts, Whole
from reference.specification import KnownAnswer, Law

__all__ = [
    "Bits",
    "Choice",
    "Ids",
    "KnownAnswer",
    "Law",
    "Number",
    "Reals",
    "Sequences",
    "Texts",
    "Whole",
    "specification",
]
