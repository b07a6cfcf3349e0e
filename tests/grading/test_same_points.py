"""One file has one score and one name, whatever the secret and however many cases are allowed.

The whole is `python -m tests.grading.same_points`: 30 files, 100 secrets, three numbers of cases. Here are those that had several.
"""

from __future__ import annotations

import pytest

from tests.faults.published import PUBLISHED
from tests.grading.same_points import outcomes

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
FILES = {published.name: published for published in PUBLISHED}
UNEVEN = ("clamped at 10", "an ε of its own", "the mean over everything whatever is asked")


@pytest.mark.slow
@pytest.mark.parametrize("name", UNEVEN)
def test_a_file_has_one_score_and_one_name(name: str) -> None:
    """With few cases, too: more are asked where a mistake is to be named."""
    assert len({outcome for _, _, outcome in outcomes(FILES[name], range(3), (8, 20), "float32")}) == 1
