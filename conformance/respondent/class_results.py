"""What a class is asked beyond one call: a tokenizer everything, a model its training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.respondent import whole_numbers
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom


def tokenizer_results(tokenizer_class: Callable[..., Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a tokenizer can be asked. The vocabulary is a list, because its order counts."""
    options = {name: inputs[name] for name in ("lower", "oov_token", "num_chars") if name in inputs}
    tokenizer = tokenizer_class(**options)
    tokenizer.fit(inputs["texts"])
    vocabulary = mapping(tokenizer.vocabulary, "its vocabulary is")
    results: dict[str, Any] = {"vocabulary": [list(pair) for pair in vocabulary.items()]}
    if vocabulary.keys() - {inputs.get("oov_token")}:
        encoded = tokenizer.encode([*inputs["texts"], *inputs["unseen"]])
        ids = whole_numbers.plain(encoded)
        if not isinstance(ids, list):
            raise NotAnAnswer(f"encode returned {type(encoded).__name__}, expected a list of lists of int", Symptom.WRONG_TYPE)
        results |= {"encoded": ids, "decoded": tokenizer.decode(encoded)}
    return results


def mapping(value: Any, subject: str) -> Mapping[Any, Any]:
    """The value; raises NotAnAnswer if it maps nothing, so that no line of ours fails on it."""
    if not isinstance(value, Mapping):
        raise NotAnAnswer(f"{subject} {type(value).__name__}, expected a dict", Symptom.WRONG_TYPE)
    return value


def training_results(model: Any, weights: Mapping[str, Any], batches: Sequence[Any], training: Mapping[str, Any]) -> dict[str, Any]:
    """Losses, weights and optimiser state after training; for a stacked autoencoder also what layer-wise pretraining leaves."""
    losses = model.training_steps(batches, **training)
    if not isinstance(losses, list) or not all(isinstance(loss, float) for loss in losses):
        raise NotAnAnswer(f"training_steps returned {type(losses).__name__}, expected a list of float", Symptom.WRONG_TYPE)
    weighed = mapping(model.export_weights(), "export_weights returned")
    results = {"losses": np.array(losses), **weighed, **mapping(model.optimizer_state, "its optimizer_state is")}
    if hasattr(model, "pretrain") and not model.tied:
        model.import_weights(weights)
        results["greedy/losses"] = np.array(model.pretrain(batches, **training))
        results |= {f"greedy/{name}": value for name, value in model.export_weights().items()}
    return results
