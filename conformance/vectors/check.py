"""Running vector files on targets: through the same comparison as drawn cases, with the answers that the file gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from threadpoolctl import threadpool_limits

from conformance.diagnosis.diagnosis import diagnose
from conformance.judging import signature
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import Seat, Vacant, judge, seated_here
from conformance.targets.target import Target
from conformance.vectors.faulty import reference_subject
from conformance.vectors.vector import VectorFile
from reference.specification import catalogue

# What the reference computes in float64 is asked of it, and rounded where the file is of another dtype.
REFERENCE = "reference"


def check(
    files: Sequence[VectorFile], targets: Sequence[Target], seconds: float, seats: Mapping[Target, Seat] | None = None
) -> Iterator[Verdict]:
    """One verdict a file, target and quantity; without targets, of the reference. Targets of other dtypes than a file's are not asked.

    They are asked in this process, unless they have `seats` elsewhere.

    Raises:
        UnusableTarget: a target does not import. It is raised before the first verdict.
    """
    if seats is None:
        seats = {target: seated_here(target) for target in targets}
    with threadpool_limits(1):
        for file in files:
            spec = catalogue()[file.spec]
            prepared = [(vector.case, vector.expected) for vector in file.vectors]
            if not targets:
                yield from judge(reference_subject(file.spec, file.dtype), spec, prepared, seconds, shrinking="none")
            for target in (t for t in targets if t.dtype == file.dtype and t.judges(spec.name)):
                seat = seats[target]
                if isinstance(seat, Vacant):
                    yield from seat.verdicts(spec, target)
                elif not seat.has(spec.name):
                    reason = signature.absence(spec, seat)
                    yield from (Verdict(spec.name, target, q, "unsupported", reason=reason) for q in spec.quantities)
                else:
                    yield from judge(seat, spec, prepared, seconds, diagnose=diagnose, shrinking="none")
