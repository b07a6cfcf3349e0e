"""What an object with methods is asked, one after the other: the same questions for a target and for the reference.

A method is asked more than once, in another order, and after training: an answer must follow from what was asked and from nothing else.
"""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.respondent import whole_numbers
from conformance.respondent.frameworks import roots
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom

# Of a model that has been trained: what it says of the last batch.
TRAINED = "trained/"
# Of a model whose weights have been through a file.
RELOADED = "reloaded/"
# Of the training that comes second: from the same weights, so that nothing of the first may be left.
AGAIN = "again/"
# Of a stacked autoencoder that is pretrained layer by layer.
GREEDY = "greedy/"


def tokenizer_results(tokenizer_class: Callable[..., Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a tokenizer can be asked. The vocabulary is a list, because its order counts."""
    options = {name: inputs[name] for name in ("lower", "oov_token", "num_chars") if name in inputs}
    tokenizer = tokenizer_class(**options)
    tokenizer.fit(inputs["texts"])
    vocabulary = mapping(tokenizer.vocabulary, "its vocabulary is")
    results: dict[str, Any] = {"vocabulary": [list(pair) for pair in vocabulary.items()]}
    if vocabulary.keys() - {inputs.get("oov_token")}:
        encoded = tokenizer.encode([*inputs["texts"], *inputs["unseen"]])
        lists = whole_numbers.plain(encoded)
        if not isinstance(lists, list):
            raise NotAnAnswer(f"encode returned {type(encoded).__name__}, expected a list of lists of int", Symptom.WRONG_TYPE)
        ids = [0, *range(1, len(vocabulary) + 1), 0]
        results |= {"encoded": lists, "decoded": tokenizer.decode(encoded), "every_id": tokenizer.decode([ids, [0, 0], []])}
        results["vocabulary_after_encoding"] = [list(pair) for pair in mapping(tokenizer.vocabulary, "its vocabulary is").items()]
        if inputs["unseen"]:
            # A second fit counts on.
            tokenizer.fit(inputs["unseen"])
            results["vocabulary_of_both"] = [list(pair) for pair in mapping(tokenizer.vocabulary, "its vocabulary is").items()]
    return results


def training_results(model: Any, weights: Mapping[str, Any], batches: Sequence[Any], training: Mapping[str, Any]) -> dict[str, Any]:
    """Losses, weights and optimiser state after training, and what the model then says; the first step again from the same weights; for
    a stacked autoencoder also what layer-wise pretraining leaves.
    """
    results = _training(model, batches, training)
    results |= {TRAINED + name: value for name, value in mapping(model.inference(**batches[-1]), "inference returned").items()}
    model.import_weights(weights)
    results |= {AGAIN + name: value for name, value in _training(model, batches[:1], training).items()}
    if hasattr(model, "pretrain") and not getattr(model, "tied", False):
        model.import_weights(weights)
        results[f"{GREEDY}losses"] = np.array(model.pretrain(batches, **training))
        results |= {GREEDY + name: value for name, value in model.export_weights().items()}
    return results


def _training(model: Any, batches: Sequence[Any], training: Mapping[str, Any]) -> dict[str, Any]:
    losses = model.training_steps(batches, **training)
    if not isinstance(losses, list) or not all(isinstance(loss, float) for loss in losses):
        raise NotAnAnswer(f"training_steps returned {type(losses).__name__}, expected a list of float", Symptom.WRONG_TYPE)
    exported = mapping(model.export_weights(), "export_weights returned")
    return {"losses": np.array(losses), **exported, **mapping(model.optimizer_state, "its optimizer_state is")}


def method_results(model: Any, calls: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the methods say that the model has, by "method/result" or, of several results, "method/0" and so on."""
    results: dict[str, Any] = {}
    for name, arguments in calls.items():
        method = _own(model, name)
        if method is not None:
            value = _called(method, arguments)
            parts = enumerate(value) if isinstance(value, (tuple, list)) else [("result", value)]
            results |= {f"{name}/{part_name}": part for part_name, part in parts}
    return results


def _called(method: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """By name; by position where one is called otherwise, as in `encode(self, x)`: only what is computed counts."""
    try:
        inspect.signature(method).bind(**arguments)
    except (TypeError, ValueError):  # other names, or Python knows none
        return method(*arguments.values())
    return method(**arguments)


def reloaded(model: Any, weights: Mapping[str, Any], batch: Mapping[str, Any]) -> dict[str, Any]:
    """What the model says after its weights were written to a file, replaced by zeros, and read back; nothing if it has no files.

    Nor where nobody may write files.
    """
    if any(_own(model, method) is None for method in ("save_weights", "load_weights")):
        return {}
    try:
        place = tempfile.TemporaryDirectory()
    except OSError:  # a worker that holds a submission may write nowhere, so that there is nothing to ask
        return {}
    with place as folder:
        path = os.path.join(folder, "weights.safetensors")
        model.save_weights(path)
        model.import_weights({name: np.zeros_like(value) for name, value in weights.items()})
        model.load_weights(path)
    return {RELOADED + name: value for name, value in mapping(model.inference(**batch), "inference returned").items()}


def _own(model: Any, name: str) -> Callable[..., Any] | None:
    """The method that whoever wrote the model gave it; None for one of a framework's class, which means something else by the name."""
    method = getattr(model, name, None)
    home = next((ancestor for ancestor in type(model).__mro__ if name in vars(ancestor)), type(model))
    return method if callable(method) and home.__module__.partition(".")[0] not in roots() else None


def mapping(value: Any, subject: str) -> Mapping[Any, Any]:
    """The value; raises NotAnAnswer if it maps nothing, so that no line of ours fails on it."""
    if not isinstance(value, Mapping):
        raise NotAnAnswer(f"{subject} {type(value).__name__}, expected a dict", Symptom.WRONG_TYPE)
    return value
