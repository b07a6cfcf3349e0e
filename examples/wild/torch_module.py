"""A variational autoencoder in the style of PyTorch's examples: `forward` returns reconstruction, mean and log-variance as a tuple."""

from __future__ import annotations

import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self, features=784, hidden=400, latent=20):
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc21, self.fc22 = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.fc3, self.fc4 = nn.Linear(latent, hidden), nn.Linear(hidden, features)

    def encode(self, x):
        h = torch.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + torch.randn_like(std) * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(torch.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar
