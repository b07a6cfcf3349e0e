"""Making a folder of programs: for every specification and dtype its cases, traced, with what the reference expects of them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from conformance.cases.case import Case
from conformance.cases.kinds import kind_of
from conformance.errors import UnusablePrograms
from conformance.files import write_atomically, write_bytes_atomically
from conformance.judging.expectation import Expectation, Expected, expect
from conformance.programs.exporting.asked import asked_cases, no_program, obstacle, trained_cases
from conformance.programs.exporting.tracing import Traced, Tracer
from conformance.programs.running.folder import (
    MANIFEST,
    FileEntry,
    Manifest,
    NotExported,
    Program,
    ProgramFile,
    Result,
    manifest_text,
    packed,
    read_folder,
)
from conformance.respondent import frameworks
from conformance.respondent.frameworks.tensorflow import FACTS
from conformance.respondent.printable import one_line
from conformance.targets import environment
from reference.specification import Quantity, Spec

# NumPy has no bfloat16, and half precisions are computed in float32 anyway.
DTYPES = ("float64", "float32")
CASES = 6
_PACKAGE = FACTS.package or ""


@dataclass(frozen=True)
class Exported:
    """One file of a folder, not yet written."""

    file: ProgramFile
    content: bytes
    not_exported: tuple[NotExported, ...]

    @property
    def entry(self) -> FileEntry:
        sha256 = hashlib.sha256(self.content).hexdigest()
        return FileEntry(self.file.name, self.file.spec, self.file.dtype, len(self.file.programs), len(self.content), sha256)


def export(specs: Iterable[Spec], dtypes: Sequence[str], seed: int, cases: int) -> Iterator[Exported]:
    """The files one by one; some have no program, but reasons.

    Raises:
        UnusablePrograms: there is no TensorFlow here.
    """
    try:
        framework = frameworks.load(FACTS.name)
    except frameworks.NotSupported as reason:
        raise UnusablePrograms(f"programs: expected {FACTS.title}, which makes them, got none: {reason}") from reason
    tracer = Tracer(importlib.import_module(_PACKAGE), framework)
    for spec in specs:
        for dtype in dtypes:
            with threadpool_limits(1), np.errstate(all="ignore"):
                writing = _Writing(tracer, spec.strict(), dtype)
                writing.fill(seed, cases)
            file = ProgramFile(spec.name, dtype, tuple(writing.programs))
            yield Exported(file, packed(file.programs), tuple(dict.fromkeys(writing.not_exported)))


def write(folder: Path, exported: Sequence[Exported], seed: int) -> Manifest:
    """Write the files, and the manifest last: until then the folder is what it was, or is refused.

    Raises:
        UnusablePrograms: it cannot be written, or there is no program among them.
    """
    written = [each for each in exported if each.file.programs]
    if not written:
        reason = next((each.reason for one in exported for each in one.not_exported), "nothing was asked for")
        raise UnusablePrograms(f"spec: expected one of which a program can be made, got none: {reason}")
    manifest = Manifest(
        target=f"{_PACKAGE}, XLA program, PJRT",
        module=_PACKAGE,
        framework=FACTS.name,
        version=environment.own_version(),
        versions=environment.versions(),
        seed=seed,
        files=tuple(each.entry for each in written),
        not_exported=tuple(reason for each in exported for reason in each.not_exported),
        folder=folder,
    )
    earlier = _earlier_files(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in written:
            write_bytes_atomically(folder / each.file.name, each.content)
        write_atomically(folder / MANIFEST, manifest_text(manifest))
        for name in earlier - {entry.name for entry in manifest.files}:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise UnusablePrograms(f"folder: {str(folder)!r} cannot be written: {error.strerror}") from error
    return manifest


def _earlier_files(folder: Path) -> set[str]:
    """What an earlier export left here."""
    with contextlib.suppress(UnusablePrograms):
        return {entry.name for entry in read_folder(folder).files}
    return set()


class _Writing:
    """The programs of one specification in one dtype while they are made."""

    def __init__(self, tracer: Tracer, spec: Spec, dtype: str) -> None:
        self._tracer, self._spec, self._dtype = tracer, spec, dtype
        self.programs: list[Program] = []
        self.not_exported: list[NotExported] = []

    def fill(self, seed: int, count: int) -> None:
        reason = obstacle(self._spec)
        if reason is None and not self._tracer.offers(self._spec.name):
            reason = f"the package has no {self._spec.name!r}"
        if reason is not None:
            for quantity in self._spec.quantities:
                self._leave_out(quantity, "all of it", reason)
            return
        cases = asked_cases(self._spec, self._dtype, seed, count)
        if not kind_of(self._spec).trained:
            for case in cases:
                self._add_function(case)
            return
        for case in cases:
            self._add_answers(case)
        for case, training in trained_cases(cases):
            spec = replace(self._spec, quantities=("training",))
            self._add(
                case,
                f"{training.optimizer}, {len(case.model.batches)} steps",
                lambda: expect(spec, case),  # noqa: B023  (called at once)
                lambda: self._tracer.training(spec, case.model, self._dtype, training),  # noqa: B023
            )

    def _add_function(self, case: Case) -> None:
        reals = kind_of(self._spec).tensors(self._spec)
        self._add(
            case,
            "value and gradient",
            lambda: expect(self._spec, case),
            lambda: self._tracer.function(self._spec, case.inputs, reals, case.cotangent, self._dtype),
        )

    def _add_answers(self, case: Case) -> None:
        spec = replace(self._spec, quantities=tuple(q for q in self._spec.quantities if q != "training"))

        def wanted(quantity: Quantity, name: str) -> bool:
            return no_program(quantity, name) is None

        self._add(
            case,
            "activations, loss terms and gradients",
            lambda: expect(spec, case),
            lambda: self._tracer.answers(spec, case.model, self._dtype, wanted),
        )

    def _add(
        self, case: Case, about: str, expected: Callable[[], Mapping[Quantity, Expectation]], traced: Callable[[], Traced]
    ) -> None:
        expectations = expected()
        try:
            program = traced()
        except Exception as error:  # whatever a framework raises while it traces is the reason, and is written down
            reason = one_line(f"{type(error).__name__}: {error}")
            for quantity in expectations:
                self._leave_out(quantity, f"{about}, case {case.id}", f"it cannot be traced: {reason}")
            return
        results = [result_of(quantity, name, expectations[quantity][name]) for quantity, name in program.results]
        self.programs.append(Program(case.id, case.flags, about, program.code, program.inputs, tuple(results)))
        computed = set(program.results)
        for quantity, expectation in expectations.items():
            for name in expectation:
                if (quantity, name) not in computed:
                    self._leave_out(
                        quantity, name, no_program(quantity, name) or "the package's program has no result of this name"
                    )

    def _leave_out(self, quantity: Quantity, subject: str, reason: str) -> None:
        self.not_exported.append(NotExported(self._spec.name, self._dtype, quantity, subject, reason))


def result_of(quantity: Quantity, name: str, expected: Expected) -> Result:
    """What is expected, as a file keeps it: nothing that is known of the dtype has to be known where it is read."""
    allowed = np.asarray(expected.allowed)
    return Result(quantity, name, expected.dtype, expected.value, allowed, expected.comparable, expected.infinite, expected.lost)
