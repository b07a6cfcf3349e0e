"""The words of feedback and class report, in the languages that an assignment may ask for.

Sentences and hints of known mistakes stand in the catalogue of faults, in each entry side by side. What is not translated there stays English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from conformance.faults.catalogue import text_in
from conformance.grading.assignment.assignment import Language

_FOLDER = Path(__file__).parent / "messages"


@cache
def table(language: Language) -> Mapping[str, str]:
    """Every text by its dotted key."""
    sections = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}


def say(language: Language, key: str, **values: Any) -> str:
    """The text of a key, with values put in. Values are put in as they are: escaping is the writer's business."""
    return table(language)[key].format_map(values)


def counted(language: Language, key: str, count: float, **values: Any) -> str:
    """The text of a key for so many; what is said of one alone has a key of its own."""
    return say(language, f"{key}_one" if count == 1 else key, **{"count": count, **values})


def mistake(language: Language, id: str, sentence: str) -> str:
    """The sentence of a known mistake in the language, or the given English one."""
    return text_in(language, id, "sentence") or sentence


def hint(language: Language, id: str, text: str) -> str:
    """The hint of a known mistake in the language, or the given English one."""
    return text_in(language, id, "hint") or text
