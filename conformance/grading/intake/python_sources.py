"""The Python sources of a submission, read and never run: that each is what it looks like, and which framework they are written in."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath, PurePosixPath

from conformance.errors import Inadmissible
from conformance.grading.intake.folders_and_zips import Caps, Files
from conformance.respondent.printable import syntax_error
from conformance.targets.syntax import folder_of, is_foreign, located
from conformance.targets.written_in import Module, Written
from reference.specification import catalogue


def refuse_source(name: str, content: bytes, caps: Caps) -> None:
    """Python source must be what it looks like in every editor: UTF-8, declared as nothing else, without NUL."""
    if len(content) > caps.source_bytes:
        raise Inadmissible(f"{name} is larger than {caps.source_bytes} bytes, too large for Python source")
    if b"\0" in content:
        raise Inadmissible(f"{name} contains a NUL character")
    try:
        content.decode("utf-8")
        declared, _ = tokenize.detect_encoding(BytesIO(content).readline)
    except (UnicodeDecodeError, SyntaxError) as error:
        raise Inadmissible(f"{name} is not UTF-8") from error
    if declared not in ("utf-8", "utf-8-sig", "ascii"):
        raise Inadmissible(f"{name} declares the encoding {declared}, expected UTF-8")


@dataclass(frozen=True)
class Reading:
    """What the sources say: framework and why, functions of another framework, what makes the entry no Python, notes on other files."""

    whole: Written | None
    others: Mapping[str, Written]
    problem: SyntaxError | None
    notes: tuple[str, ...]


def read_sources(files: Files, entry: str) -> Reading:
    """Nothing is executed. The entry comes first, files beside it count where it says nothing."""
    trees: dict[PurePath, ast.Module] = {}
    problem, notes = None, list[str]()
    order = (entry, *sorted(name for name in files if name.endswith(".py") and name != entry))
    for name in order:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of escapes in texts
                trees[PurePosixPath(name)] = ast.parse(files[name])
        except SyntaxError as error:
            if name == entry:
                problem = error
            else:
                notes.append(syntax_error(error, name))
        except (ValueError, RecursionError, MemoryError):
            notes.append(f"{name} is nested too deeply")

    def own(file: PurePath, parts: Sequence[str], level: int) -> list[PurePath]:
        if not level and is_foreign(parts):
            return []
        folder = folder_of(file, level) if level else PurePosixPath(entry).parent
        return located(folder, parts, lambda one: str(one) in files)

    whole, others = Module([PurePosixPath(name) for name in order], trees.get, own).of_everything(catalogue())
    return Reading(whole, others, problem, tuple(notes))
