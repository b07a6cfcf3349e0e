"""Five right and ten wrong implementations of every formula of `formulas.py` in PyTorch, written as people write them.

The wrong ones are what somebody gets wrong who knows the equation, not mutations of the file. None was changed after it had been judged but
one, which turned out to be right: where only the rows of Sinkhorn's plan are not normalised, the columns, which come last, make up for it.
"""

from __future__ import annotations

_HEAD = """
import math
import torch
import torch.nn.functional as F
from torch.distributions import Normal

"""

_CRPS = """
def gaussian_crps(mean, deviation, observed):
    z = (observed - mean) / deviation
    phi = torch.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
    Phi = 0.5 * (1 + torch.erf(z / math.sqrt(2)))
    return deviation * (z * (2 * Phi - 1) + 2 * phi - 1 / math.sqrt(math.pi))
"""
_KALMAN = """
def kalman_gain(root, observation, noise=1.0):
    P = root @ root.T + torch.eye(root.shape[0], dtype=root.dtype)
    H = observation
    R = noise * torch.eye(H.shape[0], dtype=root.dtype)
    S = H @ P @ H.T + R
    return P @ H.T @ torch.linalg.inv(S)
"""
_SINKHORN = """
def sinkhorn_cost(x, y, epsilon=1.0):
    C = (x[:, None] - y[None, :]) ** 2
    K = torch.exp(-C / epsilon)
    n, m = C.shape
    a = torch.full((n,), 1.0 / n, dtype=x.dtype)
    b = torch.full((m,), 1.0 / m, dtype=x.dtype)
    u, v = torch.ones_like(a), torch.ones_like(b)
    for _ in range(8):
        u = a / (K @ v)
        v = b / (K.T @ u)
    P = u[:, None] * K * v[None, :]
    return (P * C).sum()
"""
_QUANTILE = """
def quantile_loss(targets, predictions, quantile=0.5, reduction="mean"):
    e = targets - predictions
    loss = torch.maximum(quantile * e, (quantile - 1) * e)
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    return loss
"""
_NCE = """
def symmetric_info_nce(queries, keys, temperature=0.1):
    q, k = F.normalize(queries, dim=1), F.normalize(keys, dim=1)
    logits = q @ k.T / temperature
    labels = torch.arange(len(q))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2
"""


def changed(source: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert source.count(old) == 1, (old, source)
        source = source.replace(old, new)
    return source


RIGHT: dict[str, list[str]] = {
    "gaussian_crps": [
        _CRPS,
        """
def gaussian_crps(mean, deviation, observed):
    z = (observed - mean) / deviation
    normal = Normal(torch.zeros_like(z), torch.ones_like(z))
    return deviation * (z * (2 * normal.cdf(z) - 1) + 2 * normal.log_prob(z).exp() - math.pi**-0.5)
""",
        """
def gaussian_crps(mean, deviation, observed):
    z = (observed - mean) / deviation
    return deviation * (z * torch.erf(z / 2**0.5) + (2 / math.pi) ** 0.5 * torch.exp(-z * z / 2) - 1 / math.pi**0.5)
""",
        """
def gaussian_crps(mean, deviation, observed):
    error = observed - mean
    z = error / deviation
    value = error * (2 * torch.special.ndtr(z) - 1)
    value = value + deviation * math.sqrt(2 / math.pi) * torch.exp(-z.square() / 2)
    return value - deviation / math.sqrt(math.pi)
""",
        """
def gaussian_crps(mean, deviation, observed):
    forecast = Normal(mean, deviation)
    z = (observed - mean) / deviation
    return (observed - mean) * (2 * forecast.cdf(observed) - 1) + deviation * (
        2 * Normal(0.0, 1.0).log_prob(z).exp() - 1 / math.sqrt(math.pi)
    )
""",
    ],
    "kalman_gain": [
        _KALMAN,
        changed(_KALMAN, ("return P @ H.T @ torch.linalg.inv(S)", "return torch.linalg.solve(S, H @ P).T")),
        changed(_KALMAN, ("return P @ H.T @ torch.linalg.inv(S)", "return torch.linalg.solve(S, P @ H.T, left=False)")),
        changed(
            _KALMAN,
            ("return P @ H.T @ torch.linalg.inv(S)", "return torch.cholesky_solve(H @ P, torch.linalg.cholesky(S)).T"),
        ),
        """
def kalman_gain(root, observation, noise=1.0):
    P = torch.einsum("ij,kj->ik", root, root) + torch.eye(len(root), dtype=root.dtype)
    PHt = torch.einsum("ij,kj->ik", P, observation)
    S = torch.einsum("ij,jk->ik", observation, PHt)
    S = S + torch.diag(torch.full((len(S),), float(noise), dtype=S.dtype))
    return PHt.matmul(S.inverse())
""",
    ],
    "sinkhorn_cost": [
        _SINKHORN,
        """
def sinkhorn_cost(x, y, epsilon=1.0):
    C = (x[:, None] - y[None, :]) ** 2
    n, m = C.shape
    f, g = torch.zeros(n, dtype=x.dtype), torch.zeros(m, dtype=x.dtype)
    for _ in range(8):
        f = -math.log(n) - torch.logsumexp(-C / epsilon + g[None, :], dim=1)
        g = -math.log(m) - torch.logsumexp(-C / epsilon + f[:, None], dim=0)
    return (torch.exp(f[:, None] + g[None, :] - C / epsilon) * C).sum()
""",
        changed(_SINKHORN, ("(x[:, None] - y[None, :]) ** 2", "(x.unsqueeze(1) - y.unsqueeze(0)).square()")),
        changed(
            _SINKHORN,
            ("    P = u[:, None] * K * v[None, :]\n    return (P * C).sum()", "    return torch.einsum('i,ij,j->', u, K * C, v)"),
        ),
        changed(
            _SINKHORN,
            ("    P = u[:, None] * K * v[None, :]\n    return (P * C).sum()", "    return u @ (K * C) @ v"),
            ("u = a / (K @ v)", "u = a / K.matmul(v)"),
            ("v = b / (K.T @ u)", "v = b / u.matmul(K)"),
        ),
    ],
    "quantile_loss": [
        _QUANTILE,
        changed(
            _QUANTILE,
            ("torch.maximum(quantile * e, (quantile - 1) * e)", "torch.where(e >= 0, quantile * e, (quantile - 1) * e)"),
        ),
        changed(
            _QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "quantile * F.relu(e) + (1 - quantile) * F.relu(-e)")
        ),
        changed(_QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "(quantile - (e < 0).to(e.dtype)) * e")),
        changed(_QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "0.5 * e.abs() + (quantile - 0.5) * e")),
    ],
    "symmetric_info_nce": [
        _NCE,
        """
def symmetric_info_nce(queries, keys, temperature=0.1):
    q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
    k = keys / keys.norm(dim=1, keepdim=True).clamp_min(1e-12)
    logits = q @ k.T / temperature
    rows = -torch.diagonal(F.log_softmax(logits, dim=1)).mean()
    columns = -torch.diagonal(F.log_softmax(logits, dim=0)).mean()
    return 0.5 * (rows + columns)
""",
        """
def symmetric_info_nce(queries, keys, temperature=0.1):
    logits = F.normalize(queries, dim=-1) @ F.normalize(keys, dim=-1).t() / temperature
    positives = logits.diag()
    return 0.5 * ((logits.logsumexp(1) - positives).mean() + (logits.logsumexp(0) - positives).mean())
""",
        """
def symmetric_info_nce(queries, keys, temperature=0.1):
    q, k = F.normalize(queries), F.normalize(keys)
    logits = torch.einsum("id,jd->ij", q, k) / temperature
    eye = torch.eye(len(q), dtype=logits.dtype)
    rows = -(eye * F.log_softmax(logits, 1)).sum(1).mean()
    columns = -(eye * F.log_softmax(logits.T, 1)).sum(1).mean()
    return (rows + columns) / 2
""",
        """
class Contrastive(torch.nn.Module):
    def __init__(self, temperature):
        super().__init__()
        self.scale = 1 / temperature

    def forward(self, q, k):
        logits = self.scale * F.normalize(q, dim=1) @ F.normalize(k, dim=1).T
        target = torch.arange(q.shape[0])
        return torch.stack([F.cross_entropy(logits, target), F.cross_entropy(logits.T, target)]).mean()


def symmetric_info_nce(queries, keys, temperature=0.1):
    return Contrastive(temperature)(queries, keys)
""",
    ],
}

WRONG: dict[str, list[str]] = {
    "gaussian_crps": [
        changed(_CRPS, ("(observed - mean) / deviation", "(mean - observed) / deviation ** 2")),
        changed(_CRPS, ("(2 * Phi - 1)", "(Phi - 1)")),
        changed(_CRPS, (" + 2 * phi", " + phi")),
        changed(_CRPS, (" - 1 / math.sqrt(math.pi))", ")")),
        changed(_CRPS, ("1 / math.sqrt(math.pi)", "1 / math.sqrt(2 * math.pi)")),
        changed(_CRPS, ("torch.erf(z / math.sqrt(2))", "torch.erf(z)")),
        changed(_CRPS, ("return deviation * (z", "return (z")),
        changed(_CRPS, ("torch.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)", "torch.exp(-0.5 * z**2) / (2 * math.pi)")),
        changed(_CRPS, ("torch.exp(-0.5 * z**2)", "torch.exp(-(z**2))")),
        changed(_CRPS, ("math.sqrt(math.pi))", "math.sqrt(math.pi)).mean()")),
    ],
    "kalman_gain": [
        changed(_KALMAN, ("root @ root.T", "root.T @ root")),
        changed(_KALMAN, (" + torch.eye(root.shape[0], dtype=root.dtype)", "")),
        changed(_KALMAN, ("H @ P @ H.T + R", "H @ P @ H.T")),
        changed(_KALMAN, ("H @ P @ H.T + R", "H @ P @ H.T - R")),
        changed(_KALMAN, ("R = noise *", "R = noise**2 *")),
        changed(_KALMAN, ("return P @ H.T @ torch.linalg.inv(S)", "return H.T @ torch.linalg.inv(S)")),
        changed(_KALMAN, ("return P @ H.T @ torch.linalg.inv(S)", "return P @ H.T @ S")),
        changed(_KALMAN, ("return P @ H.T @ torch.linalg.inv(S)", "return (P @ H.T @ torch.linalg.inv(S)).T")),
        changed(_KALMAN, ("return P @ H.T @ torch.linalg.inv(S)", "return P @ H.T / S.diagonal()")),
        changed(_KALMAN, ("S = H @ P @ H.T + R", "S = H @ H.T + R")),
    ],
    "sinkhorn_cost": [
        changed(_SINKHORN, (") ** 2", ").abs()")),
        changed(_SINKHORN, ("torch.exp(-C / epsilon)", "torch.exp(-C * epsilon)")),
        changed(_SINKHORN, ("torch.exp(-C / epsilon)", "torch.exp(-C)")),
        changed(_SINKHORN, ("range(8)", "range(7)")),
        changed(_SINKHORN, ("range(8)", "range(9)")),
        changed(_SINKHORN, ("(P * C).sum()", "(P * C).mean()")),
        changed(_SINKHORN, ("(P * C).sum()", "P.sum()")),
        changed(
            _SINKHORN,
            ("torch.full((m,), 1.0 / m, dtype=x.dtype)", "torch.ones(m, dtype=x.dtype)"),
        ),
        changed(
            _SINKHORN, ("        u = a / (K @ v)\n        v = b / (K.T @ u)", "        v = b / (K.T @ u)\n        u = a / (K @ v)")
        ),
        changed(_SINKHORN, ("return (P * C).sum()", "return (P * C).sum() + epsilon * (P * torch.log(P)).sum()")),
    ],
    "quantile_loss": [
        changed(_QUANTILE, ("targets - predictions", "predictions - targets")),
        changed(_QUANTILE, ("(quantile - 1) * e", "(1 - quantile) * e")),
        changed(_QUANTILE, ("torch.maximum(", "torch.minimum(")),
        changed(_QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "quantile * e.abs()")),
        changed(_QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "torch.maximum(quantile * e, -e)")),
        changed(
            _QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "2 * torch.maximum(quantile * e, (quantile - 1) * e)")
        ),
        changed(_QUANTILE, ("return loss.mean()", "return loss.sum()")),
        changed(_QUANTILE, ("        return loss.sum()", "        return loss.mean()")),
        changed(
            _QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "torch.where(e > 0, quantile * e, (1 - quantile) * e)")
        ),
        changed(
            _QUANTILE, ("torch.maximum(quantile * e, (quantile - 1) * e)", "torch.maximum(quantile * e, (quantile - 1) * e) ** 2")
        ),
    ],
    "symmetric_info_nce": [
        changed(_NCE, (" / temperature", " * temperature")),
        changed(_NCE, (" / temperature", "")),
        changed(_NCE, ("F.normalize(queries, dim=1), F.normalize(keys, dim=1)", "queries, keys")),
        changed(_NCE, ("F.normalize(queries, dim=1), F.normalize(keys, dim=1)", "F.normalize(queries, dim=1), keys")),
        changed(
            _NCE, ("F.normalize(queries, dim=1), F.normalize(keys, dim=1)", "F.normalize(queries, dim=0), F.normalize(keys, dim=0)")
        ),
        changed(
            _NCE, ("(F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2", "F.cross_entropy(logits, labels)")
        ),
        changed(_NCE, ("labels)) / 2", "labels))")),
        changed(
            _NCE,
            ("F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)", "2 * F.cross_entropy(logits.T, labels)"),
        ),
        changed(
            _NCE,
            ("F.cross_entropy(logits, labels) +", "F.cross_entropy(logits, labels, reduction='sum') +"),
            ("F.cross_entropy(logits.T, labels)", "F.cross_entropy(logits.T, labels, reduction='sum')"),
        ),
        changed(_NCE, ("q @ k.T / temperature", "q @ k.T / temperature - 1e3 * torch.eye(len(q), dtype=q.dtype)")),
    ],
}


def module(source: str) -> str:
    """The text of a file that holds one implementation."""
    return _HEAD + source
