"""What one submission may use. Runs on both sides."""

from __future__ import annotations

import math
import resource
from dataclasses import asdict, dataclass, fields
from typing import Any

MEBIBYTE = 2**20
# A margin between the judge's clock, which reports a late submission, and the kernel's, which ends it.
_CPU_MARGIN = 2
_FILES = 128
_TASKS = 64


@dataclass(frozen=True)
class ResourceLimits:
    """Bounds for one submission.

    memory_bytes     on top of what Python and the framework already take
    seconds_per_case wall clock for one question
    seconds_import   wall clock for importing the submission
    seconds_total    wall clock and processor time for everything together
    disk_bytes       all files in the private /tmp together
    output_bytes     what is kept of standard output and standard error; the rest is read and dropped

    Raises:
        ValueError: a bound is not a positive, finite number.
    """

    memory_bytes: int = 1024 * MEBIBYTE
    seconds_per_case: float = 10.0
    seconds_import: float = 20.0
    seconds_total: float = 120.0
    disk_bytes: int = 16 * MEBIBYTE
    output_bytes: int = 64 * 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            is_count = field.name.endswith("_bytes")
            if isinstance(value, bool) or not isinstance(value, int if is_count else (int, float)) or not 0 < value < math.inf:
                raise ValueError(f"{field.name}: expected a positive {'whole ' if is_count else ''}number, got {value!r}")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def apply(limits: ResourceLimits, address_space: int, own_users: bool) -> None:
    """Bound this process. `taken` is the address space that it starts with; tasks are counted only where its user is its own."""
    memory = address_space + limits.memory_bytes
    processor = math.ceil(limits.seconds_total) + _CPU_MARGIN
    bounds = [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_FSIZE, limits.disk_bytes),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ]
    if own_users:
        bounds.append((resource.RLIMIT_NPROC, _TASKS))
    for kind, bound in bounds:
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))
