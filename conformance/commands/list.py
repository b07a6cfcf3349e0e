"""`conformance list`: what can be judged, and what is there to be judged."""

from __future__ import annotations

import inspect
import re

from conformance.cases.kinds import KINDS, kind_of
from conformance.commands.options import ReferenceOption, specs_of
from conformance.commands.process import out
from conformance.respondent.frameworks import own_packages
from conformance.targets import environment
from conformance.targets.target import discover
from reference.specification import Spec

# The documents that the sources of the specifications name by number.
DOCUMENTS = {
    "000": "CSCI E-89B, Introduction to Natural Language Processing, Lecture 06: character embeddings and autoencoders",
    "002": "course notes beside it: mathematics and information theory",
    "003": "course notes beside it: neural networks, losses, unsupervised learning",
    "004": "course notes beside it: deep architectures and their training",
}


def _signature(spec: Spec) -> str:
    """How it is called, or built: names and defaults."""
    parameters = inspect.signature(spec.evaluate).parameters.values()
    return f"{spec.name}({', '.join(str(one.replace(annotation=one.empty)) for one in parameters)})"


def list_command(reference: ReferenceOption = None) -> None:
    """Show the specifications and the targets that are found."""
    specs = specs_of(reference)
    for kind in (kind for kind in KINDS.values() if reference is None or any(kind_of(spec) is kind for spec in specs)):
        out.print(f"[bold]{kind.title}[/bold]")
        for spec in filter(lambda spec: kind_of(spec) is kind, specs):
            out.print(f"  [bold]{spec.name}[/bold]  {', '.join(spec.quantities)}  [dim]{spec.source}[/dim]", soft_wrap=True)
            out.print(f"      {spec.equation}", markup=False, soft_wrap=True)
            out.print(f"      {_signature(spec)}", markup=False, soft_wrap=True)
        out.print()
    cited = {number for spec in specs if spec.file is None for number in re.findall(r"\b\d{3}\b", spec.source)}
    if cited:
        out.print("[bold]Sources[/bold]")
    for number in sorted(cited):
        out.print(f"  {number}  {DOCUMENTS[number]}", markup=False, soft_wrap=True)
    out.print("\n[bold]Targets[/bold]")
    reasons = {target.name: target.reason for target in environment.registered_targets()}
    for name, module in discover().items():
        out.print(f"  {name}" + ("" if name == module or name in own_packages() else f" ({module})"), markup=False, soft_wrap=True)
        if reasons.get(name):
            out.print(f"      cannot be used: {reasons[name]}", style="red", markup=False, soft_wrap=True)
