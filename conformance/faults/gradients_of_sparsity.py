"""Gradients of right penalties: changes of the vector-Jacobian products."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_KL, _L1 = "kl_sparsity_loss", "l1_activity_loss"
_CHECK = "Change one input by a little: does the value change as the gradient says? Try"
_BATCH = "How does the gradient of one sample change when the batch grows by samples with a gradient of zero?"
_DETACHED = "Which of your operations leave the graph? Look for values that were copied, converted or marked as constant."
_COTANGENT = "What becomes of the gradient when the loss is multiplied by a number afterwards?"


def _vjp(function: str, id: str, old: str, new: str, sentence: str, hint: str, seen: str = "think of a gradient by hand") -> Fault:
    return Fault(
        id, (function, "SparseAutoencoder"), sentence, hint, seen, changes=(Change(f"formulas.sparsity:{function}_vjp", old, new),)
    )


ENTRIES = (
    _vjp(
        _KL,
        "kl_sparsity_gradient_sign",
        "(clipped - target)",
        "(target - clipped)",
        "The gradient has the wrong sign.",
        f"{_CHECK} a unit that is too active.",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_weight",
        "cotangent * weight * slope",
        "cotangent * slope",
        "The weight is missing in the gradient.",
        f"{_CHECK} two weights.",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_weight_twice",
        "weight * slope",
        "weight * weight * slope",
        "The weight enters the gradient twice.",
        f"{_CHECK} two weights.",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_batch",
        " / activations.shape[0]",
        "",
        "The gradient is not divided by the batch size of the mean.",
        _BATCH,
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_batch_twice",
        "activations.shape[0]",
        "activations.shape[0] ** 2",
        "The gradient is divided by the batch size twice.",
        _BATCH,
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_units",
        "activations.shape[0]",
        "activations.shape[1]",
        "The gradient is divided by the number of units instead of the batch size.",
        f"{_CHECK} one unit, then two.",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_active_only",
        "(clipped - target) / (clipped * (1.0 - clipped))",
        "-target / clipped",
        "The gradient of the inactive outcome is missing.",
        f"{_CHECK} a unit at its target.",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_logits",
        " / (clipped * (1.0 - clipped))",
        "",
        "The gradient is the one by the logits, not by the activities.",
        f"{_CHECK} an activity near 0.",
        "texts on back-propagation",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_half",
        " / (clipped * (1.0 - clipped))",
        " / clipped",
        "The factor 1 − p̂ is missing in the gradient's denominator.",
        f"{_CHECK} a unit that is nearly always on.",
    ),
    _vjp(
        _KL,
        "kl_sparsity_gradient_cotangent",
        "cotangent * weight",
        "weight",
        "The gradient that arrives is not passed on.",
        _COTANGENT,
    ),
    _vjp(
        _KL,
        "kl_sparsity_detached",
        "np.broadcast_to(row, activations.shape)",
        "np.zeros(activations.shape)",
        "The mean activity is cut off: the gradient is zero.",
        _DETACHED,
        "p̂ kept as a running mean without gradient",
    ),
    Fault(
        "kl_sparsity_gradient_through_clip",
        (_KL,),
        "The gradient does not end where p̂ is clipped.",
        "What is the derivative of a constant?",
        "straight-through estimators",
        changes=(Change("formulas.sparsity:kl_sparsity_loss_vjp", "np.where(mean == clipped, ", "np.where(True, "),),
        because="Outside the clip a gradient has no single right value, so that there it is asked to be finite and no more.",
    ),
    _vjp(
        _L1,
        "l1_gradient_unsigned",
        "np.sign(activations)",
        "np.ones(np.shape(activations))",
        "The gradient has no sign.",
        f"{_CHECK} a negative activity.",
    ),
    _vjp(
        _L1,
        "l1_gradient_sign",
        "weight * np.sign",
        "-weight * np.sign",
        "The gradient has the wrong sign.",
        f"{_CHECK} any activity.",
    ),
    _vjp(_L1, "l1_gradient_weight", " * weight", "", "The weight is missing in the gradient.", f"{_CHECK} two weights."),
    _vjp(_L1, "l1_gradient_batch", " / np.shape(activations)[0]", "", "The gradient is not divided by the batch size.", _BATCH),
    _vjp(
        _L1,
        "l1_gradient_batch_twice",
        "np.shape(activations)[0]",
        "np.shape(activations)[0] ** 2",
        "The gradient is divided by the batch size twice.",
        _BATCH,
    ),
    _vjp(
        _L1,
        "l1_gradient_of_square",
        "np.sign(activations)",
        "2.0 * np.asarray(activations)",
        "It is the gradient of the square.",
        f"{_CHECK} an activity of 1, then of 2.",
    ),
    _vjp(
        _L1,
        "l1_gradient_smoothed",
        "np.sign(activations)",
        "np.tanh(activations)",
        "The gradient is smoothed around zero.",
        f"{_CHECK} a small activity.",
    ),
    _vjp(_L1, "l1_gradient_cotangent", "cotangent * weight", "weight", "The gradient that arrives is not passed on.", _COTANGENT),
)
