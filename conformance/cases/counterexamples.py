"""Failing cases kept on disk under their id, so that a short command shows the failure again."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.cases.case import Case, from_plain, plain
from conformance.errors import UnknownCase
from conformance.files import make_private, write_atomically
from reference.specification import catalogue

PRIVATE = Path(".conformance")
FOLDER = PRIVATE / "counterexamples"
_SCHEMA = 1


def keep(case: Case, folder: Path = FOLDER) -> Path:
    """Store the case; returns its file."""
    if folder.is_relative_to(PRIVATE):
        make_private(PRIVATE)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case.id}.json"
    content = {
        "schema": _SCHEMA,
        "id": case.id,
        "spec": case.spec,
        "dtype": case.dtype,
        "flags": list(case.flags),
        "inputs": plain(dict(case.inputs)),
        "cotangent": plain(case.cotangent),
    }
    write_atomically(path, json.dumps(content, indent=1))
    return path


def recall(case_id: str, folder: Path = FOLDER) -> Case:
    """The stored case.

    Raises:
        UnknownCase: no such id, or a damaged file.
    """
    path = folder / f"{case_id}.json"
    if not path.is_file():
        ids = sorted(p.stem for p in folder.glob("*.json"))
        hint = f"known here: {', '.join(ids[:10])}" if ids else "none has been kept here; `conformance verify` keeps what fails"
        raise UnknownCase(f"id: expected the id of a counterexample in {folder}, got {case_id!r}; {hint}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != _SCHEMA or content["spec"] not in catalogue():
            raise KeyError("schema or spec")
        cotangent = from_plain(content["cotangent"])
        case = Case(content["spec"], content["dtype"], from_plain(content["inputs"]), cotangent, tuple(content["flags"]))
        if case.id != case_id:
            raise ValueError("its content does not have this id")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as damage:
        raise UnknownCase(f"id: {path} is damaged or of another version ({type(damage).__name__}: {damage})") from damage
    return case
