"""What is said in Korean: all of it, by the names that the English uses, and no more than the English gives away."""

from __future__ import annotations

import re
import string
import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Mapping
from typing import get_args

import pytest

from conformance.faults.catalogue import described, entries, translations
from conformance.faults.entry_file import LANGUAGES
from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages

KOREAN: Mapping[str, Mapping[str, str]] = {id: texts for id, texts in translations("ko").items() if texts}
ENGLISH = {fault.id: {"sentence": fault.sentence, "hint": fault.hint} for fault in entries().values() if fault.kind != "rewrite"}
PAIRS = [
    (f"{id}.{key}", text, KOREAN[id][key])
    for id, texts in ENGLISH.items()
    for key, text in texts.items()
    if key in KOREAN.get(id, {})
]  # fmt: skip

_NUMBER = r"\d(?:[\d.,]*\d)?(?:e-?\d+)?"
_SYMBOL = r"[^\x00-\x7f가-힣]"
_QUOTED = re.compile(r"`[^`]+`|(?<!\w)'[^']+'(?!\w)", re.ASCII)
# Numbers, symbols, names with an underscore, arguments with a value, LSTM, PyTorch: the same in every language.
_KEPT = re.compile(rf"{_NUMBER}|{_SYMBOL}|[A-Za-z]\w*_\w+|\w+(?==)|\b[A-Z]\w*?[A-Z]\w*?(?=s?\b)", re.ASCII)
_NOT_KOREAN = re.compile(rf"{_NUMBER}|{_SYMBOL}|[A-Za-z]\w*", re.ASCII)
_NUMBER_WORDS = re.compile(r"\d+분의 \d+|[12]차")  # "a tenth", "the first moment": spelled out in English
_SPELLED_OUT = {"0", "1"}  # "zero", "a single one"
_POLITE = ("니다", "니까", "십시오")


def _polite(text: str) -> bool:
    """Whether every sentence ends as one speaks to somebody who is respected, and with a full stop or question mark."""
    sentences = re.findall(r"[^.?]*(?:\.(?=\w)[^.?]*)*[.?]", text)
    return "".join(sentences) == text and all(sentence[:-1].endswith(_POLITE) for sentence in sentences)


def test_every_mistake_and_variant_is_said_in_korean() -> None:
    """Sentence and hint, unless the entry is marked; whoever adds one reads here what is missing, and what is marked is listed."""
    missing = {id: [key for key in texts if not KOREAN.get(id, {}).get(key)] for id, texts in ENGLISH.items()}
    marked = [id for id in missing if described()[id].untranslated]
    if marked:
        warnings.warn(f"said in English only, for they are marked as untranslated: {', '.join(marked)}", stacklevel=1)
    lacking = [f"{id}.{key}.ko" for id, keys in missing.items() for key in keys if id not in marked]
    assert not lacking, (
        f"write them into conformance/faults/entries/, or mark the entries with untranslated = true: {', '.join(lacking)}"
    )


def test_nothing_is_translated_that_nobody_says() -> None:
    """A correct rewrite is never named."""
    assert not KOREAN.keys() - ENGLISH.keys()


def test_the_languages_of_the_catalogue_are_those_of_assignments() -> None:
    """One that is added to the other is not forgotten here."""
    assert set(LANGUAGES) == set(get_args(Language))


def test_feedback_says_what_the_catalogue_says() -> None:
    """The Korean where there is one, otherwise the English that is handed over."""
    for id, texts in KOREAN.items():
        assert languages.mistake("ko", id, "English.") == texts.get("sentence", "English.")
        assert languages.hint("ko", id, "English.") == texts.get("hint", "English.")
    assert languages.mistake("ko", "dense_einsum", "English.") == "English."
    assert languages.hint("ko", "not_in_the_catalogue", "English.") == "English."
    assert languages.mistake("en", "half_missing", "English.") == "English."


@pytest.mark.parametrize("key", ["sentence", "hint"])
def test_the_text_is_polite_korean_and_can_be_shown(key: str) -> None:
    """Hangul, composed, in whole polite sentences, nothing invisible."""
    wrong: list[str] = []
    for id, text in ((id, texts[key]) for id, texts in KOREAN.items() if key in texts):
        plain = all(unicodedata.category(each)[0] != "C" for each in text) and unicodedata.normalize("NFC", text) == text
        spaced = " ".join(text.split()) == text
        if not (re.search("[가-힣]", text) and plain and spaced and _polite(text)):
            wrong.append(f"{id}: {text}")
    assert not wrong, "\n".join(wrong)


def test_formulas_and_names_are_kept() -> None:
    """What the English quotes, every number, symbol and identifier."""
    lost = {}
    for where, english, korean in PAIRS:
        kept = {*_QUOTED.findall(english), *_KEPT.findall(english)}
        if absent := sorted(each for each in kept if each not in korean):
            lost[where] = absent
    assert not lost


def test_nothing_is_given_away_that_the_english_keeps() -> None:
    """No number, symbol or name that the English does not hold."""
    added = {}
    for where, english, korean in PAIRS:
        own = set(_NOT_KOREAN.findall(_NUMBER_WORDS.sub("", korean))) - _SPELLED_OUT
        if invented := sorted(each for each in own if each.lower() not in english.lower()):
            added[where] = invented
    assert not added


def test_the_same_hint_is_said_in_the_same_words() -> None:
    """For a page says each hint once, however many mistakes it belongs to; and another hint is said in other words."""
    sentences: dict[str, set[str]] = defaultdict(set)
    meant: dict[str, set[str]] = defaultdict(set)
    for where, english, korean in PAIRS:
        if where.endswith(".hint"):
            sentences[english].add(korean)
            meant[korean].add(english)
    assert not {english: texts for english, texts in sentences.items() if len(texts) > 1}
    assert not {korean: texts for korean, texts in meant.items() if len(texts) > 1}


def test_the_sentences_of_one_specification_differ() -> None:
    """Two mistakes that the English tells apart are told apart in Korean."""
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fault in entries().values():
        for spec in fault.specs if fault.id in KOREAN else ():
            meant[spec, KOREAN[fault.id].get("sentence", fault.sentence)].add(fault.sentence)
    assert not {where: english for where, english in meant.items() if len(english) > 1}


def test_both_languages_have_the_same_keys_and_names() -> None:
    """Of everything else that is said: nothing is left untranslated, no value is forgotten or invented."""
    english, korean = languages.table("en"), languages.table("ko")
    assert list(english) == list(korean)
    for key, text in english.items():
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert names == {name for _, name, _, _ in string.Formatter().parse(korean[key]) if name}, key
        assert re.search("[가-힣]", korean[key]), f"{key} is not translated"
