"""`conformance reproduce`: one kept counterexample again, in full."""

from __future__ import annotations

from typing import Annotated

import typer

from conformance.cases import counterexamples
from conformance.commands.options import (
    FrameworkOption,
    OneDeviceOption,
    OneModeOption,
    ReferenceOption,
    StrictOption,
    TargetOption,
    TimeoutOption,
    specs_of,
)
from conformance.commands.process import CONFORMS, DIFFERS, out
from conformance.errors import UnusableTarget
from conformance.judging.expectation import expect
from conformance.judging.plan import SECONDS
from conformance.judging.verify import Seat, Vacant, check, held_to
from conformance.reports.reproduction import show_answer, show_case
from conformance.targets.target import Target, expand
from conformance.workers.imports import breakage_apart
from conformance.workers.seats import seated
from reference.specification import catalogue


def reproduce_command(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="As printed with the failure.")],
    target: TargetOption = None,
    framework: FrameworkOption = None,
    device: OneDeviceOption = "cpu",
    mode: OneModeOption = "eager",
    seconds: TimeoutOption = SECONDS,
    strict: StrictOption = False,
    reference: ReferenceOption = None,
) -> None:
    """Run one kept counterexample again and show inputs, expected and actual, array by array."""
    specs_of(reference)
    case = counterexamples.recall(case_id)
    everything = expand(target or (), (device,), (case.dtype,), (mode,), framework, breakage_apart)
    targets = tuple(one for one in everything if one.judges(case.spec))
    spec, agreed = catalogue()[case.spec], True
    spec = spec.strict() if strict else spec
    with seated(targets, (spec,), seconds) as seats:
        subjects = [_asked(seats[known_target], known_target, device) for known_target in targets]
        expected = expect(spec, case)
        show_case(spec, case, out)
        for known_target, subject in zip(targets, subjects, strict=True):
            out.print(f"\n{known_target.label}", style="bold", markup=False)
            if isinstance(subject, Vacant):
                out.print(f"  {subject.reason}", markup=False)
                agreed = False
                continue
            for quantity, (response, _) in check(subject, spec, case, seconds).items():
                wanted = held_to(subject, spec, quantity, expected[quantity], response)
                good = show_answer(quantity, response, wanted, known_target.device, out, every_value=not case.holds_model)
                agreed = agreed and good
    raise typer.Exit(CONFORMS if agreed else DIFFERS)


def _asked(seat: Seat, target: Target, device: str) -> Seat:
    """The seat, if anything came of it. Raises UnusableTarget."""
    if isinstance(seat, Vacant) and seat.outcome == "not run":
        what = "target" if target.broken else "device"
        raise UnusableTarget(f"{what}: {target.name} cannot run on {device}: {seat.reason}")
    return seat
