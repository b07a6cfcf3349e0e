"""Gradients of right values on the latent side: changes of the vector-Jacobian products."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_VAE, _SAMPLE = "vae_kl_loss", "reparameterize"
_CHECK = "Change one input by a little: does the value change as the gradient says? Try"
_BATCH = "How does the gradient of one sample change when the batch grows by samples with a gradient of zero?"
_DETACHED = "Which of your operations leave the graph? Look for values that were copied, converted or marked as constant."
_COTANGENT = "What becomes of the gradient when the loss is multiplied by a number afterwards?"


def _vjp(function: str, id: str, old: str, new: str, sentence: str, hint: str, seen: str = "think of a gradient by hand") -> Fault:
    return Fault(
        id,
        (function, "VariationalAutoencoder"),
        sentence,
        hint,
        seen,
        changes=(Change(f"formulas.variational:{function}_vjp", old, new),),
    )


ENTRIES = (
    _vjp(
        _VAE,
        "kl_gradient_mean_half",
        "row * mean",
        "row * 0.5 * mean",
        "The gradient by the mean is halved.",
        f"{_CHECK} the mean.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_mean_doubled",
        "row * mean",
        "row * 2.0 * mean",
        "The gradient by the mean is doubled.",
        f"{_CHECK} the mean.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_mean_sign",
        "row * mean",
        "-row * mean",
        "The gradient by the mean has the wrong sign.",
        f"{_CHECK} the mean.",
    ),
    _vjp(
        _VAE, "kl_gradient_mean_detached", "row * mean", "0.0 * row * mean", "The mean is cut off: its gradient is zero.", _DETACHED
    ),
    _vjp(
        _VAE,
        "kl_gradient_log_var_doubled",
        "row * 0.5 * np",
        "row * np",
        "The factor ½ is missing in the gradient by γ.",
        f"{_CHECK} γ.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_log_var_sign",
        "row * 0.5 * np",
        "-row * 0.5 * np",
        "The gradient by γ has the wrong sign.",
        f"{_CHECK} γ.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_one_missing",
        "np.expm1(log_var)",
        "np.exp(log_var)",
        "The gradient by γ lacks the −½.",
        f"{_CHECK} γ = 0.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_exp_missing",
        "np.expm1(log_var)",
        "(0.0 * log_var - 1.0)",
        "The gradient by γ lacks e^γ.",
        f"{_CHECK} γ = 1.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_log_var_detached",
        "row * 0.5 * np.expm1(log_var)",
        "0.0 * row * log_var",
        "γ is cut off: its gradient is zero.",
        _DETACHED,
    ),
    _vjp(
        _VAE,
        "kl_gradient_exchanged",
        '{"mean": row * mean, "log_var": row * 0.5 * np.expm1(log_var)}',
        '{"mean": row * 0.5 * np.expm1(log_var), "log_var": row * mean}',
        "The gradients by μ and γ are exchanged.",
        f"{_CHECK} μ alone.",
    ),
    _vjp(
        _VAE,
        "kl_gradient_batch",
        "_per_sample(cotangent, reduction,",
        '_per_sample(cotangent, "sum",',
        "The mean over the batch does not divide the gradient.",
        _BATCH,
    ),
    _vjp(
        _VAE,
        "kl_gradient_batch_twice",
        "row * mean,",
        "row / len(mean) * mean,",
        "The gradient by μ is divided by the batch size twice.",
        _BATCH,
    ),
    _vjp(
        _VAE,
        "kl_gradient_cotangent",
        "_per_sample(cotangent,",
        "_per_sample(np.ones_like(cotangent),",
        "The gradient that arrives is not passed on.",
        _COTANGENT,
    ),
    _vjp(
        _VAE,
        "kl_gradient_clipped",
        "np.expm1(log_var)",
        "np.clip(np.expm1(log_var), -1.0, 10.0)",
        "The gradient by γ is clipped.",
        f"{_CHECK} a large γ.",
        "think of gradient clipping in the wrong place",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_half",
        "0.5 * deviation * noise",
        "deviation * noise",
        "The factor ½ is missing in the gradient by γ.",
        f"{_CHECK} γ.",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_noise_lost",
        "0.5 * deviation * noise",
        "0.5 * deviation",
        "The gradient by γ lacks the noise.",
        f"{_CHECK} γ, with noise 2.",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_deviation_lost",
        "0.5 * deviation * noise",
        "0.5 * np.asarray(noise)",
        "The gradient by γ lacks the deviation.",
        f"{_CHECK} γ = 2.",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_log_var_detached",
        "cotangent * 0.5",
        "0.0 * cotangent",
        "γ is cut off: its gradient is zero.",
        _DETACHED,
        "samplers of a library without the reparameterisation",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_mean_detached",
        "cotangent * np.ones_like(mean)",
        "np.zeros_like(mean)",
        "The mean is cut off: its gradient is zero.",
        _DETACHED,
        "samplers of a library without the reparameterisation",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_mean_scaled",
        "cotangent * np.ones_like(mean)",
        "cotangent * deviation",
        "The gradient by the mean carries the deviation.",
        f"{_CHECK} the mean.",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_variance",
        "np.exp(0.5 * np.asarray(log_var))",
        "np.exp(np.asarray(log_var))",
        "The gradients carry the variance instead of the deviation.",
        f"{_CHECK} γ = 2.",
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_noise_detached",
        '"noise": cotangent * deviation',
        '"noise": 0.0 * deviation',
        "The noise is cut off: its gradient is zero.",
        _DETACHED,
    ),
    _vjp(
        _SAMPLE,
        "sample_gradient_cotangent",
        "cotangent * np.ones_like(mean)",
        "np.ones_like(mean)",
        "The gradient that arrives is not passed on to the mean.",
        _COTANGENT,
    ),
)
