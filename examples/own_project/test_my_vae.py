"""The team's own tests. Two of them hold its formulas to the contract, in three lines each."""

import torch
from my_vae import TinyVAE, kl_divergence, sample

from conformance import conforms


def test_kl_divergence():
    conforms("vae_kl_loss", kl_divergence)


def test_sample(conforms):  # the fixture skips where `conforms` itself would raise that it cannot run here
    conforms("reparameterize", sample, dtype="float32", examples=50)


def test_one_step():
    logits, divergence = TinyVAE()(torch.rand(4, 16))
    assert logits.shape == (4, 16)
    assert divergence >= 0
