"""`python -m tests.implementations.asked_on_second_cpu`: all of impl_tf on a second CPU, in a process that has computed nothing before.

What does not conform is printed, a line each; at the end, how much was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from conformance.cases.case import Recipe, draw, shortened
from conformance.judging.expectation import expect
from conformance.judging.verify import judge
from conformance.respondent import frameworks
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target, obstacle
from reference.specification import Spec, catalogue

TARGET = Target("impl_tf", "tensorflow", "cpu:1")
SECONDS = 300.0
# What `fit` draws noise for: nothing of it comes with the data.
NOISY = {"VariationalAutoencoder": {"sizes": (6, 4), "latent": 2}, "DenoisingAutoencoder": {"sizes": (6, 4)}}


def problems(subject: LocalSubject, spec: Spec) -> Iterator[str]:
    """Value, gradient, activations and training of one drawn case: its values, and where they lie."""
    case = shortened(draw(spec, TARGET.dtype, Recipe(length=3, seed=1)))
    for verdict in judge(subject, spec, [(case, expect(spec, case))], SECONDS, shrinking="none"):
        if verdict.outcome != "passed" or verdict.without_values:
            yield f"{spec.name} {verdict.quantity}: {verdict.reason}"


def problems_of_fit(subject: LocalSubject, name: str, options: dict[str, Any]) -> Iterator[str]:
    """Keras' own loop, with noise that the model draws itself."""
    adapter = frameworks.load(TARGET.framework)
    model = adapter.build(getattr(subject.module, name), options, TARGET.dtype, TARGET.device, TARGET.mode)
    with adapter.placed(TARGET.device):
        model.compile(optimizer="adam")
        model.fit(np.full((4, 6), 0.5, TARGET.dtype), epochs=1, batch_size=2, verbose=0)
        terms = model.loss_terms(
            **model._with_noise({"inputs": adapter.to_tensor(np.full((4, 6), 0.5), TARGET.dtype, TARGET.device)})
        )
    places = {adapter.to_output(term).device for term in terms.values()}
    if adapter.strays(model, TARGET.device) or places != {TARGET.device}:
        yield f"{name}.fit: expected everything on {TARGET.device}, got {adapter.strays(model, TARGET.device) or places}"


def main() -> None:
    reason = obstacle(TARGET)
    assert reason is None, reason
    subject, specs = LocalSubject.of(TARGET), catalogue().values()
    for spec in specs:
        for problem in problems(subject, spec):
            print(problem)
    for name, options in NOISY.items():
        for problem in problems_of_fit(subject, name, options):
            print(problem)
    print(f"asked {len(specs)} specifications")


if __name__ == "__main__":
    main()
