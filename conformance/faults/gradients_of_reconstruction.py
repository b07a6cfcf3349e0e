"""Gradients of right reconstruction losses: changes of the vector-Jacobian products."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_MSE, _BCE = "mean_squared_error", "binary_cross_entropy"
_SHARE = "formulas.reconstruction:_per_element"
_AUTOENCODERS = (
    "StackedAutoencoder",
    "DenoisingAutoencoder",
    "SparseAutoencoder",
    "ContractiveAutoencoder",
    "VariationalAutoencoder",
)
_MODELS = {_MSE: (*_AUTOENCODERS, "LinearAutoencoder"), _BCE: ("CharClassifier", "HybridClassifier", *_AUTOENCODERS)}
_CHECK = "Change one input by a little: does the value change as the gradient says? Try"
_BATCH = "How does the gradient of one sample change when the batch grows by samples with a gradient of zero?"
_DETACHED = "Which of your operations leave the graph? Look for values that were copied, converted or marked as constant."
_COTANGENT = "What becomes of the gradient when the loss is multiplied by a number afterwards?"


def _vjp(
    function: str,
    id: str,
    old: str,
    new: str,
    sentence: str,
    hint: str,
    seen: str = "think of a gradient by hand",
    models: bool = True,
) -> Fault:
    place = f"formulas.reconstruction:{function}_vjp"
    return Fault(id, (function, *(_MODELS[function] if models else ())), sentence, hint, seen, changes=(Change(place, old, new),))


def _share(id: str, old: str, new: str, sentence: str, hint: str) -> Fault:
    return Fault(id, (_MSE, _BCE), sentence, hint, "think of a gradient by hand", changes=(Change(_SHARE, old, new),))


ENTRIES = (
    _vjp(
        _MSE,
        "mse_gradient_half",
        "2.0 * (",
        "(",
        "The factor 2 is missing in the gradient.",
        f"{_CHECK} one reconstruction.",
        "texts that carry ½ in the loss",
    ),
    _vjp(
        _MSE,
        "mse_gradient_sign",
        "(np.asarray(reconstructions) - inputs)",
        "(np.asarray(inputs) - reconstructions)",
        "The gradients have the wrong sign.",
        f"{_CHECK} one reconstruction.",
    ),
    _vjp(
        _MSE,
        "mse_gradient_inputs_detached",
        '"inputs": -gradient',
        '"inputs": 0.0 * gradient',
        "The input is taken for a constant: its gradient is zero.",
        _DETACHED,
        "targets that are detached",
        models=False,
    ),
    _vjp(
        _MSE,
        "mse_gradient_inputs_sign",
        '"inputs": -gradient',
        '"inputs": gradient',
        "The gradient by the input has the wrong sign.",
        f"{_CHECK} one input.",
        models=False,
    ),
    _vjp(
        _MSE,
        "mse_gradient_detached",
        '"reconstructions": gradient',
        '"reconstructions": 0.0 * gradient',
        "The reconstruction is cut off: its gradient is zero.",
        _DETACHED,
    ),
    _vjp(
        _MSE,
        "mse_gradient_exchanged",
        '{"inputs": -gradient, "reconstructions": gradient}',
        '{"inputs": gradient, "reconstructions": -gradient}',
        "The gradients by input and reconstruction are exchanged.",
        f"{_CHECK} one input.",
    ),
    _vjp(
        _MSE,
        "mse_gradient_of_magnitude",
        "(np.asarray(reconstructions) - inputs)",
        "np.sign(np.asarray(reconstructions) - inputs)",
        "It is the gradient of the absolute error.",
        f"{_CHECK} a large error, then a small one.",
    ),
    _vjp(
        _MSE,
        "mse_gradient_saturated",
        "(np.asarray(reconstructions) - inputs)",
        "(r := np.asarray(reconstructions) - inputs) * np.abs(r * (1 - r))",
        "The gradient carries the slope of a sigmoid.",
        f"{_CHECK} an error of 1.",
        models=False,
    ),
    _vjp(
        _MSE,
        "mse_gradient_cotangent",
        "_per_element(cotangent,",
        "_per_element(np.ones_like(cotangent),",
        "The gradient that arrives is not passed on.",
        _COTANGENT,
        models=False,
    ),
    _vjp(
        _MSE,
        "mse_gradient_mean",
        "reduction, np.shape",
        '"mean", np.shape',
        "The gradient is always the one of the mean.",
        "Ask for the gradient with each of the reductions.",
        models=False,
    ),
    _vjp(
        _BCE,
        "bce_gradient_slope",
        "(sigmoid(np.asarray(logits)) - targets)",
        "(s := sigmoid(np.asarray(logits))) * (1.0 - s) * (s - targets)",
        "The gradient carries the slope of the sigmoid once too often.",
        f"{_CHECK} a large logit with the wrong label.",
        "the squared error's gradient; lecture notes that compare the two",
    ),
    _vjp(
        _BCE,
        "bce_gradient_sign",
        "(sigmoid(np.asarray(logits)) - targets)",
        "(targets - sigmoid(np.asarray(logits)))",
        "The gradient by the logits has the wrong sign.",
        f"{_CHECK} one logit.",
    ),
    _vjp(
        _BCE,
        "bce_gradient_sigmoid_missing",
        "sigmoid(np.asarray(logits)) - targets",
        "np.asarray(logits) - targets",
        "The gradient takes logits for probabilities.",
        f"{_CHECK} a large logit.",
    ),
    _vjp(
        _BCE,
        "bce_gradient_targets_missing",
        "(sigmoid(np.asarray(logits)) - targets)",
        "sigmoid(np.asarray(logits))",
        "The gradient by the logits does not look at the targets.",
        f"{_CHECK} both labels.",
    ),
    _vjp(
        _BCE,
        "bce_gradient_targets_detached",
        '"targets": -share',
        '"targets": 0.0 * share',
        "The targets are taken for constants: their gradient is zero.",
        _DETACHED,
        "targets that are detached",
        models=False,
    ),
    _vjp(
        _BCE,
        "bce_gradient_targets_sign",
        '"targets": -share',
        '"targets": share',
        "The gradient by the targets has the wrong sign.",
        f"{_CHECK} one target.",
        models=False,
    ),
    _vjp(
        _BCE,
        "bce_gradient_detached",
        '"logits": share',
        '"logits": 0.0 * share',
        "The logits are cut off: their gradient is zero.",
        _DETACHED,
    ),
    _vjp(
        _BCE,
        "bce_gradient_clipped",
        "(sigmoid(np.asarray(logits)) - targets)",
        "np.where(np.abs(logits) < 16.118, sigmoid(np.asarray(logits)) - targets, 0.0)",
        "The gradient vanishes where probabilities are clipped at 1e-7.",
        f"{_CHECK} a logit of 20 with the wrong label.",
        "keras.losses.binary_crossentropy of probabilities",
    ),
    _vjp(
        _BCE,
        "bce_gradient_rounded",
        "sigmoid(np.asarray(logits)) - targets",
        "(np.asarray(logits) > 0) - np.asarray(targets)",
        "The gradient takes the predicted class for its probability.",
        f"{_CHECK} a logit of 0.1.",
        "the perceptron's rule",
    ),
    _vjp(
        _BCE,
        "bce_gradient_cotangent",
        "_per_element(cotangent,",
        "_per_element(np.ones_like(cotangent),",
        "The gradient that arrives is not passed on.",
        _COTANGENT,
        models=False,
    ),
    _share("share_sum", "np.prod(shape) if", "1.0 if", "The mean does not divide the gradient.", _BATCH),
    _share(
        "share_batch", "np.prod(shape) if", "shape[0] if", "The gradient of the mean is divided by the batch size only.", _BATCH
    ),
    _share(
        "share_features",
        "np.prod(shape) if",
        "np.prod(shape[1:]) if",
        "The gradient of the mean is divided by the features only.",
        _BATCH,
    ),
    _share("share_batch_lost", "else shape[0])", "else 1.0)", "The gradient of the sum is not divided by the batch size.", _BATCH),
    _share(
        "share_batch_twice",
        "else shape[0])",
        "else shape[0] ** 2)",
        "The gradient of the sum is divided by the batch size twice.",
        _BATCH,
    ),
)
