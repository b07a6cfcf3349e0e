"""Every claim, in the order of the lecture."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from conformance.claims import characters, compression, linear, pretraining, sparsity, variational
from conformance.claims.claim import Claim, Experiment
from conformance.errors import UnknownClaim

CLAIMS: tuple[Claim, ...] = (
    *characters.CLAIMS,
    *compression.STACKED_CLAIMS,
    *pretraining.CLAIMS,
    *compression.OVERCOMPLETE_CLAIMS,
    *sparsity.CLAIMS,
    *variational.CLAIMS,
    *linear.CLAIMS,
)


def chosen(ids: Iterable[str]) -> tuple[Claim, ...]:
    """The claims of these names, in the order of the lecture; all for no name.

    Raises:
        UnknownClaim: a name that no claim has.
    """
    claims, selection = {claim.id: claim for claim in CLAIMS}, set(ids)
    for name in selection:
        if name not in claims:
            near = difflib.get_close_matches(name, claims, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(claims)}"
            raise UnknownClaim(f"claim: expected the name of a claim, got {name!r}; {hint}")
    return tuple(claim for claim in CLAIMS if not selection or claim.id in selection)


def experiments(claims: Iterable[Claim]) -> tuple[Experiment, ...]:
    """What has to be measured for these claims, each once."""
    return tuple({claim.experiment.name: claim.experiment for claim in claims}.values())
