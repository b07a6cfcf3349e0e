"""One file of the catalogue: read, and checked key by key, so that whoever adds an entry is told what is wrong and where.

An entry is a table that is named by its id. It says, in this order:

    specs        a group of families.toml, or a list of specifications, the nearest first
    kind         "fault" (as if it said nothing), "variant" or "rewrite"
    sentence.en  what is different, in one plain sentence; sentence.ko the same in Korean, where that is at hand
    hint.en      where to look, without the answer; hint.ko; a rewrite has none
    seen         where it was seen; left out, no thread is known
    place, old, new   one replacement in the reference's source; where there are several, each is a table [[id.changes]]
    wrap, noise  or a function of conformance/faults/code/, as "wraps.returns_none"
    symptom, same_as, because   as in `Fault`; a symptom by its value in `conformance.respondent.symptoms`
    constant     a number in what stands there instead that is chosen freely, as "1e-7": others of its kind are recognised too
    untranslated true, if the entry is to be shipped without Korean
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from conformance.errors import BrokenCatalogue
from conformance.faults.code import noise, rewrites, wraps
from conformance.faults.fault import Fault, Kind, Replacement

TEXTS = ("sentence", "hint")
LANGUAGES = ("en", "ko")
UNSEEN = "no thread is known; an easy slip"  # said honestly

Groups = Mapping[str, tuple[str, ...]]
_CODE = {"wrap": {"wraps": wraps, "rewrites": rewrites}, "noise": {"noise": noise}}
_REPLACEMENT = ("place", "old", "new")
_KEYS = (
    "specs",
    "kind",
    *TEXTS,
    "seen",
    *_REPLACEMENT,
    "changes",
    *_CODE,
    "symptom",
    "same_as",
    "because",
    "constant",
    "untranslated",
)
_ID = re.compile(r"[a-z][a-z0-9_]*")
_SPECIFICATION = re.compile(r"[A-Za-z]\w*", re.ASCII)
_PLACE = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)*:(\w+(\.\w+)*)?", re.ASCII)
_PLAIN = re.compile(r"\d+(\.\d+)?(e-?\d+)?")
_ABSENT = object()


@dataclass(frozen=True)
class Entry:
    """A fault, its sentence and hint in other languages (language → "sentence" or "hint" → text), and whether it may lack them."""

    fault: Fault
    translations: Mapping[str, Mapping[str, str]]
    untranslated: bool


def table_of(path: Path) -> Mapping[str, Any]:
    """The content of a TOML file.

    Raises:
        BrokenCatalogue: it is none, or says a name twice.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenCatalogue(f"{shown(path)}: {error}") from error


def read(path: Path, groups: Groups) -> tuple[Entry, ...]:
    """The entries of a file, in its order.

    Raises:
        BrokenCatalogue: one of them is wrong.
    """
    return tuple(_entry(_Part(f"{shown(path)} [{id}]", id, content), groups) for id, content in table_of(path).items())


def shown(path: Path) -> str:
    """A path as messages name it."""
    return "/".join(path.parts[-3:] if path.parent.name == "entries" else path.parts[-2:])


def specification_names(names: Any) -> tuple[str, ...] | None:
    """A list of what may be names of specifications; None if it is something else."""
    right = isinstance(names, list) and names and all(isinstance(name, str) and _SPECIFICATION.fullmatch(name) for name in names)
    return tuple(names) if right and len(set(names)) == len(names) else None


class _Part:
    """A table whose keys are read one by one, with the words for what is wrong with one."""

    def __init__(self, where: str, id: str, content: Any, keys: tuple[str, ...] = _KEYS) -> None:
        self.where, self.id = where, id
        if not isinstance(content, dict):
            raise BrokenCatalogue(f"{where}: expected a table, got {content!r}; is the line [id] above it missing?")
        self.content: dict[str, Any] = content
        unknown = [key for key in content if key not in keys]
        if unknown:
            raise self.wrong(unknown[0], f"expected one of {', '.join(keys)}; there is no such key")

    def wrong(self, key: str, problem: str) -> BrokenCatalogue:
        return BrokenCatalogue(f"{self.where} {key}: {problem}")

    def get(self, key: str, kind: type, words: str, default: Any = _ABSENT) -> Any:
        value = self.content.get(key, default)
        if value is _ABSENT:
            raise self.wrong(key, f"expected {words}, found no such key")
        if value is not default and (not isinstance(value, kind) or value in ("", [])):
            raise self.wrong(key, f"expected {words}, got {value!r}")
        return value

    def text(self, key: str, default: Any = _ABSENT) -> Any:
        return self.get(key, str, "a text", default)


def _entry(part: _Part, groups: Groups) -> Entry:
    if not _ID.fullmatch(part.id):
        raise BrokenCatalogue(f"{part.where}: expected an id of small letters, digits and underscores")
    kind = _kind(part)
    for_nobody = kind == "rewrite"
    sentence = _in_languages(part, "sentence", False)
    hint = _in_languages(part, "hint", for_nobody)
    fault = Fault(
        part.id,
        _specs(part, groups),
        sentence["en"],
        hint.get("en", ""),
        part.text("seen", "" if for_nobody else UNSEEN),
        kind,
        _changes(part),
        _function(part, "wrap"),
        _function(part, "noise"),
        part.text("symptom", None),
        part.text("same_as", None),
        part.text("because", None),
        part.text("constant", None),
    )
    if not fault.changes and fault.wrap is None:
        raise part.wrong("place", "expected what is different: place, old and new, or wrap; found neither")
    if fault.constant is not None and (
        not _PLAIN.fullmatch(fault.constant) or not any(fault.constant in c.new for c in fault.changes)
    ):
        raise part.wrong("constant", f"expected a number that stands in what is new, got {fault.constant!r}")
    untranslated = part.get("untranslated", bool, "true or false", False)
    translations = {
        language: {key: texts[language] for key, texts in (("sentence", sentence), ("hint", hint)) if language in texts}
        for language in LANGUAGES[1:]
    }
    if untranslated and all(len(texts) == len(TEXTS) for texts in translations.values()):
        raise part.wrong("untranslated", "expected no such mark on an entry that is said in every language")
    return Entry(fault, translations, untranslated)


def _kind(part: _Part) -> Kind:
    kind = part.text("kind", "fault")
    if kind not in get_args(Kind):
        raise part.wrong("kind", f"expected one of {', '.join(get_args(Kind))}, got {kind!r}")
    return kind


def _specs(part: _Part, groups: Groups) -> tuple[str, ...]:
    content = part.content.get("specs", _ABSENT)
    if content is _ABSENT:
        raise part.wrong("specs", "expected the specifications that it touches, found no such key")
    if isinstance(content, str):
        if content not in groups:
            raise part.wrong(
                "specs", f"expected a group of families.toml ({', '.join(groups)}) or a list of names, got {content!r}"
            )
        return groups[content]
    names = specification_names(content)
    if names is None:
        raise part.wrong("specs", f"expected a list of names of specifications, each once, got {content!r}")
    return names


def _in_languages(part: _Part, key: str, optional: bool) -> Mapping[str, str]:
    """A text by language: English always, others where they are at hand."""
    texts = part.get(key, dict, f'texts by language, as {key}.en = "…"', {} if optional else _ABSENT)
    if not texts:
        return {}
    by_language = _Part(f"{part.where} {key}", part.id, texts, LANGUAGES)
    return {language: by_language.text(language) for language in LANGUAGES if language in texts or language == "en"}


def _changes(part: _Part) -> tuple[Replacement, ...]:
    """One replacement in the entry itself, or several in tables of their own."""
    alone = [key for key in _REPLACEMENT if key in part.content]
    several = part.get("changes", list, "tables [[id.changes]]", ())
    if alone and several:
        raise part.wrong("changes", f"expected every replacement in it, found {alone[0]} beside it")
    if alone:
        return (_replacement(part),)
    return tuple(_replacement(_Part(f"{part.where} changes", part.id, content, _REPLACEMENT)) for content in several)


def _replacement(part: _Part) -> Replacement:
    place = part.text("place")
    if not _PLACE.fullmatch(place):
        raise part.wrong("place", f"expected module and function, as formulas.sparsity:kl_sparsity_loss, got {place!r}")
    new = part.content.get("new")
    return Replacement(place, part.text("old"), "" if new == "" else part.text("new"))


def _function(part: _Part, key: str) -> Callable[..., Any] | None:
    """The function that an entry names, from one of the files for it."""
    name = part.text(key, None)
    if name is None:
        return None
    file, _, function = name.partition(".")
    module = _CODE[key].get(file)
    code = None if function.startswith("_") else getattr(module, function, None)
    if module is None or not callable(code) or getattr(code, "__module__", None) != module.__name__:
        raise part.wrong(key, f"expected a function of conformance/faults/code/ ({', '.join(_CODE[key])}), got {name!r}")
    return code
