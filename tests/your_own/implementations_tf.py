"""Five right and ten wrong implementations of every formula of `formulas.py` in TensorFlow.

Written after the ones in PyTorch had been judged and the search had been mended by what they showed, to see whether that holds for others: the
wrong ones are other mistakes as far as there are others. None was changed after it had been judged.
"""

from __future__ import annotations

from tests.your_own.implementations import changed

_HEAD = """
import math
import tensorflow as tf

"""

_CRPS = """
def gaussian_crps(mean, deviation, observed):
    z = (observed - mean) / deviation
    pdf = tf.exp(-tf.square(z) / 2) / math.sqrt(2 * math.pi)
    cdf = 0.5 * (1 + tf.math.erf(z / math.sqrt(2)))
    return deviation * (z * (2 * cdf - 1) + 2 * pdf - 1 / math.sqrt(math.pi))
"""
_KALMAN = """
def kalman_gain(root, observation, noise=1.0):
    P = tf.matmul(root, root, transpose_b=True) + tf.eye(root.shape[0], dtype=root.dtype)
    PHt = tf.matmul(P, observation, transpose_b=True)
    S = observation @ PHt + noise * tf.eye(observation.shape[0], dtype=root.dtype)
    return PHt @ tf.linalg.inv(S)
"""
_SINKHORN = """
def sinkhorn_cost(x, y, epsilon=1.0):
    C = tf.square(x[:, None] - y[None, :])
    K = tf.exp(-C / epsilon)
    a = tf.fill([x.shape[0]], tf.cast(1 / x.shape[0], x.dtype))
    b = tf.fill([y.shape[0]], tf.cast(1 / y.shape[0], x.dtype))
    v = tf.ones_like(b)
    for _ in range(8):
        u = a / tf.linalg.matvec(K, v)
        v = b / tf.linalg.matvec(K, u, transpose_a=True)
    return tf.reduce_sum(u[:, None] * K * v[None, :] * C)
"""
_QUANTILE = """
def quantile_loss(targets, predictions, quantile=0.5, reduction="mean"):
    e = targets - predictions
    loss = tf.maximum(quantile * e, (quantile - 1) * e)
    if reduction == "none":
        return loss
    return tf.reduce_mean(loss) if reduction == "mean" else tf.reduce_sum(loss)
"""
_NCE = """
def symmetric_info_nce(queries, keys, temperature=0.1):
    q = queries / tf.maximum(tf.norm(queries, axis=1, keepdims=True), 1e-12)
    k = keys / tf.maximum(tf.norm(keys, axis=1, keepdims=True), 1e-12)
    logits = tf.matmul(q, k, transpose_b=True) / temperature
    labels = tf.range(tf.shape(q)[0])
    rows = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    columns = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.transpose(logits))
    return tf.reduce_mean(rows + columns) / 2
"""

RIGHT: dict[str, list[str]] = {
    "gaussian_crps": [
        _CRPS,
        changed(_CRPS, ("tf.square(z) / 2", "0.5 * z**2")),
        changed(_CRPS, ("0.5 * (1 + tf.math.erf(z / math.sqrt(2)))", "0.5 * tf.math.erfc(-z / math.sqrt(2))")),
        changed(_CRPS, ("z * (2 * cdf - 1) + 2 * pdf", "2 * (pdf + z * cdf) - z")),
        changed(_CRPS, ("(2 * cdf - 1)", "tf.math.erf(z * math.sqrt(0.5))")),
    ],
    "kalman_gain": [
        _KALMAN,
        changed(_KALMAN, ("PHt @ tf.linalg.inv(S)", "tf.transpose(tf.linalg.solve(S, tf.transpose(PHt)))")),
        changed(
            _KALMAN, ("PHt @ tf.linalg.inv(S)", "tf.transpose(tf.linalg.cholesky_solve(tf.linalg.cholesky(S), tf.transpose(PHt)))")
        ),
        changed(_KALMAN, ("PHt @ tf.linalg.inv(S)", "tf.linalg.matmul(PHt, tf.linalg.inv(S))")),
        changed(_KALMAN, ("tf.matmul(root, root, transpose_b=True)", "tf.einsum('ij,kj->ik', root, root)")),
    ],
    "sinkhorn_cost": [
        _SINKHORN,
        changed(_SINKHORN, ("tf.reduce_sum(u[:, None] * K * v[None, :] * C)", "tf.tensordot(u, tf.linalg.matvec(K * C, v), 1)")),
        changed(_SINKHORN, ("tf.linalg.matvec(K, u, transpose_a=True)", "tf.linalg.matvec(tf.transpose(K), u)")),
        changed(_SINKHORN, ("tf.square(x[:, None] - y[None, :])", "(x[:, None] - y[None, :]) ** 2")),
        changed(_SINKHORN, ("tf.linalg.matvec(K, v)", "tf.reduce_sum(K * v[None, :], 1)")),
    ],
    "quantile_loss": [
        _QUANTILE,
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "tf.where(e > 0, quantile * e, (quantile - 1) * e)")),
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "quantile * e + tf.nn.relu(-e)")),
        changed(
            _QUANTILE,
            ("tf.maximum(quantile * e, (quantile - 1) * e)", "quantile * tf.nn.relu(e) + (1 - quantile) * tf.nn.relu(-e)"),
        ),
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "e * (quantile - tf.cast(e < 0, e.dtype))")),
    ],
    "symmetric_info_nce": [
        _NCE,
        changed(
            _NCE,
            (
                "queries / tf.maximum(tf.norm(queries, axis=1, keepdims=True), 1e-12)",
                "tf.math.l2_normalize(queries, axis=1, epsilon=1e-24)",
            ),
            ("keys / tf.maximum(tf.norm(keys, axis=1, keepdims=True), 1e-12)", "tf.math.l2_normalize(keys, axis=1, epsilon=1e-24)"),
        ),
        changed(_NCE, ("tf.reduce_mean(rows + columns) / 2", "0.5 * (tf.reduce_mean(rows) + tf.reduce_mean(columns))")),
        changed(
            _NCE,
            (
                "tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)",
                "tf.reduce_logsumexp(logits, 1) - tf.linalg.diag_part(logits)",
            ),
        ),
        changed(
            _NCE,
            (
                "tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.transpose(logits))",
                "-tf.linalg.diag_part(tf.nn.log_softmax(logits, axis=0))",
            ),
        ),
    ],
}

WRONG: dict[str, list[str]] = {
    "gaussian_crps": [
        changed(_CRPS, ("(observed - mean) / deviation", "(observed - mean) / deviation**2")),
        changed(_CRPS, ("(observed - mean) / deviation", "(observed - mean)")),
        changed(_CRPS, ("- 1 / math", "+ 1 / math")),
        changed(_CRPS, ("+ 2 * pdf", "- 2 * pdf")),
        changed(_CRPS, ("(2 * cdf - 1)", "(1 - 2 * cdf)")),
        changed(_CRPS, ("0.5 * (1 + tf", "(1 + tf")),
        changed(_CRPS, ("tf.math.erf", "tf.math.tanh")),
        changed(_CRPS, ("return deviation * (", "return -deviation * (")),
        changed(_CRPS, ("math.sqrt(math.pi))", "math.pi)")),
        changed(_CRPS, (" / math.sqrt(2 * math.pi)", "")),
    ],
    "kalman_gain": [
        changed(_KALMAN, ("+ tf.eye(root.shape[0]", "- tf.eye(root.shape[0]")),
        changed(_KALMAN, ("noise * tf", "tf")),
        changed(_KALMAN, ("noise * tf", "math.sqrt(noise) * tf")),
        changed(_KALMAN, ("noise * tf", "2 * noise * tf")),
        changed(_KALMAN, ("noise * tf", "(1 / noise) * tf")),
        changed(_KALMAN, ("tf.matmul(root, root, transpose_b=True)", "root @ root")),
        changed(_KALMAN, ("tf.matmul(root, root, transpose_b=True)", "root + tf.transpose(root)")),
        changed(_KALMAN, ("return PHt @", "return -PHt @")),
        changed(_KALMAN, ("return PHt @ tf.linalg.inv(S)", "return PHt")),
        changed(_KALMAN, ("return PHt @ tf.linalg.inv(S)", "return tf.linalg.inv(S) @ tf.transpose(PHt)")),
    ],
    "sinkhorn_cost": [
        changed(_SINKHORN, ("-C / epsilon", "-C / epsilon**2")),
        changed(_SINKHORN, ("-C / epsilon", "-C / (2 * epsilon)")),
        changed(_SINKHORN, ("-C / epsilon", "C / epsilon")),
        changed(_SINKHORN, ("range(8)", "range(10)")),
        changed(_SINKHORN, ("range(8)", "range(1)")),
        changed(_SINKHORN, ("v[None, :] * C)", "v[None, :] * K)")),
        changed(_SINKHORN, ("* K * v[None, :] * C)", "* v[None, :] * C)")),
        changed(_SINKHORN, ("return tf.reduce_sum", "return tf.reduce_mean")),
        changed(_SINKHORN, ("return tf.reduce_sum(", "return tf.sqrt(tf.reduce_sum("), ("* C)\n", "* C))\n")),
        changed(_SINKHORN, ("x[:, None] - y[None, :]", "x[:, None] + y[None, :]")),
    ],
    "quantile_loss": [
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "tf.maximum((1 - quantile) * e, -quantile * e)")),
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "tf.maximum(quantile * e, 0.0)")),
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "quantile * e")),
        changed(_QUANTILE, ("tf.maximum(quantile * e, (quantile - 1) * e)", "tf.abs(e)")),
        changed(_QUANTILE, ("(quantile - 1) * e", "(quantile + 1) * e")),
        changed(_QUANTILE, ("    loss =", "    loss = -")),
        changed(_QUANTILE, ("    loss =", "    loss = 0.5 *")),
        changed(_QUANTILE, ("    e = targets - predictions", "    e = targets + predictions")),
        changed(_QUANTILE, ('reduction == "mean"', 'reduction != "mean"')),
        changed(_QUANTILE, ("    e = targets - predictions", "    e = tf.square(targets - predictions)")),
    ],
    "symmetric_info_nce": [
        changed(_NCE, ("/ temperature", "/ temperature**2")),
        changed(_NCE, ("/ temperature", "/ math.sqrt(temperature)")),
        changed(_NCE, ("/ temperature", "- temperature")),
        changed(_NCE, ("rows + columns", "rows - columns")),
        changed(_NCE, ("rows + columns", "2 * rows")),
        changed(_NCE, ("rows + columns", "rows * columns")),
        changed(_NCE, ("return tf", "return -tf")),
        changed(_NCE, ("tf.norm(queries, axis=1, keepdims=True)", "tf.norm(queries)")),
        changed(_NCE, ("tf.norm(keys, axis=1, keepdims=True)", "tf.reduce_sum(keys**2, axis=1, keepdims=True)")),
        changed(_NCE, ("tf.matmul(q, k, transpose_b=True)", "tf.matmul(q, q, transpose_b=True)")),
    ],
}


def module(source: str) -> str:
    """The text of a file that holds one implementation."""
    return _HEAD + source
