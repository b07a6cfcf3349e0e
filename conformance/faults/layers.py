"""Dense layers, activation functions and embeddings."""

from __future__ import annotations

from conformance.faults.families import AUTOENCODERS, CHARACTER_MODELS, DENSE_MODELS, MODELS, UNSEEN
from conformance.faults.fault import Change, Fault

_DENSE = "layers.dense:dense"
_DENSE_VJP = "layers.dense:dense_vjp"
_BACKWARD = "layers.perceptron:backward"
_ACTIVATIONS = "layers.activations:"
_SIGMOID = "layers.activations:sigmoid"
_LSTM_VJP = "layers.recurrent:lstm_vjp"
_CROSS_ENTROPY_VJP = "formulas.reconstruction:binary_cross_entropy_vjp"
_EMBEDDING = "layers.embedding:embedding"
_EMBEDDING_VJP = "layers.embedding:embedding_vjp"
_SLOPE = "* ACTIVATIONS[before.activation].slope(previous)"
_NOT_LINEAR = tuple(name for name in DENSE_MODELS if name != "LinearAutoencoder")
_WITH_RELU = tuple(name for name in DENSE_MODELS if name not in ("ContractiveAutoencoder", "LinearAutoencoder"))
_WITH_SIGMOID = tuple(name for name in MODELS if name != "LinearAutoencoder")

ENTRIES = (
    Fault(
        "dense_bias_missing",
        MODELS,
        "Dense layers leave out their bias.",
        "What does the first layer say of an input that is all zero?",
        UNSEEN,
        changes=(Change(_DENSE, "x @ weight + bias", "x @ weight"),),
    ),
    Fault(
        "dense_bias_twice",
        MODELS,
        "Dense layers add their bias twice.",
        "Feed zeros: is what comes out of the first layer its bias?",
        UNSEEN,
        changes=(Change(_DENSE, "+ bias", "+ 2.0 * bias"),),
    ),
    Fault(
        "dense_bias_subtracted",
        MODELS,
        "Dense layers subtract their bias.",
        "Feed zeros: is what comes out of the first layer its bias?",
        UNSEEN,
        changes=(Change(_DENSE, "+ bias", "- bias"),),
    ),
    Fault(
        "bias_gradient_averaged",
        MODELS,
        "The gradient of a bias is the mean of the samples' shares instead of their sum, so it is divided by B twice.",
        "The loss is a mean already. What happens to each gradient when B doubles by stating every sample twice?",
        UNSEEN,
        changes=(Change(_DENSE_VJP, "cotangent.sum(axis=0)", "cotangent.mean(axis=0)"),),
    ),
    Fault(
        "bias_gradient_missing",
        MODELS,
        "No gradient reaches the biases of dense layers.",
        "Which parameters are still what they were after a training step?",
        UNSEEN,
        changes=(Change(_DENSE_VJP, "cotangent.sum(axis=0)", "0.0 * cotangent.sum(axis=0)"),),
    ),
    Fault(
        "weight_gradient_averaged",
        MODELS,
        "The gradient of a weight matrix is divided by B once more.",
        "The loss is a mean already. What happens to each gradient when B doubles by stating every sample twice?",
        UNSEEN,
        changes=(Change(_DENSE_VJP, "x.T @ cotangent", "x.T @ cotangent / len(x)"),),
    ),
    Fault(
        "gradient_stops_at_layer",
        MODELS,
        "No gradient passes through a dense layer to what lies below: only the last one learns.",
        "Which layers move in the first training step?",
        "detached graphs in many loops, as by .detach(), .numpy() or stop_gradient",
        changes=(Change(_DENSE_VJP, "cotangent @ weight.T", "0.0 * (cotangent @ weight.T)"),),
    ),
    Fault(
        "gradient_by_sign_of_weight",
        MODELS,
        "The gradient passes back through random feedback, the signs of the weights, instead of the transposed weights.",
        "Compare the first layer's gradient with central differences of the loss.",
        UNSEEN,
        changes=(Change(_DENSE_VJP, "cotangent @ weight.T", "cotangent @ np.sign(weight).T"),),
    ),
    Fault(
        "slope_missing",
        _NOT_LINEAR,
        "The backward pass forgets the slope of hidden activations.",
        "Is the gradient right if every activation is linear?",
        UNSEEN,
        changes=(Change(_BACKWARD, _SLOPE, "* 1.0"),),
    ),
    Fault(
        "slope_of_sigmoid",
        _NOT_LINEAR,
        "Hidden layers of every kind are given the sigmoid's slope a(1 − a).",
        "With which activation are the gradients right, and with which are they not?",
        "contractive penalties copied from sigmoid encoders to others; several GitHub contractive autoencoders",
        changes=(Change(_BACKWARD, _SLOPE, '* ACTIVATIONS["sigmoid"].slope(previous)'),),
    ),
    Fault(
        "slope_of_next_layer",
        _NOT_LINEAR,
        "The slope is taken of the activation of the layer above instead of that below.",
        "Is the gradient right if all layers have the same activation?",
        UNSEEN,
        changes=(Change(_BACKWARD, "ACTIVATIONS[before.activation].slope", "ACTIVATIONS[layer.activation].slope"),),
    ),
    Fault(
        "sigmoid_slope_of_output",
        _NOT_LINEAR,
        "The sigmoid is applied once more inside its slope: σ(a)(1 − σ(a)), where a is the output already.",
        "How large is the slope of a sigmoid whose output is nearly 0?",
        "derivative functions written for z and called with a, in many networks from scratch",
        changes=(Change(_ACTIVATIONS, "a * (1.0 - a)", "sigmoid(a) * (1.0 - sigmoid(a))"),),
    ),
    Fault(
        "tanh_slope_not_squared",
        _NOT_LINEAR,
        "The slope of tanh is written 1 − a instead of 1 − a².",
        "What is the slope of tanh where its output is −½?",
        UNSEEN,
        changes=(Change(_ACTIVATIONS, "1.0 - a * a", "1.0 - a"),),
    ),
    Fault(
        "leaky_relu",
        (*_WITH_RELU, *CHARACTER_MODELS),
        "The ReLU lets a hundredth of negative values pass.",
        "Are there activations below zero?",
        UNSEEN,
        changes=(
            Change(_ACTIVATIONS, "np.where(np.real(z) > 0, z, 0.0)", "np.where(np.real(z) > 0, z, 0.01 * z)"),
            Change(_ACTIVATIONS, "(np.real(a) > 0).astype(np.float64)", "np.where(np.real(a) > 0, 1.0, 0.01)"),
        ),
    ),
    Fault(
        "relu_saturates",
        (*_WITH_RELU, *CHARACTER_MODELS),
        "The ReLU is cut off at 1.",
        "What is the largest activation?",
        "codings kept in [0, 1] so that the KL penalty is defined",
        changes=(
            Change(_ACTIVATIONS, "np.where(np.real(z) > 0, z, 0.0)", "np.clip(z, 0.0, 1.0)"),
            Change(_ACTIVATIONS, "(np.real(a) > 0)", "((np.real(a) > 0) & (np.real(a) < 1))"),
        ),
    ),
    Fault(
        "relu_is_softplus",
        (*_WITH_RELU, *CHARACTER_MODELS),
        "The ReLU is softplus, its smooth relative.",
        "Which activations are exactly zero?",
        UNSEEN,
        changes=(
            Change(_ACTIVATIONS, "np.where(np.real(z) > 0, z, 0.0)", "np.log1p(np.exp(z))"),
            Change(_ACTIVATIONS, "(np.real(a) > 0).astype(np.float64)", "-np.expm1(-a)"),
        ),
    ),
    Fault(
        "hard_sigmoid",
        _WITH_SIGMOID,
        "The sigmoid is piecewise linear, clip(0.2 z + 0.5, 0, 1).",
        "Plot the activation against z: is it smooth?",
        "hard_sigmoid, the default recurrent activation of Keras before 2.3",
        kind="variant",
        changes=(
            Change(_SIGMOID, "np.where(np.real(z) > 0, 1.0, small) / (1.0 + small)", "np.clip(0.2 * z + 0.5, 0.0, 1.0)"),
            Change(_ACTIVATIONS, "a * (1.0 - a)", "0.2 * ((a > 0) & (a < 1))"),
            *(Change(_LSTM_VJP, f"{gate} * (1 - {gate})", f"0.2 * (({gate} > 0) & ({gate} < 1))") for gate in "ifo"),
            # The cross-entropy from logits has no sigmoid of the model in it.
            Change(_CROSS_ENTROPY_VJP, "sigmoid(np.asarray(logits))", "0.5 * (1.0 + np.tanh(0.5 * np.asarray(logits)))"),
        ),
    ),
    Fault(
        "sigmoid_of_twice",
        _WITH_SIGMOID,
        "The sigmoid is twice as steep, ½(1 + tanh z) instead of ½(1 + tanh(z/2)).",
        "What is the sigmoid of 1?",
        UNSEEN,
        changes=(
            Change(_SIGMOID, "np.where(np.real(z) > 0, -z, z)", "np.where(np.real(z) > 0, -2.0 * z, 2.0 * z)"),
            Change(_ACTIVATIONS, "a * (1.0 - a)", "2.0 * a * (1.0 - a)"),
        ),
    ),
    Fault(
        "output_slope_missing",
        (*AUTOENCODERS[:-1], "VariationalAutoencoder"),
        "The squared error is sent back to the logits without the slope of the output activation.",
        "Is the gradient right if the output is linear?",
        "the gradient of the cross-entropy, x̂ − x, used for the squared error",
        changes=(Change("models.autoencoder:reconstruction_vjp", "* ACTIVATIONS[output_activation].slope(output)", "* 1.0"),),
    ),
    Fault(
        "embedding_off_by_one",
        CHARACTER_MODELS,
        "Id i takes row i − 1 of the table; id 0 takes the last.",
        "Which row of the table does id 1 stand for?",
        UNSEEN,
        changes=(Change(_EMBEDDING, "table[ids]", "table[ids - 1]"),),
    ),
    Fault(
        "embedding_of_padding_zero",
        CHARACTER_MODELS,
        "Id 0 is embedded as zeros, whatever the table says.",
        "Which ids have the right vectors?",
        "nn.Embedding(padding_idx=0), whose row stays zero unless weights are loaded into it",
        changes=(Change(_EMBEDDING, "table[ids]", "table[ids] * (np.asarray(ids) > 0)[..., None]"),),
    ),
    Fault(
        "embedding_gradient_overwrites",
        CHARACTER_MODELS,
        "Where an id occurs several times only its last place contributes to the gradient of its row.",
        "Is the gradient right for texts in which no character is repeated?",
        "gradient[ids] = … and gradient[ids] += … in NumPy, neither of which adds up repeated ids",
        changes=(Change(_EMBEDDING_VJP, "np.add.at(gradient, ids, cotangent)", "gradient[ids] = cotangent"),),
    ),
    Fault(
        "embedding_gradient_by_frequency",
        CHARACTER_MODELS,
        "The gradient of every row is divided by how often its id occurs.",
        "Is the gradient right for texts in which no character is repeated?",
        "nn.Embedding(scale_grad_by_freq=True)",
        changes=(
            Change(
                _EMBEDDING_VJP,
                "return gradient",
                "return gradient / np.maximum(np.bincount(np.ravel(ids), minlength=len(table)), 1)[:, None]",
            ),
        ),
    ),
    Fault(
        "embedding_padding_frozen",
        CHARACTER_MODELS,
        "The row of id 0 is used but never learns.",
        "Which rows of the embedding does training change?",
        "nn.Embedding(padding_idx=0)",
        kind="variant",
        changes=(
            Change(
                _EMBEDDING_VJP,
                "np.add.at(gradient, ids, cotangent)",
                "np.add.at(gradient, ids, cotangent * (np.asarray(ids) > 0)[..., None])",
            ),
        ),
    ),
)
