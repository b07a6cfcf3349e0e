"""What is right has full marks: `python -m tests.grading.full_marks [--seeds N] [--framework NAME] [--models]`.

And with `--faults`: no known mistake has.

Right are the three packages that the suite holds itself: `impl_torch` and `impl_tf`, in single and double precision, and the reference in
NumPy, in double.
Each is handed in as a student would, with the files of the package beside submission.py, and graded with as many secrets as are asked for.
Of the catalogue every fault that some input shows is graded with one secret, as a NumPy submission.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from conformance.faults.catalogue import entries
from conformance.faults.changed.reference import IN_SINGLE_PRECISION, implementation
from conformance.faults.fault import Fault
from conformance.grading.assignment.assignment import SHIPPED, Assignment
from conformance.grading.assignment.assignment_file import load
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Submission, content_hash
from conformance.grading.sandbox.judge.isolation_probe import probe
from conformance.grading.scoring import questions
from conformance.grading.scoring.one_submission import grade_submission, workers_for
from reference.specification import catalogue
from tests.architecture.signatures import ROOT
from tests.grading.in_process_workers import asked

RIGHT = {
    "torch": ("impl_torch", ("float32", "float64")),
    "tensorflow": ("impl_tf", ("float32", "float64")),
    "numpy": ("reference", ("float64",)),
}
_CACHES = "__pycache__"
_OF_PRECISION = ("returns_single", "single_precision")


def right(framework: str) -> tuple[Submission, tuple[str, ...]]:
    """A submission that is right in every way, and the dtypes that it computes in."""
    package, dtypes = RIGHT[framework]
    files = {str(path.relative_to(ROOT)): path.read_bytes() for path in (ROOT / package).rglob("*.py") if _CACHES not in path.parts}
    # The gradients of NumPy's formulas stand in the modules of the formulas themselves.
    files["submission.py"] = f"import {framework}\nfrom {package} import *\n".encode()
    return Submission(f"right-{framework}", content_hash(files), files, "submission.py", framework), dtypes


def lecture(models: bool, dtypes: Sequence[str]) -> Assignment:
    """The shipped assignment, without its models unless they are asked for."""
    whole = load(SHIPPED / "lecture06.toml")
    specs = {name: given for name, given in whole.specs.items() if models or catalogue()[name].kind != "model"}
    return whole.model_copy(update={"specs": specs, "dtypes": tuple(dtypes)})


def graded(framework: str, secrets: Sequence[bytes], models: bool) -> Iterator[Grade]:
    """The grades of the right submission with each secret."""
    submission, dtypes = right(framework)
    given = lecture(models, dtypes)
    with workers_for(given, probe("process"), 1) as workers:
        for secret in secrets:
            yield grade_submission(workers, SeededAssignment(given, secret), submission)


def lost(grade: Grade) -> list[str]:
    """Where points were lost, and why."""
    return [f"{check.name}: {check.outcome}: {check.message}" for check in grade.checks if check.points != check.max_points]


@dataclass(frozen=True)
class Mistake:
    """A fault of the catalogue in one specification."""

    fault: Fault
    spec: str

    def share(self, dtype: str) -> float:
        """How much of the points it leaves, without what accepted variants would leave."""
        given = lecture(False, (dtype,))
        alone = given.specs[self.spec].model_copy(update={"variants": {}})
        element = given.model_copy(update={"specs": {self.spec: alone}})
        offered = {name: value for name, value in vars(self.module(dtype)).items() if name.startswith(self.spec)}
        checks = asked(element, offered, dtype=dtype).values()
        return sum(check.points or 0.0 for check in checks) / alone.total

    def module(self, dtype: str) -> ModuleType:
        """The changed reference, made anew, so that what a mistake remembers does not outlive it."""
        return implementation.__wrapped__((self.fault,), self.spec) if dtype == "float64" else single((self.fault,), self.spec)


def single(faults: tuple[Fault, ...], spec: str) -> ModuleType:
    """The reference with these faults, and values and gradients in single precision throughout."""
    module = implementation.__wrapped__((*faults, IN_SINGLE_PRECISION), spec)
    vjp = getattr(module, f"{spec}_vjp", None)
    if vjp is not None:

        def narrow(cotangent: np.ndarray, **inputs: object) -> dict[str, np.ndarray]:
            return {name: np.asarray(value).astype(np.float32) for name, value in vjp(cotangent, **inputs).items()}

        setattr(module, f"{spec}_vjp", narrow)
    return module


def mistakes(dtype: str) -> list[Mistake]:
    """Every fault that some input shows, in every formula of the lecture. Single precision is none where it is asked for."""
    specs = lecture(False, (dtype,)).specs
    faults = [fault for fault in entries().values() if fault.kind != "rewrite" and fault.because is None]
    faults = [fault for fault in faults if dtype == "float64" or fault.id not in _OF_PRECISION]
    return [Mistake(fault, spec) for fault in faults for spec in fault.specs if spec in specs]


def main() -> int:
    """Print what was graded, and exit with 1 if anything right lost a point or anything wrong kept them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--models", action="store_true", help="the models of the lecture too; minutes a seed")
    parser.add_argument("--framework", choices=RIGHT, action="append", help="one of those that is right; all by default")
    parser.add_argument("--faults", action="store_true", help="the catalogue instead of what is right")
    options = parser.parse_args()
    started, wrong = time.perf_counter(), 0
    if options.faults:
        questions.diagnose = lambda *given: None  # what it would say has no part in the points
        for dtype in ("float64", "float32"):
            shares = {mistake: mistake.share(dtype) for mistake in mistakes(dtype)}
            kept = [element for element, share in shares.items() if share == 1.0]
            line = f"{dtype}: {len(shares)} mistakes and variants leave {np.mean(list(shares.values())):.0%} of the points; all of them leave"
            print(
                line,
                *(f"{member.fault.kind} {member.fault.id} in {member.spec}" for member in kept),
                f"{len(kept)} in all",
                sep="\n  ",
            )
            # A variant is right elsewhere, and one that only loses digits may meet no input here that shows it.
            wrong += sum(item.fault.kind == "fault" for item in kept)
    else:
        for framework in options.framework or RIGHT:
            full = 0
            for grade in graded(framework, [f"secret {number}".encode() for number in range(options.seeds)], options.models):
                full += not lost(grade)
                print(*lost(grade), sep="\n", end="\n" if lost(grade) else "", flush=True)
            print(
                f"{framework}: {full} of {options.seeds} with all {grade.max_score:g} points in {' and '.join(RIGHT[framework][1])}"
            )
            wrong += options.seeds - full
    print(f"{time.perf_counter() - started:.0f} s")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
