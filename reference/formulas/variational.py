"""The latent side of a variational autoencoder. γ = log σ² throughout, never log σ."""

from __future__ import annotations

import numpy as np

from reference.arguments import REDUCTIONS, cotangent_per_sample, one_of, real_array, reduce_batch, same_shape_and_dtype
from reference.domains import Choice, Reals
from reference.rounding import stored
from reference.specification import AcceptedForm, Array, KnownAnswer, Law, specify

_MEAN = Reals(("batch", "latent"), -1e3, 1e3, typical=(-3.0, 3.0), edges=(0.0, 1e-4, -1e-4, 1e3, -1e3))
_LOG_VAR = Reals(
    ("batch", "latent"), -700.0, 700.0, typical=(-4.0, 4.0), edges=(0.0, 1e-4, -1e-4, 1e-8, -1e-8, 1e-2, 80.0, -80.0, 700.0, -700.0)
)
# Both e^(γ/2) and √(e^γ) are finite here in every dtype but float16: where σ overflows, σ · 0 is NaN by IEEE arithmetic and nobody's mistake.
_LOG_VAR_TO_SAMPLE = Reals(
    ("batch", "latent"), -80.0, 80.0, typical=(-4.0, 4.0), edges=(0.0, 1e-4, -1e-4, 40.0, -40.0, 80.0, -80.0)
)


def vae_kl_loss_vjp(cotangent: Array, mean, log_var, reduction="mean") -> dict[str, Array]:
    """∂/∂μ = μ, ∂/∂γ = ½ (e^γ − 1), each times the sample's share."""
    row = cotangent_per_sample(cotangent, reduction, np.shape(mean)[0])
    with np.errstate(over="ignore"):
        return {"mean": row * mean, "log_var": row * 0.5 * stored(np.expm1(log_var))}


def _vae_kl_scale(mean, log_var, reduction="mean") -> Array:
    """Terms ½μ², ½|e^γ−1|, ½|γ| of the stable form, and conditioning |μ·μ| + ½|γ(e^γ−1)|."""
    with np.errstate(over="ignore"):
        growth = np.abs(np.expm1(log_var))
        per_sample = 0.5 * (3 * np.square(mean) + growth + np.abs(log_var) + np.abs(log_var) * growth).sum(axis=1)
        return reduce_batch(per_sample, reduction)


def _vae_kl_gradient_scale(cotangent, mean, log_var, reduction="mean") -> dict[str, Array]:
    """Automatic differentiation adds ½e^γ and −½, even where the value is computed by expm1; γ moves the first by ½γe^γ."""
    row = np.abs(cotangent_per_sample(cotangent, reduction, np.shape(mean)[0]))
    with np.errstate(over="ignore"):
        return {"mean": row * np.abs(mean), "log_var": row * 0.5 * (1 + np.exp(log_var) * (1 + np.abs(log_var)))}


def _vae_kl_literally(mean, log_var, reduction="mean") -> Array:
    with np.errstate(over="ignore"):
        return reduce_batch(-0.5 * (1 + log_var - mean**2 - np.exp(log_var)).sum(axis=1), reduction)


def _vae_kl_literally_scale(mean, log_var, reduction="mean") -> Array:
    """Terms ½, ½|γ|, ½μ² and ½e^γ as they are added; what they move with is as in the stable form."""
    with np.errstate(over="ignore"):
        per_sample = 0.5 * (1 + np.abs(log_var) + np.square(mean) + np.exp(log_var)).sum(axis=1)
        return reduce_batch(per_sample, reduction) + _vae_kl_scale(mean, log_var, reduction)


_VAE_KL_AS_PRINTED = AcceptedForm(
    name="naive_cancellation",
    equation="−½ Σ_D (1 + γ − μ² − e^γ)",
    remark={"en": "loses digits near γ = 0", "ko": "γ = 0 근처에서 유효숫자를 잃습니다"},
    evaluate=_vae_kl_literally,
    error_scale=_vae_kl_literally_scale,
)


def _flipped(x):
    return {**x, "mean": -x["mean"]}


@specify(
    equation="−½ Σ_D (1 + γ − μ² − e^γ) a sample; mean, sum or none over the batch",
    source="000 §5.2",
    inputs={"mean": _MEAN, "log_var": _LOG_VAR, "reduction": Choice(REDUCTIONS)},
    vjp=vae_kl_loss_vjp,
    error_scale=_vae_kl_scale,
    gradient_scale=_vae_kl_gradient_scale,
    laws=(
        Law("the sign of the mean does not matter", lambda f, x: (f(**_flipped(x)), f(**x))),
        Law("a divergence is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law(
            "the sum over the batch is the sum of the samples",
            lambda f, x: (f(**{**x, "reduction": "sum"}), f(**{**x, "reduction": "none"}).sum()),
        ),
    ),
    known_answers=(
        KnownAnswer({"mean": np.zeros((2, 3)), "log_var": np.zeros((2, 3))}, 0.0, "KL(N(0,1)‖N(0,1)) = 0"),
        KnownAnswer(
            {"mean": np.array([[1.0, -2.0]]), "log_var": np.log(np.array([[4.0, 0.25]]))}, 0.5 * (5 + 2.25), "by hand: γ cancel"
        ),
    ),
    roundings=8,
    accepted=(_VAE_KL_AS_PRINTED,),
)
def vae_kl_loss(mean, log_var, reduction: str = "mean") -> Array:
    """Closed-form KL divergence of N(μ, e^γ) from the standard normal.

    Per sample −½ Σ_D (1 + γ − μ² − e^γ) = ½ Σ_D (μ² + (e^γ − 1) − γ), the second form being the stable one.

    Args:
        mean: μ, (B, D).
        log_var: γ = log σ², (B, D). Not clamped: where e^γ overflows the value is +∞, never NaN.
        reduction: over the batch, "mean" | "sum" | "none". The latent axis is always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN or infinity, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 000 §5.2; Kingma & Welling 2014, appendix B.

    >>> float(vae_kl_loss(np.array([[1.0, 0.0]]), np.zeros((1, 2))))
    0.5
    """
    same_shape_and_dtype("mean", mean, "log_var", log_var)
    mean, log_var = real_array("mean", mean, rank=2), real_array("log_var", log_var, rank=2)
    reduction = one_of("reduction", reduction, REDUCTIONS)
    with np.errstate(over="ignore"):
        per_sample = 0.5 * (mean * mean + (stored(np.expm1(log_var)) - log_var)).sum(axis=1)
        return reduce_batch(per_sample, reduction)


def reparameterize_vjp(cotangent: Array, mean, log_var, noise) -> dict[str, Array]:
    """∂/∂μ = 1, ∂/∂γ = ½ e^(γ/2) ε, ∂/∂ε = e^(γ/2)."""
    deviation = stored(np.exp(0.5 * np.asarray(log_var)))
    return {"mean": cotangent * np.ones_like(mean), "log_var": cotangent * 0.5 * deviation * noise, "noise": cotangent * deviation}


def _reparameterize_gradient_scale(cotangent, mean, log_var, noise) -> dict[str, Array]:
    deviation = np.exp(0.5 * np.asarray(log_var)) * (1 + 0.5 * np.abs(log_var)) * np.abs(cotangent)
    return {"mean": np.abs(cotangent) * np.ones_like(mean), "log_var": 0.5 * deviation * np.abs(noise), "noise": deviation}


@specify(
    equation="μ + e^(γ/2) · ε",
    source="000 §5.1",
    inputs={
        "mean": _MEAN,
        "log_var": _LOG_VAR_TO_SAMPLE,
        "noise": Reals(("batch", "latent"), -8.0, 8.0, typical=(-3.0, 3.0), edges=(0.0,), data=True),
    },
    vjp=reparameterize_vjp,
    error_scale=lambda mean, log_var, noise: (
        np.abs(mean) + np.abs(noise) * np.exp(0.5 * np.asarray(log_var)) * (2 + 0.5 * np.abs(log_var))
    ),
    gradient_scale=_reparameterize_gradient_scale,
    laws=(
        Law("without noise the sample is the mean", lambda f, x: (f(**{**x, "noise": 0 * x["noise"]}), x["mean"])),
        Law("γ = 0 adds the noise itself", lambda f, x: (f(**{**x, "log_var": 0 * x["log_var"]}), x["mean"] + x["noise"])),
    ),
    known_answers=(
        KnownAnswer(
            {"mean": np.array([[1.0, 2.0]]), "log_var": np.array([[0.0, 2 * np.log(3.0)]]), "noise": np.array([[0.5, -1.0]])},
            np.array([[1.5, -1.0]]),
            "by hand: σ = 1 and 3",
        ),
    ),
    roundings=6,
)
def reparameterize(mean, log_var, noise) -> Array:
    """A sample of N(μ, e^γ) as a differentiable function of μ and γ: μ + e^(γ/2) · ε.

    Args:
        mean, log_var, noise: μ, γ = log σ² and ε, each (B, D). The noise is an argument so that every framework can be given the same.

    Returns:
        (B, D).

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN or infinity.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 000 §5.1; Kingma & Welling 2014, §2.4.

    >>> reparameterize(np.array([[1.0]]), np.array([[0.0]]), np.array([[0.5]]))
    array([[1.5]])
    """
    same_shape_and_dtype("mean", mean, "log_var", log_var)
    same_shape_and_dtype("mean", mean, "noise", noise)
    mean, log_var, noise = (real_array(n, a, rank=2) for n, a in (("mean", mean), ("log_var", log_var), ("noise", noise)))
    with np.errstate(over="ignore"):
        return mean + stored(np.exp(0.5 * log_var)) * noise
