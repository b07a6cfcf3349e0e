"""The networks of impl_torch as a user would write them: no names, no checks, the loss that PyTorch has or its formula in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.benchmarks.side_by_side import CLASSES, EPOCHS, ROWS, SAMPLES, VOCABULARY, WORDS

Batch = Mapping[str, Tensor]


@dataclass(frozen=True)
class Plain:
    """A network and the loss of a batch."""

    model: nn.Module
    loss: Callable[[Any, Batch], Tensor]

    def fit(self, data: Batch) -> list[float]:
        """The loop of every tutorial; returns the mean loss of each epoch."""
        optimizer, history = self._adam(), []
        for _ in range(EPOCHS):
            order, total = torch.randperm(SAMPLES), 0.0
            for start in range(0, SAMPLES, ROWS):
                rows = order[start : start + ROWS]
                total += self._step(optimizer, {name: array[rows] for name, array in data.items()})
            history.append(total / (SAMPLES // ROWS))
        return history

    def steps(self, batches: list[Batch]) -> list[float]:
        """The barest loop: over batches that lie ready; returns the loss of each."""
        optimizer = self._adam()
        return [self._step(optimizer, batch) for batch in batches]

    def _adam(self) -> torch.optim.Optimizer:
        return torch.optim.Adam([p for p in self.model.parameters() if p.requires_grad], eps=1e-7)

    def _step(self, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
        optimizer.zero_grad()
        loss = self.loss(self.model, batch)
        loss.backward()
        optimizer.step()
        return loss.item()

    def take_weights(self, own: nn.Module) -> None:
        """Those of the model of impl_torch. PyTorch's recurrent layers have a second bias, which becomes zero."""
        theirs = iter(own.parameters())
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                if "bias_hh" in name:
                    parameter.zero_()
                else:
                    source = next(theirs)
                    assert source.shape == parameter.shape
                    parameter.copy_(source)
        assert next(theirs, None) is None


def _layers(*widths: int, last: nn.Module | None = None) -> nn.Sequential:
    """Dense layers with ReLU, and `last` in place of the last one."""
    layers = [module for i, o in pairwise(widths) for module in (nn.Linear(i, o), nn.ReLU())]
    return nn.Sequential(*layers[:-1], nn.ReLU() if last is None else last)


class Coder(nn.Module):
    """Encoder and decoder."""

    def __init__(self, *widths: int, coding: nn.Module | None = None) -> None:
        super().__init__()
        self.encoder, self.decoder = _layers(*widths, last=coding), _layers(*widths[::-1], last=nn.Sigmoid())


class Variational(nn.Module):
    """784→150→100→(μ, γ of 10)→100→150→784."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.mean, self.log_var = _layers(784, 150, 100), nn.Linear(100, 10), nn.Linear(100, 10)
        self.decoder = _layers(10, 100, 150, 784, last=nn.Sigmoid())


class Characters(nn.Module):
    """Embedding, cell, one logit; with `beside`, the embedding of the word too."""

    def __init__(self, cell: nn.Module, features: int = 64, beside: int = 0) -> None:
        super().__init__()
        self.embedding, self.cell = nn.Embedding(VOCABULARY, 8), cell
        if beside:
            self.words = nn.Embedding(WORDS, beside)
        self.head = nn.Linear(features + beside, 1)

    def forward(self, ids: Tensor, word: Tensor | None = None) -> Tensor:
        x = self.embedding(ids)
        if isinstance(self.cell, nn.Conv1d):
            features = torch.relu(self.cell(x.transpose(1, 2))).amax(dim=2)
        elif isinstance(self.cell, nn.LSTM) and self.cell.bidirectional:
            features = torch.cat(list(self.cell(x)[1][0]), dim=1)
        else:
            features = self.cell(x)[0][:, -1]
        return self.head(features if word is None else torch.cat([features, self.words(word[:, 0])], dim=1))


def _squared(model: Any, batch: Batch) -> Tensor:
    return functional.mse_loss(model(batch["inputs"]), batch["inputs"])


def _sparse_l1(model: Any, batch: Batch) -> Tensor:
    coding = model.encoder(batch["inputs"])
    return functional.mse_loss(model.decoder(coding), batch["inputs"]) + 1e-3 * coding.abs().sum() / len(coding)


def _sparse_kl(model: Any, batch: Batch, p: float = 0.1) -> Tensor:
    coding = model.encoder(batch["inputs"])
    q = coding.mean(dim=0).clamp(1e-7, 1 - 1e-7)
    divergence = (p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q))).sum()
    return functional.mse_loss(model.decoder(coding), batch["inputs"]) + 0.05 * divergence


def _variational(model: Any, batch: Batch) -> Tensor:
    x = model.encoder(batch["inputs"])
    mean, log_var = model.mean(x), model.log_var(x)
    output = model.decoder(mean + torch.exp(0.5 * log_var) * batch["noise"])
    divergence = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
    return (functional.mse_loss(output, batch["inputs"], reduction="sum") + divergence) / len(output)


def _denoising(model: Any, batch: Batch) -> Tensor:
    return functional.mse_loss(model(batch["inputs"] + 0.25 * batch["noise"]), batch["inputs"])


def _contractive(model: Any, batch: Batch) -> Tensor:
    coding = model.encoder(batch["inputs"])
    slope, norms = coding * (1 - coding), model.encoder[0].weight.pow(2).sum(dim=1)
    contraction = (slope.pow(2) * norms).sum(dim=1).mean()
    return functional.mse_loss(model.decoder(coding), batch["inputs"]) + 0.1 * contraction


def _classes(model: Any, batch: Batch) -> Tensor:
    return functional.cross_entropy(model(batch["inputs"]), batch["labels"][:, 0])


def _binary(model: Any, batch: Batch) -> Tensor:
    return functional.binary_cross_entropy_with_logits(model(batch["characters"]), batch["labels"])


def _hybrid(model: Any, batch: Batch) -> Tensor:
    return functional.binary_cross_entropy_with_logits(model(batch["characters"], batch["word"]), batch["labels"])


def _classifier(trainable: bool) -> nn.Sequential:
    encoder = _layers(784, 100, 30)
    return nn.Sequential(encoder.requires_grad_(trainable), nn.Linear(30, CLASSES))


def _stacked() -> nn.Module:
    return _layers(784, 100, 30, 100, 784, last=nn.Sigmoid())


PLAIN: Mapping[str, Callable[[], Plain]] = {
    "stacked": lambda: Plain(_stacked(), _squared),
    "sparse l1": lambda: Plain(Coder(784, 100, 300, coding=nn.Sigmoid()), _sparse_l1),
    "sparse kl": lambda: Plain(Coder(784, 100, 300, coding=nn.Sigmoid()), _sparse_kl),
    "variational": lambda: Plain(Variational(), _variational),
    "denoising": lambda: Plain(_stacked(), _denoising),
    "contractive": lambda: Plain(Coder(784, 100, coding=nn.Sigmoid()), _contractive),
    "linear": lambda: Plain(nn.Sequential(nn.Linear(784, 30), nn.Linear(30, 784)), _squared),
    "pretrained frozen": lambda: Plain(_classifier(False), _classes),
    "pretrained fine-tuned": lambda: Plain(_classifier(True), _classes),
    "characters lstm": lambda: Plain(Characters(nn.LSTM(8, 64, batch_first=True)), _binary),
    "characters rnn": lambda: Plain(Characters(nn.RNN(8, 64, batch_first=True)), _binary),
    "characters bidirectional": lambda: Plain(
        Characters(nn.LSTM(8, 64, batch_first=True, bidirectional=True), features=128), _binary
    ),
    "characters cnn": lambda: Plain(Characters(nn.Conv1d(8, 64, 3, padding=1)), _binary),
    "hybrid": lambda: Plain(Characters(nn.LSTM(8, 64, batch_first=True), beside=16), _hybrid),
}
