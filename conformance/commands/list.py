"""`conformance list`: what can be judged, and what is there to be judged."""

from __future__ import annotations

from conformance.cases.kinds import KINDS, kind_of
from conformance.commands.options import ReferenceOption, specs_of
from conformance.commands.process import out
from conformance.library.citations import DOCUMENTS, cited, signature
from conformance.respondent.frameworks import own_packages
from conformance.targets import environment
from conformance.targets.target import discover


def list_command(reference: ReferenceOption = None) -> None:
    """Show the specifications and the targets that are found."""
    specs = specs_of(reference)
    for kind in (kind for kind in KINDS.values() if reference is None or any(kind_of(spec) is kind for spec in specs)):
        out.print(f"[bold]{kind.title}[/bold]")
        for spec in filter(lambda spec: kind_of(spec) is kind, specs):
            out.print(f"  [bold]{spec.name}[/bold]  {', '.join(spec.quantities)}  [dim]{spec.source}[/dim]", soft_wrap=True)
            out.print(f"      {spec.equation}", markup=False, soft_wrap=True)
            out.print(f"      {signature(spec)}", markup=False, soft_wrap=True)
        out.print()
    numbers = sorted({number for spec in specs if spec.file is None for number in cited(spec)})
    if numbers:
        out.print("[bold]Sources[/bold]")
    for number in numbers:
        out.print(f"  {number}  {DOCUMENTS[number]}", markup=False, soft_wrap=True)
    out.print("\n[bold]Targets[/bold]")
    reasons = {target.name: target.reason for target in environment.registered_targets()}
    for name, module in discover().items():
        out.print(f"  {name}" + ("" if name == module or name in own_packages() else f" ({module})"), markup=False, soft_wrap=True)
        if reasons.get(name):
            out.print(f"      cannot be used: {reasons[name]}", style="red", markup=False, soft_wrap=True)
