"""Legitimate other meanings of the variational autoencoder: of its second head, and of how its two terms are weighed."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_VAE = "models.variational:VariationalAutoencoder"
_ACTIVATIONS = f"{_VAE}.activations"
_LOSS = f"{_VAE}.loss_terms"
_GRADIENTS = f"{_VAE}.gradients"
_BETA = "np.asarray(self.beta)"
_KL = "self.beta * vae_kl_loss"
_KL_VJP = 'vae_kl_loss_vjp(np.asarray(self.beta), named["mean"], named["log_var"])'
_SAMPLE_VJP = 'reparameterize_vjp(coding_bar, named["mean"], named["log_var"], np.asarray(noise, dtype=np.float64))'
_BOTH_BARS = "through_sample[head.name] + through_kl[head.name]"


def _variant(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, ("VariationalAutoencoder",), sentence, hint, seen, "variant", changes)


def _spread(id: str, sentence: str, hint: str, seen: str, log_var: str, slope: str) -> Fault:
    """Another meaning of the second head h: γ = log_var(h) and ∂γ/∂h = slope(h)."""
    of_head, in_gradients = log_var.format(h='encoded["log_var"]'), log_var.format(h='named["log_var"]')
    chained = slope.format(h='named["log_var"]')
    return _variant(
        id,
        sentence,
        hint,
        seen,
        Change(_ACTIVATIONS, 'encoded["log_var"]', of_head),
        Change(_LOSS, 'named["log_var"]', in_gradients),
        Change(_GRADIENTS, _SAMPLE_VJP, _SAMPLE_VJP.replace('named["log_var"]', in_gradients)),
        Change(_GRADIENTS, _KL_VJP, _KL_VJP.replace('named["log_var"]', in_gradients)),
        Change(_GRADIENTS, _BOTH_BARS, f'({_BOTH_BARS}) * ({chained} if head.name == "log_var" else 1.0)'),
    )


ENTRIES = (
    _spread(
        "log_sigma_head",
        "The second head is log σ instead of log σ².",
        "With noise 1 and μ = 0, what is the logarithm of the sample?",
        "many published autoencoders; the contract's `log_sigma`",
        "2.0 * {h}",
        "2.0",
    ),
    _spread(
        "softplus_sigma_head",
        "The second head is a number whose softplus is σ.",
        "With noise 1 and μ = 0, what is the sample where the second head is 0?",
        "TensorFlow Probability's examples; the contract's `softplus_sigma`",
        "2.0 * np.log(np.logaddexp(0.0, {h}))",
        "2.0 / (1.0 + np.exp(-{h})) / np.logaddexp(0.0, {h})",
    ),
    _variant(
        "geron_784",
        "The reconstruction is averaged over the features and the KL term divided by their number.",
        "By which factor is each term wrong, and does it depend on the width of the input?",
        "handson-ml2, chapter 17: K.mean(latent_loss) / 784.",
        Change(_LOSS, 'named, "sum")', 'named, "mean")'),
        Change(_LOSS, _KL, "self.beta / self.sizes[0] * vae_kl_loss"),
        Change(_GRADIENTS, 'self.output_activation, "sum")', 'self.output_activation, "mean")'),
        Change(_GRADIENTS, _BETA, "np.asarray(self.beta / self.sizes[0])"),
    ),
    _variant(
        "vae_half_sse",
        "The squared error is halved, as for a Gaussian decoder of variance 1.",
        "By which factor is the reconstruction term wrong?",
        "the Gaussian log-likelihood of Kingma & Welling 2014",
        Change(_LOSS, "reconstruction = ", 'reconstruction = (0.5 if self.loss == "mean_squared_error" else 1.0) * '),
        Change(
            _GRADIENTS,
            "z_bar = reconstruction_vjp",
            'z_bar = (0.5 if self.loss == "mean_squared_error" else 1.0) * reconstruction_vjp',
        ),
    ),
    _variant(
        "vae_sum_bce",
        "The reconstruction term is the cross-entropy, also where the squared error is asked for.",
        "Is it right for the loss binary_cross_entropy?",
        "pytorch/examples vae/main.py, Kingma & Welling's Bernoulli decoder",
        Change(_LOSS, "reconstruction_loss(self.loss", 'reconstruction_loss("binary_cross_entropy"'),
        Change(_GRADIENTS, "reconstruction_vjp(self.loss", 'reconstruction_vjp("binary_cross_entropy"'),
    ),
    _variant(
        "batch_over_dataset",
        "The KL term is weighed by B / 60,000, the share of a batch in MNIST.",
        "How does the KL term change with the size of the batch?",
        "AntixK/PyTorch-VAE: kld_weight = batch / dataset",
        Change(_LOSS, _KL, "self.beta * len(np.asarray(inputs)) / 60_000 * vae_kl_loss"),
        Change(_GRADIENTS, _BETA, "np.asarray(self.beta * len(x) / 60_000)"),
    ),
    _variant(
        "vae_mc_kl",
        "The KL term is the one-sample estimate log q(z) − log p(z) instead of the closed form.",
        "Can the KL term be negative, and does it change with the noise?",
        "TensorFlow's CVAE tutorial",
        Change(
            _LOSS,
            'vae_kl_loss(named["mean"], named["log_var"])',
            '0.5 * (named["coding"] ** 2 - named["log_var"] - np.asarray(noise) ** 2).sum(axis=1).mean()',
        ),
        Change(_GRADIENTS, "reparameterize_vjp(coding_bar", 'reparameterize_vjp(coding_bar + self.beta * named["coding"] / len(x)'),
        Change(_GRADIENTS, _KL_VJP, '{"mean": 0.0, "log_var": np.full_like(named["log_var"], -0.5 * self.beta / len(x))}'),
    ),
)
