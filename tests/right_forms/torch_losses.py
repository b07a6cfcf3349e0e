"""Losses of predictions, players of a GAN and penalties in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from tests.right_forms.form import by_elements, by_rows, form


def _softplus(z):
    return torch.logaddexp(torch.zeros_like(z).detach(), z)


# By specification: name -> what is reduced over the batch, or the whole loss where nothing is.
Forms = dict[str, Callable[..., Any]]
ELEMENTS: dict[str, Forms] = {
    "mean_absolute_error": {
        "l1_loss": lambda t, p: F.l1_loss(p, t, reduction="none"),
        "abs": lambda t, p: (p - t).abs(),
        "module": lambda t, p: torch.nn.L1Loss(reduction="none")(p, t),
        "maximum": lambda t, p: torch.maximum(p - t, t - p),
        "sign": lambda t, p: (p - t) * torch.sign(p - t).detach(),
    },
    "sigmoid_squared_error": {
        "sigmoid": lambda t, z: 0.5 * (torch.sigmoid(z) - t) ** 2,
        "mse_loss": lambda t, z: F.mse_loss(z.sigmoid(), t, reduction="none") / 2,
        "tanh": lambda t, z: 0.5 * (0.5 + 0.5 * torch.tanh(z / 2) - t).square(),
        "expit": lambda t, z: 0.5 * (torch.special.expit(z) - t).pow(2),
        "module": lambda t, z: 0.5 * torch.nn.MSELoss(reduction="none")(torch.nn.Sigmoid()(z), t),
    },
    "gaussian_nll_loss": {
        "equation": lambda x, m, g: (
            0.5 * (g + (x - m) ** 2 * torch.exp(-g)) + 0.5 * torch.log(torch.tensor(2 * torch.pi, dtype=x.dtype))
        ),
        "divided": lambda x, m, g: 0.5 * (g + (x - m) ** 2 / g.exp() + 1.8378770664093453),
        "deviation": lambda x, m, g: 0.5 * (g + ((x - m) / (0.5 * g).exp()) ** 2) + 0.9189385332046727,
        "library": lambda x, m, g: F.gaussian_nll_loss(m, x, g.exp(), full=True, eps=1e-12, reduction="none"),
        "distribution": lambda x, m, g: -torch.distributions.Normal(m, (0.5 * g).exp()).log_prob(x),
    },
    "ranknet_loss": {
        "softplus": lambda s, o, t: (1 - t) * _softplus(s - o) + t * _softplus(o - s),
        "logaddexp": lambda s, o, t: torch.logaddexp(torch.zeros_like(s), s - o) - t * (s - o),
        "logits": lambda s, o, t: F.binary_cross_entropy_with_logits(s - o, t, reduction="none"),
        "logsigmoid": lambda s, o, t: -t * F.logsigmoid(s - o) - (1 - t) * F.logsigmoid(o - s),
        "stacked": lambda s, o, t: torch.stack([torch.zeros_like(s), s - o]).logsumexp(0) - t * (s - o),
    },
}
ROWS: dict[str, Forms] = {
    "triplet_margin_loss": {
        "library": lambda a, p, n, m: F.triplet_margin_loss(a, p, n, margin=m, eps=0.0, reduction="none"),
        "norm": lambda a, p, n, m: torch.relu((a - p).norm(dim=1) - (a - n).norm(dim=1) + m),
        "linalg": lambda a, p, n, m: F.relu(torch.linalg.norm(a - p, dim=1) - torch.linalg.norm(a - n, dim=1) + m),
        "clamp": lambda a, p, n, m: ((a - p).norm(dim=1) - (a - n).norm(dim=1) + m).clamp(min=0),
        "distance": lambda a, p, n, m: torch.relu(F.pairwise_distance(a, p, eps=0.0) - F.pairwise_distance(a, n, eps=0.0) + m),
    },
}


def _held(x, y, lengths):
    """Where a vector is zero there is no angle."""
    have = lengths > 0
    return 1 - torch.where(have, (x * y).sum(1) / torch.where(have, lengths, 1.0), 0.0)


ROWS["cosine_similarity_loss"] = {
    "norms": lambda x, y: _held(x, y, x.norm(dim=1) * y.norm(dim=1)),
    "linalg": lambda x, y: _held(x, y, torch.linalg.vector_norm(x, dim=1) * torch.linalg.vector_norm(y, dim=1)),
    "einsum": lambda x, y: _held(x, y, torch.einsum("b,b->b", x.norm(dim=1), y.norm(dim=1))),
    "reversed": lambda x, y: _held(y, x, y.norm(dim=1) * x.norm(dim=1)),
    "product": lambda x, y: _held(x, y, torch.stack([x.norm(dim=1), y.norm(dim=1)]).prod(0)),
}
WHOLE: dict[str, Forms] = {
    "l1_penalty": {
        "abs": lambda w, s=0.01: s * w.abs().sum(),
        "norm": lambda w, s=0.01: s * torch.linalg.vector_norm(w, 1),
        "sign": lambda w, s=0.01: s * (w * w.sign().detach()).sum(),
        "l1_loss": lambda w, s=0.01: s * F.l1_loss(w, torch.zeros_like(w), reduction="sum"),
        "rows": lambda w, s=0.01: (s * w.abs()).sum(1).sum(),
    },
    "l2_penalty": {
        "square": lambda w, s=0.01: s * w.square().sum(),
        "product": lambda w, s=0.01: s * (w * w).sum(),
        "dot": lambda w, s=0.01: s * torch.dot(w.flatten(), w.flatten()),
        "mse_loss": lambda w, s=0.01: s * F.mse_loss(w, torch.zeros_like(w), reduction="sum"),
        "columns": lambda w, s=0.01: (s * w.pow(2)).sum(0).sum(),
    },
    "elastic_net_penalty": {
        "sums": lambda w, l1=0.01, l2=0.01: l1 * w.abs().sum() + l2 * w.square().sum(),
        "elements": lambda w, l1=0.01, l2=0.01: (l1 * w.abs() + l2 * w * w).sum(),
        "norm": lambda w, l1=0.01, l2=0.01: l1 * torch.linalg.vector_norm(w, 1) + l2 * (w**2).sum(),
        "factored": lambda w, l1=0.01, l2=0.01: (w.abs() * (l1 + l2 * w.abs())).sum(),
        "losses": lambda w, l1=0.01, l2=0.01: l1 * F.l1_loss(w, 0 * w.detach(), reduction="sum") + l2 * (w * w).sum(),
    },
    "gan_discriminator_loss": {
        "softplus": lambda r, f: _softplus(-r).mean() + _softplus(f).mean(),
        "logits": lambda r, f: (
            F.binary_cross_entropy_with_logits(r, torch.ones_like(r)) + F.binary_cross_entropy_with_logits(f, torch.zeros_like(f))
        ),
        "logsigmoid": lambda r, f: -F.logsigmoid(r).mean() - F.logsigmoid(-f).mean(),
        "module": lambda r, f: (
            torch.nn.BCEWithLogitsLoss()(r, torch.ones_like(r)) + torch.nn.BCEWithLogitsLoss()(f, torch.zeros_like(f))
        ),
        "logaddexp": lambda r, f: torch.logaddexp(0 * r.detach(), -r).mean() + torch.logaddexp(0 * f.detach(), f).mean(),
    },
}
# (1 − p_t)^γ times the cross-entropy, before the weights.
FOCAL: Forms = {
    "torchvision": lambda t, z, g: (
        (1 - (z.sigmoid() * t + (1 - z.sigmoid()) * (1 - t))) ** g * F.binary_cross_entropy_with_logits(z, t, reduction="none")
    ),
    "complement": lambda t, z, g: torch.sigmoid((1 - 2 * t) * z) ** g * _softplus((1 - 2 * t) * z),
    "exponential": lambda t, z, g: torch.exp(g * F.logsigmoid((1 - 2 * t) * z)) * _softplus((1 - 2 * t) * z),
    "logsigmoid": lambda t, z, g: -torch.pow(torch.sigmoid((1 - 2 * t) * z), g) * F.logsigmoid((2 * t - 1) * z),
    "where": lambda t, z, g: (1 - torch.where(t > 0.5, z.sigmoid(), 1 - z.sigmoid())) ** g * _softplus(torch.where(t > 0.5, -z, z)),
}
GENERATOR: Forms = {
    "softplus": lambda f: _softplus(-f).mean(),
    "logsigmoid": lambda f: -F.logsigmoid(f).mean(),
    "logits": lambda f: F.binary_cross_entropy_with_logits(f, torch.ones_like(f)),
    "module": lambda f: torch.nn.BCEWithLogitsLoss()(f, torch.ones_like(f)),
    "logaddexp": lambda f: torch.logaddexp(0 * f.detach(), -f).mean(),
}
for _spec, _forms in ELEMENTS.items():
    for _name, _written in _forms.items():

        @form(_spec, "torch", name=_name)
        def of_elements(*arrays, reduction="mean", written=_written, spec=_spec, **named):
            elements = written(*arrays, *named.values())
            return by_elements(elements, reduction) if spec == "mean_absolute_error" else by_rows(elements.sum(1), reduction)


for _name, _written in FOCAL.items():

    @form("focal_loss", "torch", name=_name)
    def focal_loss(targets, logits, gamma=2.0, alpha=0.25, reduction="mean", written=_written):
        weights = alpha * targets + (1 - alpha) * (1 - targets)
        return by_rows((weights * written(targets, logits, gamma)).sum(1), reduction)


for _name, _written in ROWS["triplet_margin_loss"].items():

    @form("triplet_margin_loss", "torch", name=_name)
    def triplet_margin_loss(anchors, positives, negatives, margin=1.0, reduction="mean", written=_written):
        return by_rows(written(anchors, positives, negatives, margin), reduction)


for _name, _written in ROWS["cosine_similarity_loss"].items():

    @form("cosine_similarity_loss", "torch", name=_name)
    def cosine_similarity_loss(inputs, others, reduction="mean", written=_written):
        return by_rows(written(inputs, others), reduction)


for _spec, _forms in WHOLE.items():
    for _name, _written in _forms.items():
        if _spec == "elastic_net_penalty":

            @form(_spec, "torch", name=_name)
            def elastic_net_penalty(weights, l1=0.01, l2=0.01, written=_written):
                return written(weights, l1, l2)

        elif _spec == "gan_discriminator_loss":

            @form(_spec, "torch", name=_name)
            def gan_discriminator_loss(real_logits, fake_logits, written=_written):
                return written(real_logits, fake_logits)

        else:

            @form(_spec, "torch", name=_name)
            def penalty(weights, strength=0.01, written=_written):
                return written(weights, strength)


for _name, _written in GENERATOR.items():

    @form("gan_generator_loss", "torch", name=_name)
    def gan_generator_loss(fake_logits, kind="non_saturating", written=_written):
        return written(fake_logits) if kind == "non_saturating" else -written(-fake_logits)
