"""How a specification is called, and what its source is."""

from __future__ import annotations

import inspect
import re

from reference.specification import Spec

# The documents that the sources of the specifications name by number.
DOCUMENTS = {
    "000": "CSCI E-89B, Introduction to Natural Language Processing, Lecture 06: character embeddings and autoencoders",
    "002": "course notes beside it: mathematics and information theory",
    "003": "course notes beside it: neural networks, losses, unsupervised learning",
    "004": "course notes beside it: deep architectures and their training",
}


def signature(spec: Spec) -> str:
    """How it is called, or built: names and defaults."""
    parameters = inspect.signature(spec.evaluate).parameters.values()
    return f"{spec.name}({', '.join(str(parameter.replace(annotation=parameter.empty)) for parameter in parameters)})"


def cited(spec: Spec) -> tuple[str, ...]:
    """Numbers of the documents that its source names."""
    return tuple(number for number in dict.fromkeys(re.findall(r"\b\d{3}\b", spec.source)) if number in DOCUMENTS)
