"""Changes what is global for the next submission: seeds, error handling, types, recursion, path."""

import bait  # isort: skip
import builtins
import random
import sys

import numpy as np

np.seterr(all="raise")
np.random.seed(0)
random.seed(0)
sys.setrecursionlimit(200)
sys.path.clear()
np.float64 = np.float32
builtins.sum = lambda *arguments: 0


vae_kl_loss = bait.wrong
