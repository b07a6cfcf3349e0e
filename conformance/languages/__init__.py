"""Words for character models: inflected nouns of Turkish and Finnish, with stems held out, so that every test word is new.

A noun of either language has dozens of forms, so a vocabulary of whole words never ends; but the endings are few and regular, and
a model that reads characters can know them from other stems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from conformance.languages import finnish, turkish
from conformance.languages.forms import Form

Paradigm = Callable[[str, str], Iterable[Form]]


@dataclass(frozen=True)
class Language:
    """A table of stems, class → stems, and the function that inflects a stem of a class."""

    name: str
    stems: Mapping[str, tuple[str, ...]]
    paradigm: Paradigm

    def lemmas(self) -> list[tuple[str, str]]:
        """Every (stem, class)."""
        return [(stem, kind) for kind, stems in self.stems.items() for stem in stems]


@dataclass(frozen=True)
class Words:
    """Different words and the label of each, (N, 1): 1.0 where the noun is plural."""

    words: tuple[str, ...]
    labels: np.ndarray


LANGUAGES = {
    "turkish": Language("Turkish", turkish.STEMS, turkish.paradigm),
    "finnish": Language("Finnish", finnish.STEMS, finnish.paradigm),
}


def split(language: Language, held_out: float = 0.25, seed: int = 0) -> tuple[list[Form], list[Form]]:
    """Forms of the stems to learn from, and forms of the held-out stems: the same share of every class, at least one.

    A held-out form that is spelt like a form to learn from is left out.
    """
    rng = np.random.default_rng(seed)
    train: list[Form] = []
    test: list[Form] = []
    for kind, stems in language.stems.items():
        order = rng.permutation(len(stems))
        count = max(1, round(held_out * len(stems)))
        for position, index in enumerate(order):
            (test if position < count else train).extend(language.paradigm(stems[index], kind))
    known = {form.word for form in train}
    return train, [form for form in test if form.word not in known]


def plural_or_not(forms: Iterable[Form], seed: int = 0) -> Words:
    """Grammatical number as a task of two classes, which the characters decide: words that can be read both ways are left out.

    Such a word is Turkish evleri, "the houses", "her houses", "their house". The order is drawn by `seed`.
    """
    readings: dict[str, set[bool]] = {}
    for form in forms:
        readings.setdefault(form.word, set()).add(form.plural)
    certain = sorted((word, *numbers) for word, numbers in readings.items() if len(numbers) == 1)
    order = np.random.default_rng(seed).permutation(len(certain))
    words = tuple(certain[i][0] for i in order)
    return Words(words, np.array([[float(certain[i][1])] for i in order], dtype=np.float32))
