"""The reparameterised sample."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_PLACE = "formulas.variational:reparameterize"
_SPECS = ("reparameterize", "VariationalAutoencoder")
_DEVIATION = "np.exp(0.5 * log_var)"
_SAMPLE = "mean + np.exp(0.5 * log_var) * noise"
_READING = "Which deviation belongs to γ = 0, and which to γ = 2? Take μ = 0 and noise 1."


def _sample(id: str, old: str, new: str, sentence: str, hint: str, seen: str) -> Fault:
    return Fault(id, _SPECS, sentence, hint, seen, changes=(Change(_PLACE, old, new),))


ENTRIES = (
    _sample(
        "variance_as_std",
        _DEVIATION,
        "np.exp(log_var)",
        "The variance e^γ is used as the standard deviation.",
        _READING,
        "ibp_vae #3, keras #3283, vae_tacotron2 #3",
    ),
    _sample(
        "std_squared", _DEVIATION, "np.exp(2 * log_var)", "The exponent is doubled instead of halved.", _READING, "think of a slip"
    ),
    _sample("std_rooted", _DEVIATION, "np.exp(0.25 * log_var)", "The root is taken twice.", _READING, "sqrt of what was halved"),
    _sample("log_var_as_std", _DEVIATION, "log_var", "γ itself is the deviation.", _READING, "think of a forgotten function"),
    _sample(
        "log_var_rooted",
        _DEVIATION,
        "np.sqrt(np.abs(log_var))",
        "The root of |γ| is the deviation: γ is read as a variance.",
        _READING,
        "think of a forgotten function",
    ),
    _sample("std_base_two", _DEVIATION, "np.exp2(0.5 * log_var)", "Powers of 2 stand for powers of e.", _READING, "base mixed up"),
    _sample(
        "std_offset",
        _DEVIATION,
        "(np.exp(0.5 * log_var) + 1e-5)",
        "A small constant is added to the deviation.",
        "What is the sample for γ = −80 and noise 1?",
        "think of a guard where none is needed",
    ),
    _sample("noise_negated", "mean +", "mean -", "The noise is subtracted.", "Take μ = 0, γ = 0, noise 1.", "think of a slip"),
    _sample(
        "noise_left_out",
        _SAMPLE,
        "mean + np.exp(0.5 * log_var)",
        "The deviation is added without noise.",
        "Does the sample depend on the noise?",
        "common in first attempts",
    ),
    _sample(
        "sampling_left_out",
        _SAMPLE,
        "mean + 0.0 * noise",
        "The mean is returned; nothing is sampled.",
        "Does the sample depend on the noise?",
        "inference code used in training",
    ),
    _sample("deviation_left_out", f"{_DEVIATION} * ", "", "The noise is not scaled.", "Does γ matter?", "think of a lost factor"),
    _sample(
        "mean_left_out",
        "mean + ",
        "",
        "The mean is not added.",
        "What is the sample where the noise is zero?",
        "think of a lost term",
    ),
    _sample(
        "noise_on_mean",
        _SAMPLE,
        "(mean + np.exp(0.5 * log_var)) * noise",
        "The noise multiplies the mean too.",
        "What is the sample where the noise is zero?",
        "think of lost parentheses",
    ),
    _sample(
        "mean_multiplied",
        "mean + ",
        "mean * ",
        "Mean and scaled noise are multiplied instead of added.",
        "What is the sample where the noise is zero?",
        "think of a slip",
    ),
    _sample(
        "same_noise_rows",
        "* noise",
        "* noise[:1]",
        "Every sample gets the noise of the first.",
        "Give two equal samples different noise.",
        "noise drawn of shape (latent,)",
    ),
    _sample(
        "same_noise_latent",
        "* noise",
        "* noise[:, :1]",
        "Every latent dimension gets the noise of the first.",
        "Change the noise of the last latent dimension alone.",
        "noise drawn of shape (batch, 1)",
    ),
    _sample("noise_magnitude", "* noise", "* np.abs(noise)", "The noise is never negative.", "Try noise −1.", "uniform for normal"),
    _sample("noise_squared", "* noise", "* noise**2", "The noise is squared.", "Try noise −1 and noise 2.", "think of a slip"),
    _sample(
        "heads_exchanged",
        _SAMPLE,
        "log_var + np.exp(0.5 * mean) * noise",
        "Mean and log-variance are exchanged.",
        "What is the sample where the noise is zero?",
        "two heads returned in the other order",
    ),
    _sample(
        "deviation_of_first",
        _DEVIATION,
        "np.exp(0.5 * log_var[:, :1])",
        "All dimensions share the deviation of the first.",
        "Change γ of the last latent dimension alone.",
        "think of a head with one output",
    ),
    Fault(
        "noise_drawn_inside",
        ("reparameterize",),
        "The noise is drawn inside; the one that is given is not used.",
        "Call your function twice with the same arguments.",
        "nearly all published samplers, which have no such argument",
        changes=(Change(_PLACE, "* noise", "* np.random.default_rng().standard_normal(noise.shape)"),),
        symptom="answers_differently",
    ),
)
