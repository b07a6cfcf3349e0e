"""The variational autoencoder as a model: heads, sample, the two terms and their weight. KL and sample are formulas; `variational_variants` has
other weights and other meanings of the second head.
"""

from __future__ import annotations

from conformance.faults.families import UNSEEN
from conformance.faults.fault import Change, Fault

_VAE = "models.variational:VariationalAutoencoder"
_ACTIVATIONS = f"{_VAE}.activations"
_INFERENCE = f"{_VAE}.inference"
_LOSS = f"{_VAE}.loss_terms"
_GRADIENTS = f"{_VAE}.gradients"
_ENCODED = f"{_VAE}._encoded"
_HEAD = "dense(hidden, self.weights[head.weight], self.weights[head.bias])"
_BETA = "np.asarray(self.beta)"
_KL = "self.beta * vae_kl_loss"
_NOISE = 'rows("noise", noise, self.latent)'
_BOTH_BARS = "through_sample[head.name] + through_kl[head.name]"


def _fault(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, ("VariationalAutoencoder",), sentence, hint, seen, changes=changes)


def _weighted(id: str, sentence: str, hint: str, seen: str, total: str, beta: str) -> Fault:
    """Another weight of the KL term in the total and in the gradient; the term itself is as it should be."""
    return _fault(
        id,
        sentence,
        hint,
        seen,
        Change(_LOSS, '"total": reconstruction + latent', f'"total": {total}'),
        Change(_GRADIENTS, _BETA, f"np.asarray({beta})"),
    )


_NETWORK = (
    _fault(
        "heads_relu",
        "Both heads have a ReLU.",
        "Can μ be negative?",
        "Dense(latent, activation='relu') copied from the hidden layers",
        Change(_ENCODED, _HEAD, f"np.maximum(0.0, {_HEAD})"),
    ),
    _fault(
        "log_var_relu",
        "The head of γ has a ReLU, so σ is never below 1.",
        "Can a deviation be below 1?",
        "ReLU used to keep a variance positive, though it is a logarithm",
        Change(_ENCODED, _HEAD, f'np.maximum(0.0 if head.name == "log_var" else -np.inf, {_HEAD})'),
    ),
    _fault(
        "heads_tanh",
        "Both heads have a tanh.",
        "Can μ be above 1?",
        UNSEEN,
        Change(_ENCODED, _HEAD, f"np.tanh({_HEAD})"),
    ),
    _fault(
        "heads_share_weights",
        "Both heads have the weights of the first.",
        "Are μ and γ different numbers?",
        UNSEEN,
        Change(_ENCODED, _HEAD, 'dense(hidden, self.weights["mean.weight"], self.weights["mean.bias"])'),
    ),
    _fault(
        "vae_heads_exchanged",
        "The sample takes the heads in the wrong order.",
        "With noise zero, which head is the sample?",
        "tuples unpacked as log_var, mean",
        Change(_ACTIVATIONS, 'encoded["mean"], encoded["log_var"]', 'encoded["log_var"], encoded["mean"]'),
    ),
    _fault(
        "vae_noise_left_out",
        "The sample is the mean: noise has no part in it while the model is trained.",
        "Does the sample change with the noise?",
        "reparametrisation skipped outside of model.train()",
        Change(_ACTIVATIONS, _NOISE, f"0.0 * {_NOISE}"),
    ),
    _fault(
        "noise_is_one",
        "The sample is μ + σ, without noise.",
        "Does the sample change with the noise?",
        "z = mu + std, in several GitHub autoencoders",
        Change(_ACTIVATIONS, _NOISE, f"np.ones_like({_NOISE})"),
    ),
    _fault(
        "noise_shared",
        "All rows of a batch share the first one's noise.",
        "Is it right for a single sample?",
        "noise drawn as (1, latent) and broadcast",
        Change(_ACTIVATIONS, _NOISE, f"np.broadcast_to({_NOISE}[:1], np.shape(noise))"),
    ),
    _fault(
        "noise_shared_by_dimensions",
        "All latent dimensions share the first one's noise.",
        "Is it right for one latent dimension?",
        "noise drawn as (B, 1) and broadcast",
        Change(_ACTIVATIONS, _NOISE, f"np.broadcast_to({_NOISE}[:, :1], np.shape(noise))"),
    ),
    _fault(
        "sampling_at_inference",
        "The model samples when it is used.",
        "Use the model twice with different noise: is the answer the same?",
        "one forward() for both purposes",
        Change(_INFERENCE, "self.encode(inputs)[0]", "self.sample(*self.encode(inputs), noise)"),
    ),
    _fault(
        "inference_decodes_log_var",
        "At inference γ is decoded instead of μ.",
        "Which of the two that `encode` returns is decoded when the model is used?",
        "encode(x)[1] and encode(x)[-1]",
        Change(_INFERENCE, "self.encode(inputs)[0]", "self.encode(inputs)[1]"),
    ),
)

_TERMS = (
    _fault(
        "beta_ignored",
        "β is not used.",
        "Does the loss change when β does?",
        "tsgm #69",
        Change(_LOSS, _KL, "vae_kl_loss"),
        Change(_GRADIENTS, _BETA, "np.ones(())"),
    ),
    _fault(
        "beta_on_reconstruction",
        "β weighs the reconstruction instead of the KL term.",
        "Which term changes when β does?",
        UNSEEN,
        Change(_LOSS, "reconstruction = ", "reconstruction = self.beta * "),
        Change(_LOSS, _KL, "vae_kl_loss"),
        Change(_GRADIENTS, "z_bar = reconstruction_vjp", "z_bar = self.beta * reconstruction_vjp"),
        Change(_GRADIENTS, _BETA, "np.ones(())"),
    ),
    _fault(
        "beta_squared",
        "β is applied twice.",
        "How does the KL term change when β doubles?",
        "losses that weigh a term which is weighed already",
        Change(_LOSS, _KL, "self.beta**2 * vae_kl_loss"),
        Change(_GRADIENTS, _BETA, "np.asarray(self.beta**2)"),
    ),
    _weighted(
        "kl_missing",
        "The KL term is not in the total.",
        "Is the total the sum of its terms?",
        "irmae #1",
        "reconstruction",
        "0.0 * self.beta",
    ),
    _weighted(
        "vae_kl_twice",
        "The KL term counts twice in the total.",
        "Is the total the sum of its terms?",
        "tensorflow/probability #1215: as activity regulariser and in the loss",
        "reconstruction + 2.0 * latent",
        "2.0 * self.beta",
    ),
    _weighted(
        "kl_subtracted",
        "The KL term is subtracted: the ELBO's sign with the loss's reconstruction.",
        "Which sign has each term of what is minimised?",
        "gumbel #3",
        "reconstruction - latent",
        "-self.beta",
    ),
    _weighted(
        "kl_absolute",
        "The total counts the KL term a second time without its weight β.",
        "Is the total the sum of its terms when β is not 1?",
        UNSEEN,
        'reconstruction + latent + vae_kl_loss(named["mean"], named["log_var"])',
        "self.beta + 1.0",
    ),
    _fault(
        "reconstruction_averaged",
        "The reconstruction is averaged over the features while the KL term is summed, so the KL term rules.",
        "How does each term change when every feature is stated twice?",
        "keras #3373",
        Change(_LOSS, 'named, "sum")', 'named, "mean")'),
        Change(_GRADIENTS, 'self.output_activation, "sum")', 'self.output_activation, "mean")'),
    ),
    _fault(
        "kl_of_sample",
        "The KL term is taken of the sample instead of the mean.",
        "Does the KL term change with the noise?",
        UNSEEN,
        Change(_LOSS, 'vae_kl_loss(named["mean"]', 'vae_kl_loss(named["coding"]'),
    ),
    _fault(
        "kl_gradient_missing",
        "The KL term counts in the loss but has no gradient.",
        "Does the gradient change when β does?",
        "the term computed from detached heads",
        Change(_GRADIENTS, _BETA, "np.zeros(())"),
    ),
    _fault(
        "sample_gradient_missing",
        "The sample sends no gradient to the heads.",
        "With β = 0, does the encoder learn?",
        "Normal.sample() for rsample()",
        Change(_GRADIENTS, _BOTH_BARS, "through_kl[head.name] + 0.0 * through_sample[head.name]"),
    ),
    _fault(
        "deviation_gradient_missing",
        "The sample sends a gradient to μ alone, not to γ.",
        "With β = 0, does the head of γ learn?",
        "a detached standard deviation",
        Change(_GRADIENTS, "through_sample[head.name] +", 'through_sample[head.name] * (head.name == "mean") +'),
    ),
    _fault(
        "encoder_gradient_of_one_head",
        "The encoder is sent the cotangent of the second head alone.",
        "From how many layers does the last hidden layer receive a gradient?",
        UNSEEN,
        Change(_GRADIENTS, "hidden_bar + below", "below"),
    ),
    _fault(
        "encoder_slope_missing",
        "The slope of the last hidden layer is forgotten between heads and encoder.",
        "Is the encoder's gradient right if every activation is linear?",
        UNSEEN,
        Change(_GRADIENTS, "* ACTIVATIONS[last.activation].slope(named[last.output])", "* 1.0"),
    ),
)

ENTRIES = (*_NETWORK, *_TERMS)
