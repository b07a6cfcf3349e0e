"""`conformance audit --adequacy`: what the default cases reach of what their specifications ask for."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.audit.adequacy import adequacy
from conformance.commands.process import out
from conformance.commands.progress import progress_bar
from reference.specification import Spec

_WIDTH = 36


def say_adequacy(specs: Sequence[Spec], seed: int, examples: int) -> bool:
    """A line a specification and one for every goal that no case reaches; whether there is none."""
    goals, missing = 0, 0
    with progress_bar(_WIDTH) as progress:
        bar = progress.add_task("", total=len(specs))
        for spec in specs:
            result = adequacy(spec, seed, examples)
            progress.update(bar, advance=1, description=spec.name)
            goals, missing = goals + result.goals, missing + len(result.missing)
            out.print(f"{spec.name}: {result.goals - len(result.missing)} of {result.goals} reached", markup=False)
            for sentence in result.missing:
                out.print(f"  not reached: {sentence}", markup=False, soft_wrap=True)
    out.print(f"{goals - missing} of {goals} goals reached.")
    return not missing
