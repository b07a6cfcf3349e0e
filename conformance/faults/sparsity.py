"""KL sparsity and L1 activity."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_KL = "formulas.sparsity:kl_sparsity_loss"
_KL_SPECS = ("kl_sparsity_loss", "SparseAutoencoder")

ENTRIES = (
    Fault(
        "features_axis",
        _KL_SPECS,
        "The mean activity p̂ is taken over the units of each sample instead of over the batch.",
        "Over which axis is p̂ an average: is it one number for each unit, or one for each sample?",
        "copied widely among GitHub sparse autoencoders",
        changes=(Change(_KL, "mean(axis=0)", "mean(axis=1)"),),
    ),
    Fault(
        "weight_twice",
        _KL_SPECS,
        "The weight is applied twice.",
        "Compare the loss for two weights, one twice the other.",
        "penalty functions that multiply, called by losses that multiply again",
        changes=(Change(_KL, "return weight *", "return weight * weight *"),),
    ),
    Fault(
        "mean_units",
        _KL_SPECS,
        "The divergence is averaged over the units instead of summed.",
        "How does the loss change when every unit is stated twice?",
        "several GitHub sparse autoencoders",
        kind="variant",
        changes=(Change(_KL, "q - p)).sum()", "q - p)).mean()"),),
    ),
)
