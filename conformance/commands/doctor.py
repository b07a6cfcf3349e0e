"""`conformance doctor`: what is installed here, and what is missing and why."""

from __future__ import annotations

from conformance.commands.process import out
from conformance.targets import environment


def doctor_command() -> None:
    """Show what is installed, which devices can be used, and why others cannot."""
    for package, version in environment.versions().items():
        out.print(f"{package:<14}{version}", markup=False)
    out.print()
    for device in environment.availability():
        state = "[green]usable[/green]" if device.reason is None else "[yellow]missing[/yellow]"
        out.print(f"{device.framework:<12}{device.device:<6}{state}", end="  ")
        out.print(device.reason or device.version or "", markup=False, soft_wrap=True)
    registered = environment.registered_targets()
    if registered:
        out.print()
    for target in registered:
        state = "[green]usable[/green]" if target.reason is None else "[red]broken[/red]"
        out.print(target.name, markup=False, end="  ", soft_wrap=True)
        out.print(state, end="  ")
        out.print(target.reason or target.module, markup=False, soft_wrap=True)
