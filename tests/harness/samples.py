"""One verdict of every outcome, and a text that spoils what is careless with it."""

from __future__ import annotations

import math
from dataclasses import replace

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Recipe, draw
from conformance.cases.profiles import ROUND
from conformance.judging.compare import Worst
from conformance.judging.verdicts import Verdict
from conformance.targets.target import Target
from reference.specification import catalogue

CASE = draw(catalogue()["vae_kl_loss"], "float32", Recipe(ROUND, 2, 0))
ONE = Target("impl_torch", "torch")
OTHER = Target("submissions/ada/vae.py", "numpy", dtype="float64")
PASSED = Verdict("vae_kl_loss", ONE, "value", "passed", 20, 0, 0.25, Worst("value", (0, 1), 1.0, 1.5, 2.0), seconds=0.125)
FAILED = Verdict("vae_kl_loss", ONE, "gradient", "failed", 20, 3, 7.5, Worst("mean", (), 1.0, 1.5, 2.0), "mean: wrong", CASE)
ERRORED = Verdict("vae_kl_loss", OTHER, "value", "errored", 20, 3, math.inf, None, "raised ValueError: no", CASE)
UNSUPPORTED = Verdict("vae_kl_loss", OTHER, "gradient", "unsupported", 1, 0, None, None, "has no gradient")
NOT_RUN = Verdict("vae_kl_loss", replace(ONE, device="cuda"), "value", "not run", reason="no CUDA")
ALL = [PASSED, FAILED, ERRORED, UNSUPPORTED, NOT_RUN]
NASTY = "\x00\x07\x1b[31m\ud800<&\"'>]]>\n\u2028\ufffe 🙂"
