"""Running vector files on targets: through the same comparison as drawn cases, with the answers that the file gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threadpoolctl import threadpool_limits

from conformance.diagnosis.diagnosis import diagnose
from conformance.judging import signature
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import judge
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target, obstacle
from conformance.vectors.faulty import reference_subject
from conformance.vectors.vector import VectorFile
from reference.specification import catalogue

# What the reference computes in float64 is asked of it, and rounded where the file is of another dtype.
REFERENCE = "reference"


def check(files: Sequence[VectorFile], targets: Sequence[Target], seconds: float) -> Iterator[Verdict]:
    """One verdict a file, target and quantity; without targets, of the reference. Targets of other dtypes than a file's are not asked.

    Raises:
        UnusableTarget: a target does not import. It is raised before the first verdict.
    """
    obstacles = {target: obstacle(target) for target in targets}
    subjects = {target: LocalSubject.of(target) for target in targets if obstacles[target] is None}
    with threadpool_limits(1):
        for file in files:
            spec = catalogue()[file.spec]
            prepared = [(vector.case, vector.expected) for vector in file.vectors]
            if not targets:
                yield from judge(reference_subject(file.spec, file.dtype), spec, prepared, seconds, shrinking="none")
            for target in (t for t in targets if t.dtype == file.dtype and t.judges(spec.name)):
                reason = obstacles[target]
                if reason is not None:
                    yield from (Verdict(spec.name, target, q, "not run", reason=reason) for q in spec.quantities)
                elif not subjects[target].has(spec.name):
                    reason = signature.absence(spec, subjects[target])
                    yield from (Verdict(spec.name, target, q, "unsupported", reason=reason) for q in spec.quantities)
                else:
                    yield from judge(subjects[target], spec, prepared, seconds, diagnose=diagnose, shrinking="none")
