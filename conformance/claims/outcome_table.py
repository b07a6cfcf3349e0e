"""The outcomes on a terminal, 80 columns wide: a line for each claim and framework."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from conformance.claims import wording
from conformance.claims.claim import Outcome

_STYLES = {"holds": "green", "does not hold here": "bold red", "undecided": "yellow"}
_SHORT = {"holds": "holds", "does not hold here": "does not", "undecided": "undecided"}


def outcome_table(outcomes: Sequence[Outcome]) -> Table:
    """Mean effect, interval and Cohen's d in each framework, and the verdict of both together."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, side in (("claim", "left"), ("", "left"), ("effect", "right"), ("95 % interval", "left"), ("d", "right")):
        table.add_column(heading, justify="right" if side == "right" else "left", no_wrap=True)
    table.add_column("holds here?", no_wrap=True)
    for outcome in outcomes:
        claim, verdict = outcome.claim, outcome.verdict
        for position, (framework, result) in enumerate(outcome.found.items()):
            table.add_row(
                claim.id if position == 0 else "",
                framework,
                wording.mean(claim, result) + (" %" if claim.unit == "%" else ""),
                wording.interval(claim, result),
                wording.standardized(result),
                Text(_SHORT[verdict], style=_STYLES[verdict]) if position == 0 else "",
            )
    return table
