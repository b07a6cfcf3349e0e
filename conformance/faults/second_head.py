"""Other readings of the second head, in the divergence and in the sample at once."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_PLACE = "formulas.variational:vae_kl_loss"
_SAMPLE = "formulas.variational:reparameterize"
_WHOLE = ("vae_kl_loss", "reparameterize", "VariationalAutoencoder")
_VARIANCE = "(np.expm1(log_var) - log_var)"
_GAMMA = 'real_array("log_var", log_var, rank=2)'
_DEVIATION = "np.exp(0.5 * log_var)"
_READING = "What does the second head hold: σ, σ², or the logarithm of one of them? Try μ = 0 and a few values of γ."


def _both(id: str, kl: Change, deviation: str, sentence: str, hint: str, seen: str) -> Fault:
    """A variant that reads the second head in its own way, in the divergence and in the sample."""
    return Fault(id, _WHOLE, sentence, hint, seen, "variant", (kl, Change(_SAMPLE, _DEVIATION, deviation)))


def _clamped(id: str, low: float, high: float, seen: str) -> Fault:
    return _both(
        id,
        Change(_PLACE, _GAMMA, f"np.clip({_GAMMA}, {low}, {high})"),
        f"np.exp(0.5 * np.clip(log_var, {low}, {high}))",
        f"γ is clamped to [{low:g}, {high:g}].",
        "How does the loss go on for very large and very small γ?",
        seen,
    )


ENTRIES = (
    _both(
        "log_sigma",
        Change(_PLACE, _VARIANCE, "(np.expm1(2 * log_var) - 2 * log_var)"),
        "np.exp(log_var)",
        "The second head is read as log σ, not log σ².",
        _READING,
        "common in tutorials",
    ),
    _both(
        "softplus_sigma",
        Change(_PLACE, _VARIANCE, "(np.logaddexp(0.0, log_var) ** 2 - 1.0 - 2.0 * np.log(np.logaddexp(0.0, log_var)))"),
        "np.logaddexp(0.0, log_var)",
        "σ is the softplus of the second head.",
        _READING,
        "TensorFlow Probability's examples",
    ),
    _clamped("clamped_logvar", -10.0, 10.0, "common where training blew up"),
    _clamped("clamped_logvar_20", -20.0, 20.0, "common where training blew up"),
    _clamped("clamped_logvar_30_20", -30.0, 20.0, "CompVis/latent-diffusion and huggingface/diffusers"),
)
