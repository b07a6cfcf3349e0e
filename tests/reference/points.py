"""Points at which formulas are compared: half of them ordinary, half where a formula loses digits, saturates or changes branch.

Deterministic, and independent of the domains in the specifications: a domain that leaves out a danger is seen here. Extents differ
unless one of them is 1.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

POINTS = 520
REDUCTIONS = ("mean", "sum", "none")
EXTENTS = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 1), (1, 2))

# (ordinary low, ordinary high, edges)
_MEANS = (-3.0, 3.0, (0.0, 1e-4, -1e-4, 1e-30, 1e3, -1e3, 1.0))
_LOG_VARS = (-4.0, 4.0, (0.0, 1e-4, -1e-4, 1e-8, -1e-8, 1e-16, 1e-2, -1e-2, 20.0, -40.0, 80.0, -80.0, 699.0, -699.0, 700.0, -700.0))
_NOISES = (-3.0, 3.0, (0.0, 8.0, -8.0, 1e-9, 1.0))
_FEATURES = (-2.0, 2.0, (0.0, 1.0, 1e-4, 1e6, -1e6, 1 + 2.0**-40, 1e-12))
_LOGITS = (
    -4.0,
    4.0,
    (0.0, 1e-4, -1e-4, 20.0, -20.0, 40.0, -40.0, 100.0, -100.0, 700.0, -700.0, 720.0, -720.0, -745.0, 800.0, -800.0),
)
_PROBABILITIES = (0.0, 1.0, (0.0, 1.0, 0.5, 1e-12, 1 - 2.0**-53, 1e-4))
_ACTIVITIES = (-2.0, 2.0, (0.0, -0.0, 1e-30, -1e-30, 1e6, -1e6, 1.0))
_TARGETS = (0.1, 0.05, 0.5, 0.9, 0.01, 1e-6, 1 - 1e-6)
_EPSILONS = (1e-7, 1e-7, 1e-7, 1e-3, 1e-12)
_WEIGHTS = (1.0, 0.0, 0.05, 1e-3, 99.0)

Rng = np.random.Generator


def _array(rng: Rng, shape: tuple[int, int], low: float, high: float, edges: tuple[float, ...], at_edges: bool) -> np.ndarray:
    ordinary = rng.uniform(low, high, shape)
    if not at_edges:
        return ordinary
    return np.where(rng.random(shape) < 0.85, rng.choice(edges, shape), ordinary)


def _codings(rng: Rng, shape: tuple[int, int], target: float, epsilon: float, at_edges: bool) -> np.ndarray:
    """Activations whose batch means lie near 0, 1, the ends of the clip, or the target."""
    if not at_edges:
        return rng.random(shape)
    near = [0.0, 1e-300, 1e-9, 1e-4, epsilon, 1.0, 1 - 2.0**-53, 1 - 1e-4, 1 - epsilon, target]
    centre = rng.choice(near, shape[1]) * (1 + rng.choice([0.0, 2.0**-52, -(2.0**-52), 1e-8, -1e-8, 1e-3, -1e-3], shape[1]))
    # Rows that differ and still have the wanted mean, up to rounding: pairs are moved against each other.
    room = np.minimum(centre, 1 - centre) * rng.choice([0.0, 1.0], shape[1]) * rng.random(shape[1])
    signs = np.array([(-1.0) ** i if i + 1 < shape[0] or shape[0] % 2 == 0 else 0.0 for i in range(shape[0])])
    return np.clip(centre + signs[:, None] * room, 0.0, 1.0)


def _kl_sparsity(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    target = float(rng.choice(_TARGETS) if at_edges else rng.uniform(0.01, 0.99))
    epsilon, weight = float(rng.choice(_EPSILONS)), float(rng.choice(_WEIGHTS) if at_edges else rng.uniform(0.01, 2))
    return {"activations": _codings(rng, shape, target, epsilon, at_edges), "target": target, "weight": weight, "epsilon": epsilon}


def _l1(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    weight = float(rng.choice(_WEIGHTS) if at_edges else rng.uniform(0.01, 2))
    return {"activations": _array(rng, shape, *_ACTIVITIES, at_edges), "weight": weight}


def _arrays(
    reduced: bool, **ranges: tuple[float, float, tuple[float, ...]]
) -> Callable[[Rng, tuple[int, int], bool], dict[str, Any]]:
    def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
        inputs: dict[str, Any] = {name: _array(rng, shape, *bounds, at_edges) for name, bounds in ranges.items()}
        if at_edges and set(ranges) == {"inputs", "reconstructions"} and rng.random() < 0.5:
            inputs["reconstructions"] = inputs["inputs"] * (1 + rng.choice([0.0, 2.0**-52, 1e-8], shape))
        return {**inputs, "reduction": str(rng.choice(REDUCTIONS))} if reduced else inputs

    return draw


_DRAWS: Mapping[str, Callable[[Rng, tuple[int, int], bool], dict[str, Any]]] = {
    "kl_sparsity_loss": _kl_sparsity,
    "l1_activity_loss": _l1,
    "vae_kl_loss": _arrays(True, mean=_MEANS, log_var=_LOG_VARS),
    "reparameterize": _arrays(False, mean=_MEANS, log_var=_LOG_VARS, noise=_NOISES),
    "mean_squared_error": _arrays(True, inputs=_FEATURES, reconstructions=_FEATURES),
    "binary_cross_entropy": _arrays(True, targets=_PROBABILITIES, logits=_LOGITS),
}

FORMULAS = tuple(_DRAWS)


def points(name: str, count: int = POINTS) -> Iterator[dict[str, Any]]:
    """`count` sets of inputs of the formula, the odd ones at the edges."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for number in range(count):
        yield _DRAWS[name](rng, EXTENTS[rng.integers(len(EXTENTS))], bool(number % 2))


def cotangent_for(value: Any, number: int) -> np.ndarray:
    """A cotangent of the shape of the value, of mixed signs and sizes."""
    return np.random.default_rng(number).uniform(-2.0, 2.0, np.shape(value))
