"""What other libraries on PyTorch and papers write for the same: each as it stands there, but for the names of arguments."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import AffineTransform, Bernoulli, MultivariateNormal, kl_divergence

from tests.right_forms.form import by_elements, by_rows, form
from tests.right_forms.modules_of_torch import Module
from tests.right_forms.torch_models import Variational

ONE = ("float64",)


@form("vae_kl_loss", "torch")
def diffusers_diagonal_gaussian(mean, log_var, reduction="mean"):
    var = torch.exp(log_var)
    return by_rows(0.5 * torch.sum(torch.pow(mean, 2) + var - 1.0 - log_var, dim=[1]), reduction)


@form("vae_kl_loss", "torch")
def guided_diffusion_normal_kl(mean, log_var, reduction="mean"):
    mean2, logvar2 = torch.zeros_like(mean), torch.zeros_like(log_var)
    elements = -1.0 + logvar2 - log_var + torch.exp(log_var - logvar2) + ((mean - mean2) ** 2) * torch.exp(-logvar2)
    return by_rows((0.5 * elements).sum(1), reduction)


@form("vae_kl_loss", "torch", ONE)
def multivariate_normals(mean, log_var, reduction="mean"):
    posterior = MultivariateNormal(mean, scale_tril=torch.diag_embed((0.5 * log_var).exp()), validate_args=False)
    prior = MultivariateNormal(
        torch.zeros_like(mean), scale_tril=torch.eye(mean.shape[1], dtype=mean.dtype).expand(len(mean), -1, -1)
    )
    return by_rows(kl_divergence(posterior, prior), reduction)


@form("binary_cross_entropy", "torch")
def torchvision_focal_loss_without_focus(targets, logits, reduction="mean"):
    p = torch.sigmoid(logits)
    ce = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    return by_elements(ce * ((1 - p_t) ** 0), reduction)


@form("binary_cross_entropy", "torch")
def weights_of_one(targets, logits, reduction="mean"):
    ones = torch.ones_like(logits)
    return by_elements(F.binary_cross_entropy_with_logits(logits, targets, ones, reduction="none", pos_weight=ones[:1]), reduction)


@form("binary_cross_entropy", "torch")
def multilabel_soft_margin(targets, logits, reduction="mean"):
    t, z = targets.flatten(1), logits.flatten(1)
    rows = z.shape[1] * nn.MultiLabelSoftMarginLoss(reduction="none")(z, t)
    return {"mean": rows.sum() / z.numel(), "sum": rows.mean(), "none": rows}[reduction]


@form("mean_squared_error", "torch")
def gaussian_likelihood_of_unit_variance(inputs, reconstructions, reduction="mean"):
    nll = F.gaussian_nll_loss(reconstructions, inputs, torch.ones_like(inputs), reduction="none")
    return by_elements(2 * nll, reduction)


@form("mean_squared_error", "torch")
def pairwise_distances(inputs, reconstructions, reduction="mean"):
    rows = F.pairwise_distance(inputs.flatten(1), reconstructions.flatten(1), eps=0.0) ** 2
    return {"mean": rows.sum() / inputs.numel(), "sum": rows.mean(), "none": rows}[reduction]


@form("huber_loss", "torch")
def moreau_envelope(targets, predictions, delta=1.0, reduction="mean"):
    e = predictions - targets
    shrunk = F.softshrink(e, delta)
    return by_rows((0.5 * (e - shrunk) ** 2 + delta * shrunk.abs()).sum(1), reduction)


@form("kl_sparsity_loss", "torch", ONE)  # in single precision the library cuts q at 1.2e-7, whatever ε is
def bernoulli_of_logits(activations, target=0.1, weight=1.0, epsilon=1e-7):
    q = activations.mean(0).clamp(epsilon, 1 - epsilon)
    wanted = Bernoulli(probs=torch.full_like(q, target))
    return weight * kl_divergence(wanted, Bernoulli(probs=q, validate_args=False)).sum()


@form("kl_sparsity_loss", "torch")
def ufldl_cost(activations, target=0.1, weight=1.0, epsilon=1e-7):
    rho, m = target, activations.shape[0]
    rho_hat = (torch.sum(activations, dim=0) / m).clip(epsilon, 1 - epsilon)
    return weight * torch.sum(rho * torch.log(rho / rho_hat) + (1 - rho) * torch.log((1 - rho) / (1 - rho_hat)))


@form("l1_activity_loss", "torch")
def positive_and_negative_parts(activations, weight=1e-3):
    return weight * (F.relu(activations) + F.relu(-activations)).sum(-1).mean()


@form("l1_activity_loss", "torch")
def sae_lens_norm(activations, weight=1e-3):
    return (weight * activations.norm(p=1, dim=-1)).mean()


@form("reparameterize", "torch")
def affine_transform(mean, log_var, noise):
    return AffineTransform(mean, torch.exp(0.5 * log_var), event_dim=1)(noise)


@form("reparameterize", "torch")
def module_of_a_vae(mean, log_var, noise):
    std = log_var.mul(0.5).exp_()
    return noise.mul(std).add_(mean)


@form("pad_sequences", "torch", ONE)
def nested_tensor(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width = max(map(len, sequences)) if maxlen is None else maxlen
    kept = [row[max(0, len(row) - width) :] if truncating == "pre" else row[:width] for row in sequences]
    turned = [torch.tensor(row[::-1] if padding == "pre" else row, dtype=torch.int32) for row in kept]
    if not any(map(len, turned)):  # PyTorch refuses these
        return torch.full((len(kept), width), value, dtype=torch.int32)
    padded = torch.nested.nested_tensor(turned, dtype=torch.int32).to_padded_tensor(value, (len(kept), width))
    return padded.flip(1) if padding == "pre" else padded


@form("VariationalAutoencoder", "torch")
class OneHeadInTwoHalves(Variational):
    """μ and γ from one layer of twice the width, as most programs have it."""

    def __init__(self, sizes=(784, 150, 100), latent=10, **options):
        super().__init__(sizes, latent, **options)
        self.moments, self.latent = nn.Linear(sizes[-1], 2 * latent), latent
        del self.mean, self.log_var

    def import_weights(self, weights):
        halves = {part: [weights.get(f"{head}.{part}") for head in ("mean", "log_var")] for part in ("weight", "bias")}
        joined = {f"moments.{part}": torch.cat([torch.from_numpy(a) for a in both], -1).numpy() for part, both in halves.items()}
        super().import_weights({**weights, **joined})

    def export_weights(self):
        return self._in_halves(super().export_weights())

    def gradients(self, **batch):
        return self._in_halves(super().gradients(**batch))

    def training_steps(self, batches, optimizer="adam", learning_rate=1e-3):
        losses = super().training_steps(batches, optimizer, learning_rate)
        self.optimizer_state = self._in_halves(self.optimizer_state)
        return losses

    def _in_halves(self, arrays):
        halves = {}
        for name, array in arrays.items():
            if name.startswith("moments."):
                halves[name.replace("moments", "mean")] = array[..., : self.latent]
                halves[name.replace("moments", "log_var")] = array[..., self.latent :]
            else:
                halves[name] = array
        return halves

    def encoded(self, x):
        named = {}
        for i, layer in enumerate(self.encoder):
            named[f"encoder.{i}"] = x = self.activation(layer(x))
        mean, log_var = self.moments(x).chunk(2, dim=1)
        return {**named, "mean": mean, "log_var": log_var}


@form("HybridClassifier", "torch", name="library_layers_and_concatenation")
class Hybrid(Module):
    """Of one kind of cell; the second bias that PyTorch's LSTM has is zero and stays so."""

    shown = "probability"

    def __init__(self, vocabulary_size=16, words=100, embedding=8, word_embedding=16, units=64, cell="lstm"):
        super().__init__()
        if cell != "lstm":
            raise NotImplementedError
        self.embedding, self.word = nn.Embedding(vocabulary_size, embedding), nn.Embedding(words, word_embedding)
        self.lstm, self.head = nn.LSTM(embedding, units, batch_first=True), nn.Linear(units + word_embedding, 1)
        nn.init.zeros_(self.lstm.bias_hh_l0)
        self.lstm.bias_hh_l0.requires_grad_(False)

    def named(self):
        as_it_is, transposed = lambda p: p, lambda p: p.T
        return {
            "embedding": (self.embedding.weight, as_it_is),
            "lstm.input_weight": (self.lstm.weight_ih_l0, transposed),
            "lstm.recurrent_weight": (self.lstm.weight_hh_l0, transposed),
            "lstm.bias": (self.lstm.bias_ih_l0, as_it_is),
            "word.embedding": (self.word.weight, as_it_is),
            "head.weight": (self.head.weight, transposed),
            "head.bias": (self.head.bias, as_it_is),
        }

    def activations(self, characters, word, labels=None):
        embedded = self.embedding(characters)
        states, (hidden, _) = self.lstm(embedded)
        of_word = self.word(word).squeeze(1)
        features = torch.cat([hidden[-1], of_word], dim=1)
        z = self.head(features)
        named = {"embedding": embedded, "states": states, "summary": hidden[-1], "word_embedding": of_word}
        return {**named, "features": features, "logits": z, "probability": torch.sigmoid(z)}

    def loss_terms(self, characters, word, labels):
        z = self.activations(characters, word)["logits"]
        loss = nn.BCEWithLogitsLoss()(z, labels.to(z.dtype))
        return {"cross_entropy": loss, "total": loss}
