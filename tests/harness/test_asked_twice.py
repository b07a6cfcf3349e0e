"""What a call leaves behind must not be in the next one's answer, though every single answer is right."""

from __future__ import annotations

import types
from typing import Any

import pytest

from conformance.cases.case import cases
from conformance.judging.expectation import expect
from conformance.judging.verify import judge
from conformance.respondent import frameworks
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from reference.specification import catalogue

torch = pytest.importorskip("torch")
import impl_torch  # noqa: E402


class Accumulating(impl_torch.LinearAutoencoder):
    """Nobody calls zero_grad: `backward` adds to what stands there."""

    def gradients(self, inputs: Any) -> dict[str, Any]:
        self.loss_terms(inputs)["total"].backward()
        parameters = zip(self.export_weights(), self.parameters(), strict=True)
        return {name: self._laid_out(name, parameter.grad) for name, parameter in parameters}

    def _laid_out(self, name: str, value: Any) -> Any:
        return value.T.clone() if name.endswith("weight") else value.clone()


class Clearing(Accumulating):
    """The same with zero_grad."""

    def gradients(self, inputs: Any) -> dict[str, Any]:
        self.zero_grad()
        return super().gradients(inputs)


@pytest.mark.parametrize(("model", "outcome"), [(Accumulating, "failed"), (Clearing, "passed")])
def test_gradients_that_add_up_from_call_to_call_are_seen(model: type, outcome: str) -> None:
    """In every second case they are asked for twice."""
    module, spec = types.ModuleType("submission"), catalogue()["LinearAutoencoder"]
    module.LinearAutoencoder = model  # type: ignore[attr-defined]
    subject = LocalSubject(Target("submission", "torch"), module, frameworks.load("torch"))
    prepared = [(case, expect(spec, case)) for case in cases(spec, "float32", 0, 6)]
    verdicts = {verdict.quantity: verdict.outcome for verdict in judge(subject, spec, prepared, 20.0, shrinking="none")}
    assert verdicts["gradient"] == outcome
    assert verdicts["value"] == "passed"
