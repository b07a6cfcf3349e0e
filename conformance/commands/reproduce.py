"""`conformance reproduce`: one kept counterexample again, in full."""

from __future__ import annotations

from typing import Annotated

import typer

from conformance.cases import counterexamples
from conformance.commands.options import FrameworkOption, OneDeviceOption, OneModeOption, StrictOption, TargetOption, TimeoutOption
from conformance.commands.process import CONFORMS, DIFFERS, out
from conformance.errors import UnusableTarget
from conformance.judging.expectation import expect
from conformance.judging.plan import SECONDS
from conformance.judging.verify import check, held_to
from conformance.reports.reproduction import show_answer, show_case
from conformance.targets.subject import LocalSubject
from conformance.targets.target import expand, obstacle
from reference.specification import catalogue


def reproduce_command(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="As printed with the failure.")],
    target: TargetOption = None,
    framework: FrameworkOption = None,
    device: OneDeviceOption = "cpu",
    mode: OneModeOption = "eager",
    seconds: TimeoutOption = SECONDS,
    strict: StrictOption = False,
) -> None:
    """Run one kept counterexample again and show inputs, expected and actual, array by array."""
    case = counterexamples.recall(case_id)
    everything = expand(target or (), (device,), (case.dtype,), (mode,), framework)
    targets = tuple(one for one in everything if one.judges(case.spec))
    for known_target in targets:
        reason = obstacle(known_target)
        if reason is not None:
            what = "target" if known_target.broken else "device"
            raise UnusableTarget(f"{what}: {known_target.name} cannot run on {device}: {reason}")
    subjects = [LocalSubject.of(known_target) for known_target in targets]
    spec, agreed = catalogue()[case.spec], True
    spec = spec.strict() if strict else spec
    expected = expect(spec, case)
    show_case(spec, case, out)
    for subject in subjects:
        out.print(f"\n{subject.target.label}", style="bold", markup=False)
        out.file.flush()  # the target may end the process
        for quantity, (response, _) in check(subject, spec, case, seconds).items():
            wanted = held_to(subject, spec, quantity, expected[quantity], response)
            good = show_answer(quantity, response, wanted, subject.target.device, out, every_value=not case.holds_model)
            agreed = agreed and good
    raise typer.Exit(CONFORMS if agreed else DIFFERS)
