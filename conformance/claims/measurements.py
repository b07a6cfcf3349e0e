"""Measurements on disk: one file for an experiment, a framework and a seed, so that a run that ended early goes on where it was.

A file is found by a key that names all its numbers depend on: the data, the code that measures and is measured, the versions. A file
that is damaged, or is another's, counts as not there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.files import write_atomically
from conformance.targets.environment import versions

FOLDER = Path(".conformance") / "claims"
_SCHEMA = 1
# Whose source decides what is measured, beside the experiment's own file and the package of the framework.
_MEASURING = (
    "conformance.claims.laboratory",
    "conformance.claims.pictures",
    "conformance.languages",
    "conformance.respondent.frameworks",
)


@dataclass(frozen=True)
class Question:
    """What was measured, on what. `data` and `code` are hashes."""

    experiment: str
    framework: str
    seed: int
    data: str
    code: str

    @property
    def content(self) -> dict[str, object]:
        return {"schema": _SCHEMA, **vars(self)}

    @property
    def file_name(self) -> str:
        key = hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.experiment}-{self.framework}-{self.seed}-{key}.json"


def keep(question: Question, numbers: Mapping[str, float], folder: Path = FOLDER) -> None:
    """Write one measurement in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / question.file_name, json.dumps({**question.content, "numbers": dict(numbers)}, indent=1))


def recall(question: Question, folder: Path = FOLDER) -> dict[str, float] | None:
    """The numbers that were measured before; None if there are none that can be trusted."""
    try:
        content = json.loads((folder / question.file_name).read_text(encoding="utf-8"))
        numbers = content.pop("numbers")
        if content != question.content or not numbers:
            return None
        return {str(name): _number(value) for name, value in numbers.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


@cache
def code_version(experiment: str, package: str) -> str:
    """A hash of the source that measures, the experiment's module first, of the package that is measured, and of the versions below."""
    digest = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    for name in (experiment, *_MEASURING, package):
        for path in _sources(name):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources(package: str) -> Iterator[Path]:
    """The files of a package or module, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.submodule_search_locations is None:
        yield Path(spec.origin or "")
    for folder in spec.submodule_search_locations or () if spec else ():
        yield from sorted(Path(folder).rglob("*.py"))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"numbers: expected numbers, got {type(value).__name__}")
    return float(value)
