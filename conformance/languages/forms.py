"""One inflected word with its analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """An inflected noun: `possessor` is "" or one of 1sg 2sg 3sg 1pl 2pl 3pl."""

    word: str
    stem: str
    case: str
    plural: bool
    possessor: str = ""
