"""The kinds of specification: a function is called, a tokenizer is fitted and asked, a model is built, given weights and trained.

Rules of this room:

* A kind is a value that says everything about how cases of it are made; one file each.
* Which kind a specification is of is asked here. Elsewhere facts are read, `kind_of(spec).trained`, or a room keeps one table by kind for
  what it alone does with them; a test lists these rooms.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.cases.kinds.function import FUNCTION
from conformance.cases.kinds.kind import Kind
from conformance.cases.kinds.model import MODEL
from conformance.cases.kinds.tokenizer import TOKENIZER
from reference.specification import Spec

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (FUNCTION, TOKENIZER, MODEL)}


def kind_of(spec: Spec) -> Kind:
    """What follows from the kind of the specification."""
    return KINDS[spec.kind]
