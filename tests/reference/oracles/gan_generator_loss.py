"""−mean ln σ(f), or mean ln(1 − σ(f))."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.drawing import Rng, array
from tests.reference.mp_arrays import mpfs
from tests.reference.mp_samples import sigmoid
from tests.reference.oracles.gan_discriminator_loss import DIGITS, EDGES, mean_of


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    return {"fake_logits": array(rng, shape, -4.0, 4.0, EDGES, at_edges), "kind": str(rng.choice(("non_saturating", "minimax")))}


def value(fake_logits, kind):
    with mp.workdps(DIGITS):
        if kind == "minimax":
            return mean_of(lambda f: mp.log(1 - sigmoid(f)), mpfs(fake_logits))
        return mean_of(lambda f: -mp.log(sigmoid(f)), mpfs(fake_logits))


def gradient(cotangent, fake_logits, kind):
    with mp.workdps(DIGITS):
        fake, share = mpfs(fake_logits), mpf(float(cotangent))
        slope = (lambda f: -sigmoid(f)) if kind == "minimax" else (lambda f: sigmoid(f) - 1)
        return {"fake_logits": np.frompyfunc(lambda f: slope(f) * share / fake.size, 1, 1)(fake)}
