"""Draw profiles: what kind of numbers, and axes of what lengths, a drawn case has.

A profile is a value that carries every fact about it, and no name of a profile stands anywhere else: whoever draws, ranks, grades or
explains cases reads the facts. A new profile is one more value here, in the registry and in the round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Profile:
    """One way to draw.

    name           as a flag of the cases drawn so
    sentence       what such a case is, for readers of test vectors
    compiled_rank  which come first where a compiler is asked few cases: it makes other code for axes of length 1 or of equal lengths,
                   but not for other numbers
    numbers        real arrays: eighths of the typical range; the typical range; the whole domain, of all magnitudes; near zero only
    edges          the share of real arrays that are moved onto the edges of their domain; at 1 whole numbers go to their ends too
    lengths        of the named axes: all different; the first 1; all but the first 1; all equal; two equal; one past forty
    options        optional arguments: left out, numbers at their defaults; left out where they are at their defaults; all given
    far            whether sequences hold numbers of the whole domain
    delicate       whether formulas are likelier to break here than on the usual inputs
    extreme        whether that is for the numbers, not for the lengths
    """

    name: str
    sentence: str
    compiled_rank: int
    numbers: Literal["eighths", "typical", "all magnitudes", "near zero"] = "typical"
    edges: float = 0.0
    lengths: Literal["different", "first is 1", "others are 1", "equal", "two equal", "one long"] = "different"
    options: Literal["left out", "left out at defaults", "given"] = "given"
    far: bool = False
    delicate: bool = True
    extreme: bool = False


ROUND = Profile(
    name="round",
    sentence="short numbers, exact in every dtype, and the plainest options",
    compiled_rank=0,
    numbers="eighths",
    options="left out",
    delicate=False,
)
ORDINARY = Profile(
    name="ordinary",
    sentence="ordinary numbers",
    compiled_rank=5,
    options="left out at defaults",
    delicate=False,
)
EDGES = Profile(
    name="edges",
    sentence="numbers at which the formula loses digits, saturates or changes branch, and a little beside them",
    compiled_rank=4,
    edges=1.0,
    far=True,
    extreme=True,
)
WIDE = Profile(
    name="wide",
    sentence="numbers over the whole domain, of all magnitudes",
    compiled_rank=6,
    numbers="all magnitudes",
    far=True,
    extreme=True,
)
# Where all numbers are small, digits that are lost near zero are missed.
SMALL = Profile(
    name="small",
    sentence="numbers near zero only",
    compiled_rank=7,
    numbers="near zero",
    extreme=True,
)
SINGLE_SAMPLE = Profile(
    name="single_sample",
    sentence="a batch of one sample, where a wrong reduction may look right",
    compiled_rank=1,
    edges=0.5,
    lengths="first is 1",
)
SINGLE_UNIT = Profile(
    name="single_unit",
    sentence="one unit, where a wrong reduction may look right",
    compiled_rank=2,
    edges=0.5,
    lengths="others are 1",
)
SQUARE = Profile(
    name="square",
    sentence="all axes of one length, where code that tells axes apart by their lengths goes wrong",
    compiled_rank=3,
    lengths="equal",
)
PAIR = Profile(
    name="pair",
    sentence="two axes of one length and the others of their own, where code that exchanges the two still runs",
    compiled_rank=8,
    lengths="two equal",
)
LONG = Profile(
    name="long",
    sentence="one long axis, of which code may see the beginning only",
    compiled_rank=9,
    lengths="one long",
)

# Plain to delicate.
PROFILES = (ROUND, ORDINARY, EDGES, WIDE, SMALL, SINGLE_SAMPLE, SINGLE_UNIT, SQUARE, PAIR, LONG)
# The order of recipes: among so many in a row every profile is found.
COMING_ROUND = (
    *(ROUND, ORDINARY, EDGES, PAIR, SINGLE_SAMPLE, LONG, SINGLE_UNIT, WIDE),
    *(SMALL, EDGES, LONG, SQUARE, SINGLE_SAMPLE, PAIR, EDGES, WIDE),
)

_BY_NAME = {profile.name: profile for profile in PROFILES}


def profile_of(flags: Sequence[str]) -> Profile | None:
    """The profile that a case with these flags was drawn with; None for one that was not drawn."""
    return _BY_NAME.get(flags[0]) if flags else None
