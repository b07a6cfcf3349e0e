"""Whole models in PyTorch, with the losses that libraries offer and papers print inside them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from tests.right_forms.form import BOTH, form
from tests.right_forms.modules_of_torch import ACTIVATIONS, Mirrored, Module


class Variational(Module):
    """Kingma and Welling's: an encoder, two heads, a decoder. A subclass gives the two terms."""

    def __init__(
        self,
        sizes=(784, 150, 100),
        latent=10,
        beta=1.0,
        activation="relu",
        output_activation="sigmoid",
        loss="mean_squared_error",
    ):
        super().__init__()
        self.beta, self.activation, self.output_activation, self.loss = beta, ACTIVATIONS[activation], output_activation, loss
        self.encoder = nn.ModuleList(nn.Linear(i, o) for i, o in itertools.pairwise(sizes))
        self.mean, self.log_var = nn.Linear(sizes[-1], latent), nn.Linear(sizes[-1], latent)
        ways = [latent, *sizes[::-1]]
        self.decoder = nn.ModuleList(nn.Linear(i, o) for i, o in itertools.pairwise(ways))

    def reparameterize(self, mu, logvar, noise):
        std = torch.exp(0.5 * logvar)
        return mu + noise * std

    def decoded(self, z):
        named = {}
        for i, layer in enumerate(self.decoder[:-1]):
            named[f"decoder.{i}"] = z = self.activation(layer(z))
        logits = self.decoder[-1](z)
        return {**named, "logits": logits, "reconstruction": ACTIVATIONS[self.output_activation](logits)}

    def encoded(self, x):
        named = {}
        for i, layer in enumerate(self.encoder):
            named[f"encoder.{i}"] = x = self.activation(layer(x))
        return {**named, "mean": self.mean(x), "log_var": self.log_var(x)}

    def activations(self, inputs, noise):
        named = self.encoded(inputs)
        z = self.reparameterize(named["mean"], named["log_var"], noise)
        return {**named, "coding": z, **self.decoded(z)}

    def inference(self, inputs, noise=None):
        return {"reconstruction": self.decoded(self.encoded(inputs)["mean"])["reconstruction"]}

    def squares(self, x, named):
        return F.mse_loss(named["reconstruction"], x, reduction="sum") / len(x)

    def cross_entropy(self, x, named):
        return nn.BCEWithLogitsLoss(reduction="sum")(named["logits"], x) / len(x)

    def divergence(self, mu, logvar):
        return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / len(mu)

    def loss_terms(self, inputs, noise):
        named = self.activations(inputs, noise)
        error = (self.squares if self.loss == "mean_squared_error" else self.cross_entropy)(inputs, named)
        latent = self.beta * self.divergence(named["mean"], named["log_var"])
        return {"reconstruction": error, "latent": latent, "total": error + latent}


form("VariationalAutoencoder", "torch", name="bce_with_logits_summed_and_literal_divergence")(Variational)


@form("VariationalAutoencoder", "torch")
class DivergenceOfDistributions(Variational):
    def divergence(self, mu, logvar):
        prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
        return kl_divergence(Normal(mu, torch.exp(0.5 * logvar)), prior).sum(1).mean()

    def cross_entropy(self, x, named):
        return -Independent(Bernoulli(logits=named["logits"], validate_args=False), 1).log_prob(x).mean()


@form("VariationalAutoencoder", "torch")
class SampledByDistribution(Variational):
    def reparameterize(self, mu, logvar, noise):
        q = Normal(mu, (logvar / 2).exp())
        return q.loc + q.scale * noise

    def divergence(self, mu, logvar):
        return torch.mean(-0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1), dim=0)

    def squares(self, x, named):
        return torch.sum((x - named["reconstruction"]) ** 2, dim=1).mean()

    def cross_entropy(self, x, named):
        return F.binary_cross_entropy_with_logits(named["logits"], x, reduction="none").sum(-1).mean(0)


@form("VariationalAutoencoder", "torch")
class DeviationsSquared(Variational):
    """Of a source that speaks of σ: ½ Σ (μ² + σ² − log σ² − 1)."""

    def divergence(self, mu, logvar):
        sigma = torch.exp(0.5 * logvar)
        return 0.5 * (mu**2 + sigma**2 - torch.log(sigma**2) - 1).sum(1).mean()

    def cross_entropy(self, x, named):
        z = named["logits"]
        return (F.softplus(z, threshold=50) - x * z).sum(1).mean()


PENALTIES: dict[str, Callable[[Any, Any], Any]] = {
    "as_printed": lambda p, q: p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q)),
    "logarithms_apart": lambda p, q: p * (p.log() - q.log()) + (1 - p) * ((1 - p).log() - (1 - q).log()),
    "kl_div": lambda p, q: F.kl_div(q.log(), p, reduction="none") + F.kl_div((1 - q).log(), 1 - p, reduction="none"),
    "bernoulli": lambda p, q: kl_divergence(Bernoulli(p), Bernoulli(q, validate_args=False)),
}
NORMS: dict[str, Callable[[Any], Any]] = {
    "as_printed": lambda a: a.abs().sum(1).mean(),
    "logarithms_apart": lambda a: torch.norm(a, 1) / a.size(0),
    "kl_div": lambda a: F.l1_loss(a, torch.zeros_like(a), reduction="sum") / len(a),
    "bernoulli": lambda a: torch.linalg.vector_norm(a, 1, dim=-1).mean(),
}
for _name, _unit in PENALTIES.items():
    # In single precision torch.distributions cuts q at 1.2e-7, and not at 1e-7.
    _dtypes = ("float64",) if _name == "bernoulli" else BOTH

    @form("SparseAutoencoder", "torch", _dtypes, name=_name)
    class Sparse(Mirrored):
        coding_activation = "sigmoid"
        unit, norm = staticmethod(_unit), staticmethod(NORMS[_name])

        def __init__(self, sizes=(784, 100, 300), penalty="l1", weight=None, target=0.1, **options):
            super().__init__(sizes, **options)
            self.penalty, self.target = penalty, target
            self.weight = {"l1": 1e-3, "kl": 0.05}[penalty] if weight is None else weight

        def loss_terms(self, inputs):
            named = self.activations(inputs)
            error, codings = self.mean_error(inputs, named), named["coding"]
            if self.penalty == "l1":
                sparsity = self.weight * self.norm(codings)
            else:
                rho_hat = codings.mean(0).clamp(1e-7, 1 - 1e-7)
                sparsity = self.weight * self.unit(torch.full_like(rho_hat, self.target), rho_hat).sum()
            return {"reconstruction": error, "sparsity": sparsity, "total": error + sparsity}


def _closed_form(model, inputs, coding):
    """The usual shortcut: Σ_j f'(z_j)² Σ_i W_ji²."""
    slope = coding * (1 - coding) if model.activation == "sigmoid" else 1 - coding**2
    return (slope**2 @ model.encoder[0].weight.pow(2).sum(1)).mean()


def _jacobian_of_functions(model, inputs, coding):
    encoder = lambda x: ACTIVATIONS[model.activation](model.encoder[0](x))  # noqa: E731
    return torch.vmap(torch.func.jacrev(encoder))(inputs).pow(2).sum((1, 2)).mean()


def _jacobian_of_autograd(model, inputs, coding):
    with torch.enable_grad():  # also where the rest is asked for without
        x = inputs.detach().requires_grad_()
        h = ACTIVATIONS[model.activation](model.encoder[0](x))
        rows = [torch.autograd.grad(h[:, j].sum(), x, create_graph=True)[0] for j in range(h.shape[1])]
    return torch.stack(rows, 1).square().sum((1, 2)).mean()


for _penalty in (_closed_form, _jacobian_of_functions, _jacobian_of_autograd):

    @form("ContractiveAutoencoder", "torch", name=_penalty.__name__.strip("_"))
    class Contractive(Mirrored):
        squared_norm = staticmethod(_penalty)

        def __init__(self, sizes=(784, 100), weight=0.1, activation="sigmoid", **options):
            super().__init__(sizes, activation, **options)
            self.weight = weight

        def loss_terms(self, inputs):
            named = self.activations(inputs)
            error, norm = self.mean_error(inputs, named), self.squared_norm(self, inputs, named["coding"])
            return {"reconstruction": error, "contraction": self.weight * norm, "total": error + self.weight * norm}


@form("DenoisingAutoencoder", "torch")
class Denoising(Mirrored):
    def __init__(self, sizes=(784, 100, 30), corruption="gaussian", level=0.25, **options):
        super().__init__(sizes, **options)
        self.corruption, self.level = corruption, level

    def corrupt(self, x, noise):
        if self.corruption == "gaussian":
            return x + self.level * noise
        return x * noise if self.corruption == "masking" else x * noise / (1 - self.level)

    def activations(self, inputs, noise):
        corrupted = self.corrupt(inputs, noise)
        return {"corrupted": corrupted, **super().activations(corrupted)}

    def inference(self, inputs, noise=None):
        return {"reconstruction": super().activations(inputs)["reconstruction"]}

    def loss_terms(self, inputs, noise):
        error = self.mean_error(inputs, self.activations(inputs, noise))
        return {"reconstruction": error, "total": error}


@form("DenoisingAutoencoder", "torch")
class DenoisingByFunctions(Denoising):
    def corrupt(self, x, noise):
        if self.corruption == "gaussian":
            return torch.add(x, noise, alpha=self.level)
        kept = x.masked_fill(noise == 0, 0.0)
        return kept if self.corruption == "masking" else kept * (1 / (1 - self.level))


@form("StackedAutoencoder", "torch")
class Stacked(Mirrored):
    def loss_terms(self, inputs):
        error = self.mean_error(inputs, self.activations(inputs))
        return {"reconstruction": error, "total": error}


@form("StackedAutoencoder", "torch")
class StackedByEquations(Mirrored):
    """The losses as their sources print them."""

    def loss_terms(self, inputs):
        named = self.activations(inputs)
        if self.loss == "mean_squared_error":
            error = ((inputs - named["reconstruction"]) ** 2).mean()
        else:
            z = named["logits"]
            error = -(inputs * F.logsigmoid(z) + (1 - inputs) * F.logsigmoid(-z)).mean()
        return {"reconstruction": error, "total": error}


@form("LinearAutoencoder", "torch")
class Linear(Mirrored):
    def __init__(self, features, codings):
        super().__init__((features, codings), "linear", "linear")

    def activations(self, inputs):
        coding = self.encoder[0](inputs)
        reconstruction = self.decoder[0](coding)
        return {"coding": coding, "logits": reconstruction, "reconstruction": reconstruction}

    def loss_terms(self, inputs):
        error = F.mse_loss(self.activations(inputs)["reconstruction"], inputs)
        return {"reconstruction": error, "total": error}


def _library(output, z, labels):
    if output == "softmax":
        return nn.CrossEntropyLoss()(z, labels.squeeze(1))
    if output == "sigmoid":
        return nn.BCEWithLogitsLoss(reduction="sum")(z, labels) / len(z)
    return nn.MSELoss(reduction="sum")(z, labels) / len(z)


def _equations(output, z, labels):
    if output == "softmax":
        return (z.logsumexp(1) - z.gather(1, labels)[:, 0]).mean()
    if output == "sigmoid":
        return (-labels * F.logsigmoid(z) - (1 - labels) * F.logsigmoid(-z)).sum(1).mean()
    return ((z - labels) ** 2).sum(1).mean()


def _likelihoods(output, z, labels):
    if output == "softmax":
        return F.nll_loss(F.log_softmax(z, dim=1), labels.flatten())
    if output == "sigmoid":
        return -Bernoulli(logits=z).log_prob(labels).sum(-1).mean()
    return torch.linalg.vector_norm(z - labels).square() / len(z)


_TERMS = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy", "linear": "mean_squared_error"}
for _loss in (_library, _equations, _likelihoods):

    @form("MultilayerPerceptron", "torch", name=_loss.__name__.strip("_"))
    class Perceptron(Module):
        shown, criterion = "output", staticmethod(_loss)

        def __init__(self, sizes=(784, 100, 10), activation="relu", output="softmax"):
            super().__init__()
            self.layer = nn.ModuleList(nn.Linear(i, o) for i, o in itertools.pairwise(sizes))
            self.activation, self.output = ACTIVATIONS[activation], output

        def activations(self, inputs, labels=None):
            named = {}
            for i, layer in enumerate(self.layer[:-1]):
                named[f"layer.{i}"] = inputs = self.activation(layer(inputs))
            z = self.layer[-1](inputs)
            return {**named, "logits": z, "output": ACTIVATIONS[self.output](z)}

        def loss_terms(self, inputs, labels):
            loss = self.criterion(self.output, self.activations(inputs)["logits"], labels)
            return {_TERMS[self.output]: loss, "total": loss}
