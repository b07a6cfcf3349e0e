"""The two losses of a generative adversarial network, from the discriminator's logits."""

from __future__ import annotations

import numpy as np

from reference.arguments import one_of, real_array, same_dtype
from reference.domains import Choice, Reals
from reference.specification import Array, KnownAnswer, Law, specify

GENERATOR_LOSSES = ("non_saturating", "minimax")
_REAL = Reals(("reals", "units"), -800.0, 800.0, typical=(-4.0, 4.0), edges=(0.0, 20.0, -20.0, 40.0, -40.0, 800.0, -800.0))
_FAKE = Reals(("fakes", "units"), -800.0, 800.0, typical=(-4.0, 4.0), edges=(0.0, 20.0, -20.0, 40.0, -40.0, 800.0, -800.0))


def _mean_scale(logits: Array) -> Array:
    """As of cross-entropy from logits: libraries add terms as large as |z| that cancel."""
    return (2.0 * np.abs(logits) + np.log1p(np.exp(-np.abs(logits)))).mean()


def _mean_gradient_scale(cotangent: Array, logits: Array) -> Array:
    """σ(z) and the label, and σ as e^(z − ln(1 + e^z)), whose exponent is rounded."""
    return np.abs(cotangent) * (2.0 + np.abs(logits)) / np.size(logits)


@specify(
    equation="mean of ln(1 + e^−r) + mean of ln(1 + e^f)",
    source="004; Goodfellow et al. 2014, eq. 1",
    inputs={"real_logits": _REAL, "fake_logits": _FAKE},
    error_scale=lambda real_logits, fake_logits: _mean_scale(real_logits) + _mean_scale(fake_logits),
    gradient_scale=lambda cotangent, **logits: {name: _mean_gradient_scale(cotangent, z) for name, z in logits.items()},
    smooth=True,
    laws=(
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law(
            "real and fake are told apart by the sign alone",
            lambda f, x: (f(real_logits=-x["fake_logits"], fake_logits=-x["real_logits"]), f(**x)),
        ),
    ),
    known_answers=(
        KnownAnswer(
            {"real_logits": np.array([[0.0]]), "fake_logits": np.array([[0.0], [0.0]])}, 2.0 * float(np.log(2.0)), "eq. 5: −log ¼"
        ),
    ),
    roundings=10,
)
def gan_discriminator_loss(real_logits, fake_logits) -> Array:
    """Cross-entropy of a discriminator that is to call the real real and the fake fake; each of the two is averaged by itself.

    Args:
        real_logits: r, (R, K): what the discriminator says of real samples.
        fake_logits: f, (F, K): and of generated ones, as many or not.

    Returns:
        A scalar in nats.

    Raises:
        ValueError: wrong rank, empty batch, NaN.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 004; I. Goodfellow et al., Generative Adversarial Nets, 2014.

    >>> round(float(gan_discriminator_loss(np.array([[0.0]]), np.array([[0.0]]))), 6)
    1.386294
    """
    real = real_array("real_logits", real_logits, rank=2)
    same_dtype("real_logits", real_logits, "fake_logits", fake_logits)
    fake = real_array("fake_logits", fake_logits, rank=2)
    return np.logaddexp(0.0, -real).mean() + np.logaddexp(0.0, fake).mean()


@specify(
    equation='mean of ln(1 + e^−f) for "non_saturating", −mean of ln(1 + e^f) for "minimax"',
    source="004; Goodfellow et al. 2014, §3",
    inputs={"fake_logits": _FAKE, "kind": Choice(GENERATOR_LOSSES)},
    error_scale=lambda fake_logits, kind="non_saturating": _mean_scale(fake_logits),
    gradient_scale=lambda cotangent, fake_logits, kind="non_saturating": {
        "fake_logits": _mean_gradient_scale(cotangent, fake_logits)
    },
    smooth=True,
    laws=(
        Law(
            "whoever fools the discriminator more loses less",
            lambda f, x: (f(**x), f(**{**x, "fake_logits": x["fake_logits"] + 1.0})),
            ">=",
        ),
        Law(
            "minimax is the other kind of the opposite logits, with its sign turned",
            lambda f, x: (
                f(fake_logits=x["fake_logits"], kind="minimax"),
                -f(fake_logits=-x["fake_logits"], kind="non_saturating"),
            ),
        ),
    ),
    known_answers=(
        KnownAnswer({"fake_logits": np.array([[0.0]]), "kind": "minimax"}, -float(np.log(2.0)), "by hand"),
        KnownAnswer({"fake_logits": np.array([[-800.0], [0.0]])}, 400.0 + 0.5 * float(np.log(2.0)), "by hand"),
    ),
    roundings=10,
)
def gan_generator_loss(fake_logits, kind: str = "non_saturating") -> Array:
    """What a generator loses where the discriminator sees through it.

    Args:
        fake_logits: f, (F, K): what the discriminator says of generated samples.
        kind: "non_saturating", whose slope is steep where the generator is bad | "minimax", the discriminator's loss with its sign turned.

    Returns:
        A scalar in nats.

    Raises:
        ValueError: wrong rank, empty batch, NaN, unknown kind.
        TypeError: not a real array.

    Source: lecture notes 004; I. Goodfellow et al., Generative Adversarial Nets, 2014, §3.

    >>> round(float(gan_generator_loss(np.array([[0.0]]))), 6)
    0.693147
    """
    fake = real_array("fake_logits", fake_logits, rank=2)
    if one_of("kind", kind, GENERATOR_LOSSES) == "minimax":
        return -np.logaddexp(0.0, fake).mean()
    return np.logaddexp(0.0, -fake).mean()
