"""What is said in Korean: all of it, by the names that the English uses, and no more than the English gives away."""

from __future__ import annotations

import re
import string
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.faults.catalogue import entries
from conformance.grading.feedback import languages

FOLDER = Path(languages.__file__).parent / "messages" / "faults_ko"
FILES = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
KOREAN: Mapping[str, Mapping[str, str]] = {id: texts for file in FILES.values() for id, texts in file.items()}
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
    return "".join(sentences) == text and all(one[:-1].endswith(_POLITE) for one in sentences)


def test_every_mistake_and_variant_is_said_in_korean() -> None:
    """Sentence and hint; whoever adds an entry to the catalogue reads here what is missing."""
    missing = [f"{id}.{key}" for id, texts in ENGLISH.items() for key in texts if not KOREAN.get(id, {}).get(key)]
    assert not missing, f"not yet in conformance/grading/feedback/messages/faults_ko/, write them there: {', '.join(missing)}"


def test_nothing_is_translated_that_nobody_says() -> None:
    """An entry that was renamed or removed leaves nothing behind, and none is in two files, where the later would win."""
    unknown = [f"{name} [{id}]" for name, texts in FILES.items() for id in texts if id not in ENGLISH]
    assert not unknown, f"not in the catalogue of faults: {', '.join(unknown)}"
    assert {key for texts in KOREAN.values() for key in texts} == {"sentence", "hint"}
    twice = [id for id, count in Counter(id for texts in FILES.values() for id in texts).items() if count > 1]
    assert not twice, f"in two files: {', '.join(twice)}"


def test_feedback_says_what_the_files_say() -> None:
    """Every file is found, and found in the installed package too."""
    for id, texts in KOREAN.items():
        assert languages.mistake("ko", id, "English.") == texts["sentence"]
        assert languages.hint("ko", id, "English.") == texts["hint"]


@pytest.mark.parametrize("key", ["sentence", "hint"])
def test_the_text_is_polite_korean_and_can_be_shown(key: str) -> None:
    """Hangul, composed, in whole polite sentences, nothing invisible."""
    wrong: list[str] = []
    for id, texts in KOREAN.items():
        text = texts[key]
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
    said: dict[str, set[str]] = defaultdict(set)
    meant: dict[str, set[str]] = defaultdict(set)
    for where, english, korean in PAIRS:
        if where.endswith(".hint"):
            said[english].add(korean)
            meant[korean].add(english)
    assert not {english: texts for english, texts in said.items() if len(texts) > 1}
    assert not {korean: texts for korean, texts in meant.items() if len(texts) > 1}


def test_the_sentences_of_one_specification_differ() -> None:
    """Two mistakes that the English tells apart are told apart in Korean."""
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fault in entries().values():
        for spec in fault.specs if fault.id in KOREAN else ():
            meant[spec, KOREAN[fault.id]["sentence"]].add(fault.sentence)
    assert not {where: english for where, english in meant.items() if len(english) > 1}


def test_both_languages_have_the_same_keys_and_names() -> None:
    """Of everything else that is said: nothing is left untranslated, no value is forgotten or invented."""
    english, korean = languages.table("en"), languages.table("ko")
    assert list(english) == list(korean)
    for key, text in english.items():
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert names == {name for _, name, _, _ in string.Formatter().parse(korean[key]) if name}, key
        assert re.search("[가-힣]", korean[key]), f"{key} is not translated"
