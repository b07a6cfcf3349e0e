"""Named variants: other meanings of a formula, legitimate elsewhere, that an assignment may accept for a share of the points."""

from __future__ import annotations

_RECONSTRUCTION = ("half_sse", "sum_bce", "batch_over_dataset")
_LATENT = ("sum_sum", "mean_latent", "log_sigma", "softplus_sigma", "clamped_logvar", "mc_kl")
_OPTIMISER = ("keras_epsilon_hat", "torch_default")

# docs/contract.md, "Decisions that published code makes differently".
_OF_THE_CONTRACT = {
    "kl_sparsity_loss": ("mean_units", "keras_batch_scaled", "unclipped", "clip_below_only", "bits"),
    "l1_activity_loss": ("sum_all", "mean_all"),
    "vae_kl_loss": (*_LATENT, "naive_cancellation", "bits"),
    "reparameterize": ("log_sigma", "softplus_sigma"),
    "mean_squared_error": ("half_sse", "batch_over_dataset"),
    "binary_cross_entropy": ("keras_clip", "torch_clamp100", "sum_bce", "bits"),
    "CharTokenizer": ("textvectorization", "nfc"),
    "CharClassifier": ("masked", *_OPTIMISER),
    "HybridClassifier": ("masked", *_OPTIMISER),
    "SparseAutoencoder": ("mean_units", "keras_batch_scaled", "sum_all", "mean_all", *_RECONSTRUCTION, *_OPTIMISER),
    "VariationalAutoencoder": ("geron_784", *_LATENT, *_RECONSTRUCTION, *_OPTIMISER),
    "ContractiveAutoencoder": (*_RECONSTRUCTION, *_OPTIMISER),
    "DenoisingAutoencoder": (*_RECONSTRUCTION, *_OPTIMISER),
    "LinearAutoencoder": (*_RECONSTRUCTION, *_OPTIMISER),
    "StackedAutoencoder": (*_RECONSTRUCTION, *_OPTIMISER),
    "PretrainedClassifier": _OPTIMISER,
}


def known_variants(spec: str) -> frozenset[str]:
    """The ids of the variants of a specification; none for a name without any."""
    return frozenset(_OF_THE_CONTRACT.get(spec, ()))
