"""Correct ways to write optimisers, models and reductions, as edits of the reference. Every one must agree everywhere."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_TRAINED = ("StackedAutoencoder", "CharClassifier")


def _rewritten(id: str, specs: tuple[str, ...], place: str, old: str, new: str, sentence: str) -> Fault:
    return Fault(id, specs, sentence, "", "", "rewrite", (Change(place, old, new),))


ENTRIES = (
    _rewritten(
        "adam_efficient",
        _TRAINED,
        "training.adam:adam",
        "learning_rate * m_hat / (np.sqrt(v_hat) + EPSILON)",
        "learning_rate * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps) * m / (np.sqrt(v) + EPSILON * np.sqrt(1 - BETA_2**steps))",
        "The efficient rearrangement, with ε scaled along.",
    ),
    _rewritten(
        "adam_lerp",
        _TRAINED,
        "training.adam:adam",
        'BETA_1 * state["m"] + (1 - BETA_1) * gradient',
        'state["m"] + (1 - BETA_1) * (gradient - state["m"])',
        "m moved towards the gradient.",
    ),
    _rewritten(
        "rmsprop_lerp",
        _TRAINED,
        "training.adaptive:rmsprop",
        "(np.sqrt(squares) + EPSILON)",
        "(squares**0.5 + EPSILON)",
        "A power for the root.",
    ),
    _rewritten(
        "adagrad_rate_inside",
        _TRAINED,
        "training.adaptive:adagrad",
        "learning_rate * gradient / (np.sqrt(squares) + EPSILON)",
        "(learning_rate / (np.sqrt(squares) + EPSILON)) * gradient",
        "The rate of every number first.",
    ),
    _rewritten(
        "momentum_negated",
        _TRAINED,
        "training.momentum:momentum",
        "parameter + velocity",
        "parameter - (-velocity)",
        "The step subtracted.",
    ),
    _rewritten(
        "nesterov_ahead",
        _TRAINED,
        "training.momentum:nesterov",
        "parameter + MOMENTUM * velocity - learning_rate * gradient",
        "parameter + (MOMENTUM * velocity + (-learning_rate) * gradient)",
        "The step summed first.",
    ),
    _rewritten(
        "sgd_scaled", _TRAINED, "training.sgd:sgd", "learning_rate * gradient", "gradient * learning_rate", "Factors exchanged."
    ),
    _rewritten(
        "contraction_einsum",
        ("ContractiveAutoencoder",),
        "models.contractive:ContractiveAutoencoder._penalties",
        "(slope**2 @ self._column_norms()).mean()",
        "np.mean([np.linalg.norm(s * self.weights['encoder.0.weight']) ** 2 for s in slope])",
        "The Jacobian's norm, sample by sample.",
    ),
    _rewritten(
        "contraction_norms",
        ("ContractiveAutoencoder",),
        "models.contractive:ContractiveAutoencoder._column_norms",
        "np.sum(weight * weight, axis=0)",
        "np.einsum('ij,ij->j', weight, weight)",
        "By einsum.",
    ),
    _rewritten(
        "dropout_scaled_mask",
        ("DenoisingAutoencoder",),
        "models.denoising:DenoisingAutoencoder._seen",
        'inputs * given / (1.0 - self.level if self.corruption == "dropout" else 1.0)',
        'inputs * (given / (1.0 - self.level if self.corruption == "dropout" else 1.0))',
        "The mask scaled first.",
    ),
    _rewritten(
        "beta_inside",
        ("VariationalAutoencoder",),
        "models.variational:VariationalAutoencoder.loss_terms",
        'self.beta * vae_kl_loss(named["mean"], named["log_var"])',
        '(self.beta * vae_kl_loss(named["mean"], named["log_var"], "none")).mean()',
        "β on every sample.",
    ),
    _rewritten(
        "heads_in_one",
        ("VariationalAutoencoder",),
        "models.variational:VariationalAutoencoder._encoded",
        "{head.name: dense(hidden, self.weights[head.weight], self.weights[head.bias]) for head in self.heads}",
        "dict(zip((h.name for h in self.heads), np.split(dense(hidden, np.hstack([self.weights[h.weight] for h in self.heads]),"
        " np.hstack([self.weights[h.bias] for h in self.heads])), 2, axis=1)))",
        "Both heads as one layer.",
    ),
    _rewritten(
        "reduced_by_sum",
        ("mean_squared_error", "binary_cross_entropy", "LinearAutoencoder"),
        "formulas.reconstruction:_reduce",
        "elements.mean()",
        "elements.sum(axis=0).sum() / elements.size",
        "Columns first.",
    ),
    _rewritten(
        "vae_batch_by_product",
        ("vae_kl_loss", "VariationalAutoencoder"),
        "formulas.variational:vae_kl_loss",
        ".sum(axis=1)",
        " @ np.ones_like(mean[0])",
        "The sum by a product with ones.",
    ),
)
