"""Every program of a folder on every device: one verdict a specification, dtype, quantity and device, as they come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from conformance.programs.running.comparison import Comparison, compare
from conformance.programs.running.folder import FileEntry, Manifest, Program
from conformance.programs.running.pjrt import Device
from conformance.programs.running.report import Verdict

# So many programs a thread are compiled before those in front of them have run: enough to keep all threads busy, few enough for the memory.
_AHEAD = 3


@dataclass
class _Record:
    """What is known of one quantity while its programs are run."""

    cases: int = 0
    failures: int = 0
    comparison: Comparison | None = None
    error: str | None = None
    where: str = ""
    seconds: float = 0.0

    def note(self, program: Program, comparison: Comparison) -> None:
        """The worst comparison stays, but the first that failed is reported."""
        self.cases += 1
        self.failures += not comparison.agrees
        failed = self.error is not None or (self.comparison is not None and not self.comparison.agrees)
        if not failed and (self.comparison is None or comparison.budget_used > self.comparison.budget_used):
            self.comparison, self.where = comparison, f"case {program.case} ({program.about})"

    def note_error(self, program: Program, error: str) -> None:
        self.cases += 1
        self.failures += 1
        if self.error is None:
            self.error, self.where = error, f"case {program.case} ({program.about})"

    def verdict(self, entry: FileEntry, device: Device, quantity: str) -> Verdict:
        outcome = "errored" if self.error is not None else "failed" if self.failures else "passed"
        reason = self.error or (None if self.comparison is None else self.comparison.reason)
        return Verdict(
            entry.spec,
            entry.dtype,
            device.name,
            quantity,
            outcome,
            self.cases,
            self.failures,
            None if self.error is not None else self.comparison,
            None if reason is None else f"{reason}; {self.where}",
            self.seconds,
        )


def verdicts(manifest: Manifest, devices: Sequence[Device], jobs: int, on_program: Callable[[], None]) -> Iterator[Verdict]:
    """Run everything, compiling with `jobs` threads. `on_program` is told of each program, for who waits.

    Raises:
        UnusablePrograms: a file changed meanwhile.
    """
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        for device in devices:
            for entry, compiled in _compiled_ahead(manifest, device, pool, jobs):
                yield from _judged(entry, compiled, device, on_program)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_Compiled = Iterable[tuple[Program, "Future[Any]"]]


def _compiled_ahead(
    manifest: Manifest, device: Device, pool: ThreadPoolExecutor, jobs: int
) -> Iterator[tuple[FileEntry, _Compiled]]:
    """Every file with its programs, which are compiled while those before them run."""
    queue: deque[tuple[FileEntry, Program, Future[Any]]] = deque()
    programs = ((entry, program) for entry in manifest.files for program in manifest.read(entry).programs)

    def fill() -> None:
        while len(queue) < _AHEAD * jobs and (following := next(programs, None)) is not None:
            entry, program = following
            queue.append((entry, program, pool.submit(device.compiled, program.code)))

    def of(entry: FileEntry) -> _Compiled:
        while queue and queue[0][0] is entry:
            _, program, executable = queue.popleft()
            fill()
            yield program, executable

    fill()
    while queue:
        entry = queue[0][0]
        yield entry, of(entry)


def _judged(entry: FileEntry, compiled: _Compiled, device: Device, on_program: Callable[[], None]) -> Iterator[Verdict]:
    records: dict[str, _Record] = {}
    for program, executable in compiled:
        started = time.perf_counter()
        mine = {quantity: records.setdefault(quantity, _Record()) for quantity in program.quantities}
        try:
            outputs = device.run(executable.result(), program.inputs)
            if len(outputs) < len(program.results):
                raise RuntimeError(f"expected {len(program.results)} outputs of the program, got {len(outputs)}")
        except Exception as error:  # a compiler may refuse in any way, and the other programs are to be run
            for record in mine.values():
                record.note_error(program, f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        else:
            for quantity, record in mine.items():
                pairs = zip(program.results, outputs, strict=False)
                compared = [compare(result, output) for result, output in pairs if result.quantity == quantity]
                record.note(program, max(compared, key=lambda comparison: comparison.budget_used))
        for record in mine.values():
            record.seconds += (time.perf_counter() - started) / len(mine)
        on_program()
    yield from (record.verdict(entry, device, quantity) for quantity, record in records.items())
