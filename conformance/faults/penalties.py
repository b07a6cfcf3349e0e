"""Penalties of sparse and contractive autoencoders, where the model calls them; `sparsity` has the formulas themselves."""

from __future__ import annotations

from conformance.faults.families import UNSEEN
from conformance.faults.fault import Change, Fault

_LOSS = "models.autoencoder:Autoencoder.loss_terms"
_GRADIENTS = "models.autoencoder:Autoencoder.gradients"
_SPARSE = "models.sparse:SparseAutoencoder"
_CONTRACTIVE = "models.contractive:ContractiveAutoencoder"
_NORMS = "(slope**2 @ self._column_norms()).mean()"
_PENALISED = ("SparseAutoencoder", "ContractiveAutoencoder")

_PENALTIES = (
    Fault(
        "sparse_coding_not_sigmoid",
        ("SparseAutoencoder",),
        "The codings have the activation of the hidden layers instead of a sigmoid.",
        "Can a mean activity be above 1?",
        "KL penalties on ReLU codings, whose loss becomes NaN",
        changes=(Change(f"{_SPARSE}.__init__", 'activation, "sigmoid"', "activation, activation"),),
    ),
    Fault(
        "penalty_not_in_total",
        _PENALISED,
        "The penalty is computed but not added to the total.",
        "Is the total the sum of its terms?",
        "missing return and forgotten add_loss",
        changes=(Change(_LOSS, "sum(terms.values())", 'terms["reconstruction"]'),),
    ),
    Fault(
        "penalty_gradient_missing",
        _PENALISED,
        "The penalty counts in the loss but sends nothing back into the codings.",
        "Does the gradient change when the weight of the penalty does?",
        "penalties of detached codings; the graph cut by .numpy() or .item()",
        changes=(Change(_GRADIENTS, "self._penalty_cotangents(named)", "{}"),),
    ),
    Fault(
        "l1_on_output_too",
        ("SparseAutoencoder",),
        "The L1 penalty falls on the reconstruction too.",
        "On which activations does the penalty fall?",
        "activity_regularizer on every layer",
        changes=(
            Change(
                f"{_SPARSE}._penalties",
                '(named["coding"], self.weight)',
                '(np.concatenate([named["coding"], named["reconstruction"]], axis=1), self.weight)',
            ),
        ),
    ),
    Fault(
        "l1_on_weights",
        ("SparseAutoencoder",),
        "The L1 penalty falls on the weights instead of the codings.",
        "Does the penalty change with the batch?",
        "kernel_regularizer for activity_regularizer",
        changes=(
            Change(
                f"{_SPARSE}._penalties",
                'l1_activity_loss(named["coding"], self.weight)',
                'self.weight * np.sum([np.abs(w).sum() for n, w in self.weights.items() if n.endswith("weight")])',
            ),
        ),
    ),
    Fault(
        "l1_on_first_layer",
        ("SparseAutoencoder",),
        "The L1 penalty falls on the first hidden layer instead of the coding.",
        "On which of the named activations does the penalty fall?",
        "SAELens PR #119 and others that take the wrong tensor",
        changes=(
            Change(f"{_SPARSE}._penalties", 'l1_activity_loss(named["coding"]', "l1_activity_loss(next(iter(named.values()))"),
        ),
    ),
    Fault(
        "sparsity_target_fixed",
        ("SparseAutoencoder",),
        "The target is 0.05, whatever the argument says.",
        "Does the penalty change when the target does?",
        "rho = 0.05 of the CS294A notes, copied as a constant",
        changes=(Change(f"{_SPARSE}.__init__", 'number_between("target", target, 0.0, 1.0)', "0.05"),),
    ),
    Fault(
        "sparsity_weight_ignored",
        ("SparseAutoencoder",),
        "The weight of the penalty is the default, whatever the argument says.",
        "Does the penalty change when its weight does?",
        UNSEEN,
        changes=(Change(f"{_SPARSE}.__init__", "_USUAL_WEIGHT[penalty] if weight is None else weight", "_USUAL_WEIGHT[penalty]"),),
    ),
)
_CONTRACTION = (
    Fault(
        "contraction_slope_not_squared",
        ("ContractiveAutoencoder",),
        "The slope enters the Frobenius norm unsquared.",
        "How does the penalty change when all slopes double?",
        UNSEEN,
        changes=(Change(f"{_CONTRACTIVE}._penalties", "slope**2", "slope"),),
    ),
    Fault(
        "contraction_of_weights_alone",
        ("ContractiveAutoencoder",),
        "The slope is left out: the penalty is a weight decay of the encoder.",
        "Does the penalty change with the batch?",
        UNSEEN,
        changes=(Change(f"{_CONTRACTIVE}._penalties", "slope**2", "np.ones_like(slope)"),),
    ),
    Fault(
        "contraction_weights_not_squared",
        ("ContractiveAutoencoder",),
        "The absolute weights are summed instead of their squares.",
        "How does the penalty change when all weights double?",
        UNSEEN,
        changes=(Change(f"{_CONTRACTIVE}._column_norms", "weight * weight", "np.abs(weight)"),),
    ),
    Fault(
        "frobenius_root",
        ("ContractiveAutoencoder",),
        "The norm is penalised instead of its square.",
        "How does the penalty change when all weights double?",
        "torch.norm(J) for torch.norm(J) ** 2",
        changes=(Change(f"{_CONTRACTIVE}._penalties", _NORMS, "np.sqrt(slope**2 @ self._column_norms()).mean()"),),
    ),
    Fault(
        "frobenius_mean",
        ("ContractiveAutoencoder",),
        "The squares of the Jacobian are averaged over the input features instead of summed.",
        "How does the penalty change when every input feature is stated twice?",
        "K.mean for K.sum",
        changes=(
            Change(f"{_CONTRACTIVE}._column_norms", "np.sum(weight * weight, axis=0)", "np.mean(weight * weight, axis=0)"),
            Change(
                f"{_CONTRACTIVE}._penalty_gradients",
                '* 2.0 * self.weights["encoder.0.weight"]',
                '* 2.0 * self.weights["encoder.0.weight"] / self.sizes[0]',
            ),
        ),
    ),
    Fault(
        "contraction_summed_over_batch",
        ("ContractiveAutoencoder",),
        "The penalty is summed over the batch instead of averaged.",
        "How does the penalty change when every sample is stated twice?",
        "several GitHub contractive autoencoders in PyTorch",
        changes=(
            Change(f"{_CONTRACTIVE}._penalties", ".mean()", ".sum()"),
            Change(f"{_CONTRACTIVE}._penalty_cotangents", " / len(coding)", ""),
            Change(f"{_CONTRACTIVE}._penalty_gradients", ".mean(axis=0)", ".sum(axis=0)"),
        ),
    ),
    Fault(
        "contraction_sigmoid_slope",
        ("ContractiveAutoencoder",),
        "The penalty has the sigmoid's slope a(1 − a), whatever the encoder's activation is.",
        "With which activation is the penalty right?",
        "ReLU encoders with the sigmoid's derivative, in several GitHub contractive autoencoders",
        changes=(Change(f"{_CONTRACTIVE}._slope", "ACTIVATIONS[self.activation]", 'ACTIVATIONS["sigmoid"]'),),
    ),
    Fault(
        "contraction_of_decoder",
        ("ContractiveAutoencoder",),
        "The penalty is that of the decoder's matrix instead of the encoder's.",
        "Whose Jacobian is to be small?",
        "the wrong entry of a list of all parameters",
        changes=(
            Change(f"{_CONTRACTIVE}._column_norms", 'self.weights["encoder.0.weight"]', 'self.weights["decoder.0.weight"].T'),
        ),
    ),
    Fault(
        "contraction_weights_detached",
        ("ContractiveAutoencoder",),
        "The matrix inside the penalty is taken as a constant.",
        "On which two paths does the encoder's matrix reach the penalty?",
        "encoder.weight.data and Variable(W) inside the loss",
        changes=(Change(f"{_CONTRACTIVE}._penalty_gradients", "self.weight * 2.0", "0.0"),),
    ),
    Fault(
        "contraction_gradient_halved",
        ("ContractiveAutoencoder",),
        "The derivative of the square inside the penalty forgets its 2, as for the codings so for the matrix.",
        "Compare the gradient for two weights of the penalty with central differences.",
        UNSEEN,
        changes=(
            Change(f"{_CONTRACTIVE}._penalty_gradients", "2.0 * ", ""),
            Change(f"{_CONTRACTIVE}._penalty_cotangents", "self.weight * 2.0 *", "self.weight *"),
        ),
    ),
)

ENTRIES = (*_PENALTIES, *_CONTRACTION)
