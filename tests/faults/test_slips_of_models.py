"""Slips in a model: a weight on the wrong term, gradients that are clipped, accumulators that start elsewhere, each with its number."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.faults.catalogue import text_in
from tests.faults.test_other_defaults import diagnosis_of

WEIGHTED = """class ContractiveAutoencoder(reference.ContractiveAutoencoder):
    def loss_terms(self, inputs):
        terms = super().loss_terms(inputs)
        return self._weighted(terms["reconstruction"], terms["contraction"], inputs)

    def _weighted(self, reconstruction, contraction, inputs):
        own, self.weight = self.weight, 1.0
        try:
            unweighted = super().loss_terms(inputs)["contraction"]
        finally:
            self.weight = own
        terms = {expression}
        return {{**terms, "total": terms["reconstruction"] + terms["contraction"]}}
"""
ELSEWHERE = WEIGHTED.format(expression='{"reconstruction": own * reconstruction, "contraction": unweighted}')
EVERYTHING = WEIGHTED.format(expression='{"reconstruction": own * reconstruction, "contraction": contraction}')
CAST = """class ContractiveAutoencoder(reference.ContractiveAutoencoder):
    def __init__(self, sizes=(784, 100), weight=0.1, *arguments, **options):
        super().__init__(sizes, float(np.float32(weight)), *arguments, **options)
"""
ONE_TERM = """class VariationalAutoencoder(reference.VariationalAutoencoder):
    def loss_terms(self, inputs, noise):
        terms, named = super().loss_terms(inputs, noise), self.activations(inputs, noise)
        mean, log_var = named["mean"], named["log_var"]
        latent = 0.5 * (mean**2 + self.beta * (np.exp(log_var) - 1) - log_var).sum(axis=1).mean()
        return {"reconstruction": terms["reconstruction"], "latent": latent, "total": terms["reconstruction"] + latent}
"""
TRAINED = """class LinearAutoencoder(reference.LinearAutoencoder):
    def training_steps(self, batches, optimizer="adam", learning_rate=1e-3):
        step, states, losses = OPTIMIZERS[optimizer], {{}}, []
        if optimizer == "adagrad":
            states = {{name: {{"squares": np.full_like(self.weights[name], {start})}} for name in self.trainable_names}}
        for batch in batches:
            losses.append(float(self.loss_terms(**batch)["total"]))
            g = self.gradients(**batch)
            norm = np.sqrt(sum((v**2).sum() for v in g.values()))
            g = {clipped}
            for n in self.trainable_names:
                self.weights[n], states[n] = step(self.weights[n], g[n], states.get(n), learning_rate)
        self.optimizer_state = {{f"{{n}}/{{q}}": v for n, s in states.items() for q, v in s.items() if q != "steps"}}
        return losses
"""
IMPORTS = "import numpy as np\nfrom reference.training import OPTIMIZERS\n\n\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "body", "id"),
    [
        ("ContractiveAutoencoder", ELSEWHERE, "factor_elsewhere#weight#reconstruction#contraction"),
        ("ContractiveAutoencoder", EVERYTHING, "factor_more#weight#reconstruction"),
        ("ContractiveAutoencoder", CAST, "rounded#weight#float32"),
        ("VariationalAutoencoder", ONE_TERM, "factor_on#self.beta#stored(expm1(log_var))"),
        (
            "LinearAutoencoder",
            TRAINED.format(start="0.0", clipped="{n: v * min(1.0, 0.5 / (norm + 1e-6)) for n, v in g.items()}"),
            "clipped_together#0.5",
        ),
        (
            "LinearAutoencoder",
            TRAINED.format(start="0.0", clipped="{n: np.clip(v, -0.25, 0.25) for n, v in g.items()}"),
            "clipped_by_value#0.25",
        ),
        ("LinearAutoencoder", TRAINED.format(start="1e-3", clipped="g"), "starts_at#adagrad#0.001"),
        (
            "StackedAutoencoder",
            TRAINED.format(start="0.01", clipped="g").replace("LinearA", "StackedA"),
            "state_more#squares#0.01",
        ),
    ],
    ids=[
        "another term",
        "everything",
        "a cast number",
        "one term of a formula",
        "norm of all",
        "by value",
        "accumulator",
        "beside a pretraining",
    ],
)
def test_a_slip_of_a_model_is_said(spec: str, body: str, id: str, tmp_path: Path) -> None:
    """With its number, in both languages."""
    diagnosis = diagnosis_of(spec, IMPORTS + body, tmp_path)
    assert [match.ids[0].rpartition("@@")[2] for match in diagnosis.matches] == [id], diagnosis.sentence
    assert text_in("ko", id, "sentence") not in (None, diagnosis.matches[0].sentences[0])


REFUSED = """class DenoisingAutoencoder(reference.DenoisingAutoencoder):
    def loss_terms(self, inputs, noise):
        terms = super().loss_terms(inputs, noise)
        return {name: term**1.1 for name, term in terms.items()}
"""


@pytest.mark.slow
def test_a_number_that_may_not_be_1_is_no_weight(tmp_path: Path) -> None:
    """What the reference refuses is not asked of it; and nothing is said of a weight that explains nothing."""
    diagnosis = diagnosis_of("DenoisingAutoencoder", IMPORTS + REFUSED, tmp_path)
    assert not [id for match in diagnosis.matches for id in match.ids if id.startswith("factor")]
