"""Correct ways to write the layers, as edits of the reference. Every one must agree everywhere."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault

_PERCEPTRONS = (
    "StackedAutoencoder", "SparseAutoencoder", "DenoisingAutoencoder", "ContractiveAutoencoder", "LinearAutoencoder",
    "VariationalAutoencoder", "PretrainedClassifier",
)  # fmt: skip
_CHARACTERS = ("CharClassifier", "HybridClassifier")
_ALL = (*_PERCEPTRONS, *_CHARACTERS)
_LSTM = "layers.recurrent:lstm"
_GATES = "i, f, o = (sigmoid(z[:, k * units : (k + 1) * units]) for k in (0, 1, 3))"


def _rewritten(id: str, specs: tuple[str, ...], place: str, old: str, new: str, sentence: str) -> Fault:
    return Fault(id, specs, sentence, "", "", "rewrite", (Change(place, old, new),))


ENTRIES = (
    _rewritten(
        "dense_einsum", _ALL, "layers.dense:dense", "x @ weight + bias", "np.einsum('bi,io->bo', x, weight) + bias", "By einsum."
    ),
    _rewritten("dense_transposed", _ALL, "layers.dense:dense", "x @ weight + bias", "(weight.T @ x.T).T + bias", "Transposed."),
    _rewritten(
        "dense_augmented",
        _ALL,
        "layers.dense:dense",
        "x @ weight + bias",
        "np.hstack([x, np.ones((len(x), 1))]) @ np.vstack([weight, bias])",
        "The bias as one more row of the weights.",
    ),
    _rewritten(
        "dense_reversed", _ALL, "layers.dense:dense", "x @ weight + bias", "bias + x[:, ::-1] @ weight[::-1]", "Summed backwards."
    ),
    _rewritten(
        "dense_outer",
        _ALL,
        "layers.dense:dense",
        "x @ weight + bias",
        "bias + sum(x[:, k : k + 1] * weight[k] for k in range(len(weight)))",
        "One outer product after the other.",
    ),
    _rewritten(
        "dense_gradient_einsum",
        _ALL,
        "layers.dense:dense_vjp",
        "x.T @ cotangent",
        "np.einsum('bi,bo->io', x, cotangent)",
        "By einsum.",
    ),
    _rewritten(
        "dense_gradient_ones", _ALL, "layers.dense:dense_vjp", "cotangent.sum(axis=0)", "np.ones(len(x)) @ cotangent", "By ones."
    ),
    _rewritten(
        "sigmoid_tanh",
        _ALL,
        "layers.activations:sigmoid",
        "np.where(np.real(z) > 0, 1.0, small) / (1.0 + small)",
        "0.5 * (1.0 + np.tanh(0.5 * z)) + 0.0 * small",
        "By tanh of half.",
    ),
    _rewritten(
        "sigmoid_plain",
        _ALL,
        "layers.activations:sigmoid",
        "np.where(np.real(z) > 0, 1.0, small) / (1.0 + small)",
        "1.0 / (1.0 + np.exp(-z))",
        "The textbook's form.",
    ),
    _rewritten(
        "sigmoid_logaddexp",
        _ALL,
        "layers.activations:sigmoid",
        "np.where(np.real(z) > 0, 1.0, small) / (1.0 + small)",
        "np.exp(-np.logaddexp(0.0, -z))",
        "By logaddexp.",
    ),
    _rewritten(
        "relu_maximum", _ALL, "layers.activations:", "np.where(np.real(z) > 0, z, 0.0)", "np.maximum(z, 0.0)", "By maximum."
    ),
    _rewritten(
        "relu_halves", _ALL, "layers.activations:", "np.where(np.real(z) > 0, z, 0.0)", "0.5 * (z + np.abs(z))", "Half of z + |z|."
    ),
    _rewritten("relu_mask", _ALL, "layers.activations:", "np.where(np.real(z) > 0, z, 0.0)", "z * (z > 0)", "Times a mask."),
    _rewritten(
        "tanh_quotient",
        _ALL,
        "layers.activations:",
        "Activation(tanh, ",
        "Activation(lambda z: np.sinh(z) / np.cosh(z), ",
        "sinh / cosh.",
    ),
    _rewritten("tanh_slope_product", _ALL, "layers.activations:", "1.0 - a * a", "(1.0 - a) * (1.0 + a)", "(1 − a)(1 + a)."),
    _rewritten("sigmoid_slope_difference", _ALL, "layers.activations:", "a * (1.0 - a)", "a - a * a", "a − a²."),
    _rewritten(
        "softmax_logaddexp",
        ("PretrainedClassifier",),
        "layers.softmax:log_softmax",
        "shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))",
        "z - np.logaddexp.reduce(z, axis=-1, keepdims=True)",
        "By logaddexp.",
    ),
    _rewritten(
        "softmax_unshifted",
        ("PretrainedClassifier",),
        "layers.softmax:log_softmax",
        "z - np.real(z).max(axis=-1, keepdims=True)",
        "z - z.mean(axis=-1, keepdims=True)",
        "Shifted by the mean.",
    ),
    _rewritten(
        "softmax_onehot",
        ("PretrainedClassifier",),
        "layers.softmax:softmax_cross_entropy",
        "np.take_along_axis(log_softmax(logits), labels, axis=1).mean()",
        "(np.eye(logits.shape[1])[labels[:, 0]] * log_softmax(logits)).sum() / len(labels)",
        "By a one-hot product.",
    ),
    _rewritten(
        "embedding_take", _CHARACTERS, "layers.embedding:embedding", "table[ids]", "np.take(table, ids, axis=0)", "By take."
    ),
    _rewritten(
        "embedding_onehot",
        _CHARACTERS,
        "layers.embedding:embedding",
        "table[ids]",
        "np.eye(len(table))[ids] @ table",
        "By a one-hot product.",
    ),
    _rewritten(
        "embedding_gradient_onehot",
        _CHARACTERS,
        "layers.embedding:embedding_vjp",
        "np.add.at(gradient, ids, cotangent)",
        "gradient += np.eye(len(table))[ids.ravel()].T @ cotangent.reshape(-1, table.shape[1])",
        "By a one-hot product.",
    ),
    _rewritten(
        "lstm_split",
        _CHARACTERS,
        _LSTM,
        _GATES,
        "i, f, o = (sigmoid(np.split(z, 4, axis=1)[k]) for k in (0, 1, 3))",
        "Gates by split.",
    ),
    _rewritten(
        "lstm_one_sigmoid",
        _CHARACTERS,
        _LSTM,
        _GATES,
        "i, f, _, o = np.split(sigmoid(z), 4, axis=1)",
        "One sigmoid over all gates.",
    ),
    _rewritten(
        "lstm_stacked",
        _CHARACTERS,
        _LSTM,
        "x[:, t] @ input_weight + h @ recurrent_weight + bias",
        "np.hstack([x[:, t], h]) @ np.vstack([input_weight, recurrent_weight]) + bias",
        "One product of stacked matrices.",
    ),
    _rewritten(
        "lstm_four_products",
        _CHARACTERS,
        _LSTM,
        "x[:, t] @ input_weight + h @ recurrent_weight + bias",
        "np.concatenate([x[:, t] @ w + (h @ u + b) for w, u, b in zip(np.split(input_weight, 4, 1), np.split(recurrent_weight, 4, 1),"
        " np.split(bias, 4))], axis=1)",
        "Four products, one a gate.",
    ),
    _rewritten(
        "lstm_two_biases",
        _CHARACTERS,
        _LSTM,
        "+ h @ recurrent_weight + bias",
        "+ 0.25 * bias + (h @ recurrent_weight + 0.75 * bias)",
        "The bias in two parts.",
    ),
    _rewritten(
        "rnn_stacked",
        _CHARACTERS,
        "layers.recurrent:simple_rnn",
        "x[:, t] @ input_weight + h @ recurrent_weight + bias",
        "np.hstack([x[:, t], h]) @ np.vstack([input_weight, recurrent_weight]) + bias",
        "One product of stacked matrices.",
    ),
    _rewritten(
        "rnn_ahead",
        _CHARACTERS,
        "layers.recurrent:simple_rnn",
        "x[:, t] @ input_weight",
        "(x @ input_weight)[:, t]",
        "The products of all steps at once.",
    ),
    _rewritten(
        "conv_im2col",
        _CHARACTERS,
        "layers.convolution:conv1d",
        "sum((padded[:, k : k + steps] @ kernel[k] for k in range(width)), start=np.zeros(())) + bias",
        "np.concatenate([padded[:, k : k + steps] for k in range(width)], axis=2) @ kernel.reshape(-1, kernel.shape[2]) + bias",
        "One product over windows side by side.",
    ),
    _rewritten(
        "conv_loops",
        _CHARACTERS,
        "layers.convolution:conv1d",
        "sum((padded[:, k : k + steps] @ kernel[k] for k in range(width)), start=np.zeros(())) + bias",
        "np.stack([np.einsum('bke,kef->bf', padded[:, t : t + width], kernel) for t in range(steps)], axis=1) + bias",
        "A loop over time.",
    ),
    _rewritten(
        "conv_flipped_twice",
        _CHARACTERS,
        "layers.convolution:conv1d",
        "for k in range(width))",
        "for k in reversed(range(width)))",
        "Taps summed backwards.",
    ),
    _rewritten(
        "pooling_max",
        _CHARACTERS,
        "layers.convolution:global_max_pooling",
        "np.take_along_axis(x, _peak(x), axis=1)[:, 0]",
        "x.max(axis=1)",
        "By max.",
    ),
    _rewritten(
        "pooling_sorted",
        _CHARACTERS,
        "layers.convolution:global_max_pooling",
        "np.take_along_axis(x, _peak(x), axis=1)[:, 0]",
        "np.sort(x, axis=1)[:, -1]",
        "The last after sorting.",
    ),
)
