"""From failures to vectors: what an implementation really failed becomes a case that every implementation is asked from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from conformance.cases import counterexamples
from conformance.cases.case import Case, from_plain, with_cotangent
from conformance.errors import UnknownCase, UnreadableReport
from conformance.reports.jsonl import read_failures
from conformance.respondent.printable import one_line
from conformance.vectors import storage
from conformance.vectors.export import PROMOTED
from conformance.vectors.selection import vector_of
from conformance.vectors.vector import VectorFile
from reference.specification import catalogue


@dataclass(frozen=True)
class Promotion:
    """A case of a report and the file that holds it now; `new` unless the file held it before."""

    case: Case
    path: Path
    new: bool


def promote(report: Path, into: Path, memory: Path = counterexamples.FOLDER) -> Iterator[Promotion]:
    """Add the counterexamples of a report to the vector files of a folder, each once, and write the files.

    Args:
        report: `report.jsonl` or the folder that holds it.
        into: folder of the vector files; a file that is not there is made.
        memory: folder in which `conformance verify` keeps counterexamples.

    Raises:
        UnreadableReport: no report, a damaged one, or a case of it that is neither in it nor kept.
        BadVectors: a vector file is damaged or cannot be written.
    """
    cases = [_case(verdict, memory) for verdict in read_failures(report)]
    for name in dict.fromkeys(VectorFile(case.spec, case.dtype, ()).name for case in cases):
        cases_by_id = {case.id: case for case in cases if VectorFile(case.spec, case.dtype, ()).name == name}
        path = into / name
        first = next(iter(cases_by_id.values()))
        file = storage.load(path) if path.is_file() else VectorFile(first.spec, first.dtype, ())
        ids = {vector.case.id for vector in file.vectors}
        with threadpool_limits(1), np.errstate(all="ignore"):
            vectors = tuple(vector_of(case, catalogue()[case.spec]) for case in cases_by_id.values() if case.id not in ids)
        if vectors:
            storage.write(replace(file, vectors=file.vectors + vectors), into)
        yield from (Promotion(case, path, case.id not in ids) for case in cases_by_id.values())


def _case(verdict: dict[str, Any], memory: Path) -> Case:
    """The case as it was kept; if it was not, as the report has it, which holds the inputs of all but models."""
    try:
        name = verdict["counterexample"]["id"]
        try:
            case = counterexamples.recall(name, memory)
        except UnknownCase as missing:
            case = _written_out(verdict)
            if case is None or case.id != name:
                raise UnreadableReport(f"report: the case {name} of {verdict['spec']} cannot be promoted: {missing}") from missing
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableReport(f"report: damaged: {type(error).__name__}: {one_line(str(error))}") from error
    return case if PROMOTED in case.flags else replace(case, flags=(*case.flags, PROMOTED))


def _written_out(verdict: dict[str, Any]) -> Case | None:
    """The case from the report's own line, which has only a part of a model's: shrunk cases have a cotangent of ones."""
    spec, counterexample = catalogue().get(verdict["spec"]), verdict["counterexample"]
    if spec is None:
        return None
    try:
        case = Case(spec.name, verdict["dtype"], from_plain(counterexample["inputs"]), flags=tuple(counterexample["flags"]))
        return with_cotangent(spec, case)
    except (ValueError, TypeError):
        return None
