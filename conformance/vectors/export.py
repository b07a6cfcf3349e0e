"""Making the files: one of each specification in float64, and in float32 where its budgets differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from conformance.cases.kinds import kind_of
from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault
from conformance.vectors import storage
from conformance.vectors.selection import select
from conformance.vectors.vector import VectorFile
from reference.specification import Spec

PROMOTED = "promoted"


def dtypes_of(spec: Spec) -> tuple[str, ...]:
    """Where answers are whole numbers or texts there is nothing to round."""
    return ("float64", "float32") if kind_of(spec).measured or spec.error_scale is not None else ("float64",)


def export(specs: Iterable[Spec], folder: Path) -> Iterator[tuple[Path, VectorFile]]:
    """Write the files one by one. Promoted cases that the folder holds are kept, with their answers computed anew.

    Raises:
        BadVectors: the folder cannot be written, or holds a damaged file where one is to be written.
    """
    for spec in specs:
        for dtype in dtypes_of(spec):
            path = folder / VectorFile(spec.name, dtype, ()).name
            vectors_before = storage.load(path).vectors if path.is_file() else ()
            with threadpool_limits(1), np.errstate(all="ignore"):
                vectors = select(spec, dtype, [vector.case for vector in vectors_before if PROMOTED in vector.case.flags])
            file = VectorFile(spec.name, dtype, vectors)
            yield storage.write(file, folder), file


def uncovered(files: Iterable[VectorFile]) -> list[Fault]:
    """Catalogued mistakes and variants that no case of these files finds."""
    ids = {name for file in files for name in file.kills}
    return [entry for entry in entries().values() if entry.kind != "rewrite" and entry.because is None and entry.id not in ids]
