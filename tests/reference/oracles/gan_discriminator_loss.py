"""−mean ln σ(r) − mean ln(1 − σ(f))."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.drawing import Rng, array
from tests.reference.mp_arrays import mpfs
from tests.reference.mp_samples import sigmoid

EDGES = (0.0, 20.0, -20.0, 40.0, -40.0, 700.0, -700.0, 800.0, -800.0)
DIGITS = 420  # e^800 ≈ 1e347


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    fakes = (int(rng.integers(1, 4)), shape[1])
    return {
        "real_logits": array(rng, shape, -4.0, 4.0, EDGES, at_edges),
        "fake_logits": array(rng, fakes, -4.0, 4.0, EDGES, at_edges),
    }


def mean_of(term: Any, logits: np.ndarray) -> mpf:
    return sum(term(logit) for logit in logits.ravel()) / logits.size


def value(real_logits, fake_logits):
    with mp.workdps(DIGITS):
        surprise = mean_of(lambda r: -mp.log(sigmoid(r)), mpfs(real_logits))
        return surprise + mean_of(lambda f: -mp.log(1 - sigmoid(f)), mpfs(fake_logits))


def gradient(cotangent, real_logits, fake_logits):
    with mp.workdps(DIGITS):
        real, fake = mpfs(real_logits), mpfs(fake_logits)
        share = mpf(float(cotangent))
        return {
            "real_logits": np.frompyfunc(lambda r: (sigmoid(r) - 1) * share / real.size, 1, 1)(real),
            "fake_logits": np.frompyfunc(lambda f: sigmoid(f) * share / fake.size, 1, 1)(fake),
        }
