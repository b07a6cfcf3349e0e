"""The divergence of a variational autoencoder. What the sample reads in the same way stands in `second_head`."""

from __future__ import annotations

import numpy as np

from conformance.faults.fault import Change, Fault, Kind

_PLACE = "formulas.variational:vae_kl_loss"
_SPECS = ("vae_kl_loss", "VariationalAutoencoder")
_FUNCTION = ("vae_kl_loss",)
_VARIANCE = "(np.expm1(log_var) - log_var)"
_GAMMA = 'real_array("log_var", log_var, rank=2)'
_MU = 'real_array("mean", mean, rank=2)'
_REDUCED = "return reduce_batch(per_sample, reduction)"
_HALF = "What is the loss for γ = 0 and a single mean of 1? Compute it by hand."
_READING = "What does the second head hold: σ, σ², or the logarithm of one of them? Try μ = 0 and a few values of γ."
_BATCH = "How does the loss change when every sample is stated twice, for each of the reductions?"


def _kl(
    id: str, old: str, new: str, sentence: str, hint: str, seen: str, kind: Kind = "fault", specs: tuple[str, ...] = _SPECS
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, kind, (Change(_PLACE, old, new),))


def _cancelled(mean, log_var, reduction="mean"):
    """Magnitudes of the terms of 1 + γ − μ² − e^γ as they are added."""
    rows = 0.5 * (1 + np.abs(log_var) + np.square(mean) + np.exp(log_var)).sum(axis=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()


ENTRIES = (
    _kl("half_missing", "0.5 * (mean", "(mean", "The factor ½ is missing.", _HALF, "common in tutorials"),
    Fault(
        "kl_twice",
        _SPECS,
        "The divergence is counted twice.",
        _HALF,
        "tensorflow/probability #1215",
        changes=(Change(_PLACE, "0.5 * (mean", "2 * 0.5 * (mean"),),
        same_as="half_missing",  # twice the divergence is the divergence without its ½
    ),
    _kl(
        "half_on_mean_only",
        "0.5 * (mean * mean",
        "(0.5 * mean * mean",
        "The factor ½ is on μ² only.",
        _HALF,
        "think of lost parentheses",
    ),
    _kl(
        "half_on_variance_only",
        f"0.5 * (mean * mean + {_VARIANCE})",
        f"(mean * mean + 0.5 * {_VARIANCE})",
        "The factor ½ is missing on μ².",
        _HALF,
        "think of lost parentheses",
    ),
    _kl("kl_negated", "0.5 * (mean", "-0.5 * (mean", "The sign is wrong.", "Can a divergence be negative?", "gumbel #3"),
    _kl(
        "variance_squared",
        "np.expm1(log_var)",
        "np.expm1(2 * log_var)",
        "e^γ is read as σ and squared, while γ itself is read as log σ².",
        _READING,
        "think of code half converted from σ to γ",
    ),
    _kl(
        "log_squared",
        "- log_var)",
        "- log_var * log_var)",
        "The logarithm is squared where the logarithm of the square belongs.",
        _READING,
        "FluxML model-zoo #73",
    ),
    _kl(
        "log_var_doubled",
        "- log_var)",
        "- 2 * log_var)",
        "γ enters twice: it is read as log σ and doubled.",
        _READING,
        "common in tutorials",
    ),
    _kl(
        "log_var_missing",
        f"{_VARIANCE}",
        "np.expm1(log_var)",
        "The term γ is missing.",
        "Is γ = 0 a minimum?",
        "think of a lost term",
    ),
    _kl("exp_missing", "np.expm1(log_var)", "-1.0", "The term e^γ is missing.", "Is γ = 0 a minimum?", "think of a lost term"),
    _kl(
        "one_missing",
        "np.expm1(log_var)",
        "np.exp(log_var)",
        "The 1 is missing.",
        "What is KL(N(0, 1) ‖ N(0, 1))?",
        "think of a lost term",
    ),
    _kl(
        "terms_exchanged",
        _VARIANCE,
        "(log_var - np.expm1(log_var))",
        "γ and e^γ are exchanged, so their signs are wrong.",
        "Is your loss smallest or largest at γ = 0?",
        "copied with a sign error",
    ),
    _kl(
        "mean_not_squared", "mean * mean", "mean", "μ is not squared.", "Is the loss the same for μ and −μ?", "common in tutorials"
    ),
    _kl(
        "mean_magnitude",
        "mean * mean",
        "np.abs(mean)",
        "|μ| stands for μ².",
        "How does the loss grow when μ doubles?",
        "think of L1",
    ),
    _kl("mean_term_missing", "mean * mean + ", "", "The term μ² is missing.", "Does the loss depend on μ?", "think of a lost term"),
    _kl(
        "kl_reversed",
        f"mean * mean + {_VARIANCE}",
        "(1.0 + mean * mean) * np.exp(-log_var) - 1.0 + log_var",
        "The divergence runs the other way: of the prior from the posterior.",
        "A divergence is not symmetric: which of the two distributions is averaged over?",
        "calls of kl_divergence with exchanged arguments",
    ),
    _kl(
        "tanh_log_var",
        _GAMMA,
        f"np.tanh({_GAMMA})",
        "A tanh is applied to γ.",
        "Which values can γ take? Try γ = 3.",
        "heads with an activation",
        specs=_FUNCTION,
    ),
    _kl(
        "relu_log_var",
        _GAMMA,
        f"np.maximum({_GAMMA}, 0.0)",
        "A ReLU is applied to γ, so that no variance is below 1.",
        "Which values can γ take? Try γ = −1.",
        "heads with an activation",
        specs=_FUNCTION,
    ),
    _kl(
        "relu_mean",
        _MU,
        f"np.maximum({_MU}, 0.0)",
        "A ReLU is applied to μ.",
        "Is the loss the same for μ and −μ?",
        "heads with an activation",
        specs=_FUNCTION,
    ),
    _kl(
        "tanh_mean",
        _MU,
        f"np.tanh({_MU})",
        "A tanh is applied to μ.",
        "How large can your loss become through μ alone?",
        "heads with an activation",
        specs=_FUNCTION,
    ),
    _kl(
        "latent_axis",
        ".sum(axis=1)",
        ".sum(axis=0)",
        "The sum runs over the batch instead of the latent dimensions.",
        "How many numbers does the reduction 'none' return, and what do they belong to?",
        "think of exchanged axes",
    ),
    _kl(
        "last_latent_lost",
        ".sum(axis=1)",
        "[:, :-1].sum(axis=1)",
        "The last latent dimension is left out.",
        "Which dimensions does your loop or slice reach? Change only the last one.",
        "loops that end one too early",
    ),
    _kl(
        "mean_for_sum",
        _REDUCED,
        "return per_sample if reduction == 'none' else per_sample.mean()",
        "The reduction 'sum' averages.",
        _BATCH,
        "think of a branch forgotten",
        specs=_FUNCTION,
    ),
    _kl(
        "kl_reduction_ignored",
        _REDUCED,
        "return per_sample.mean()",
        "The reduction is not looked at: it is always the mean.",
        "Call your function once with each of the reductions.",
        "think of an argument that was added and forgotten",
        specs=_FUNCTION,
    ),
    _kl(
        "kl_batch_twice",
        _REDUCED,
        f"{_REDUCED} / len(mean)",
        "The result is divided by the batch size once more.",
        _BATCH,
        "losses that average what is already an average",
    ),
    _kl(
        "kl_default_sum",
        'reduction: str = "mean"',
        'reduction: str = "sum"',
        "The reduction is the sum by default.",
        "Call the function without the optional argument.",
        "PyTorch copies of the original example",
        specs=_FUNCTION,
    ),
    _kl(
        "sum_sum",
        _REDUCED,
        'return reduce_batch(per_sample, "sum" if reduction == "mean" else reduction)',
        "The divergence is summed over the batch too.",
        _BATCH,
        "pytorch/examples",
        kind="variant",
    ),
    _kl(
        "mean_latent",
        ".sum(axis=1)",
        ".mean(axis=1)",
        "The divergence is averaged over the latent dimensions.",
        "How does the loss change when every latent dimension is stated twice?",
        "keras-molecules #59, keras-io #270, grammarVAE #2",
        kind="variant",
    ),
    _kl(
        "none_elements",
        _REDUCED,
        f"{_REDUCED} if reduction != 'none' else 0.5 * (mean * mean + np.expm1(log_var) - log_var)",
        "Without a reduction the latent dimensions are not summed: it returns (B, D).",
        "Of which shape is the result of the reduction 'none'?",
        "torch.distributions.kl_divergence",
        kind="variant",
        specs=_FUNCTION,
    ),
    _kl(
        "free_bits",
        f"0.5 * (mean * mean + {_VARIANCE}).sum(axis=1)",
        f"np.maximum(0.5 * (mean * mean + {_VARIANCE}), 0.5).sum(axis=1)",
        "Every latent dimension costs at least half a nat.",
        "What is the loss for μ = 0 and γ = 0?",
        "Kingma et al. 2016, free bits",
        kind="variant",
    ),
    Fault(
        "naive_cancellation",
        _FUNCTION,
        "Computed as 1 + γ − μ² − e^γ, it loses the digits near γ = 0.",
        "How many digits of e^γ − 1 are left for γ = 1e-8?",
        "nearly all published code",
        "variant",
        (Change(_PLACE, _VARIANCE, "(np.exp(log_var) - 1.0 - log_var)"),),
        noise=_cancelled,
    ),
    Fault(
        "mc_kl",
        _FUNCTION,
        "The divergence is estimated from one random sample instead of computed.",
        "Call your function twice with the same arguments.",
        "Kingma & Welling 2014, the estimator A; many flow models",
        "variant",
        (
            Change(
                _PLACE,
                f"(mean * mean + {_VARIANCE})",
                "((mean + np.exp(0.5 * log_var) * (e := np.random.default_rng().standard_normal(mean.shape))) ** 2 - e * e - log_var)",
            ),
        ),
        symptom="answers_differently",
    ),
)
