"""Data that `fit` cannot use, and a `fit` that is interrupted: one line that names the array, and a model that is as it was or goes on."""

from __future__ import annotations

import importlib
import itertools
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from conformance.respondent import frameworks

IMAGES, LABELS = np.random.default_rng(0).random((6, 4), dtype=np.float32), np.array([[0], [1], [2]] * 2)
IDS, BITS = np.ones((6, 3), dtype=np.int64), np.array([[0.0], [1.0]] * 3, dtype=np.float32)
CLASSIFIED, WRITTEN = {"inputs": IMAGES, "labels": LABELS}, {"characters": IDS, "labels": BITS}
BUILDS: dict[str, Any] = {
    "StackedAutoencoder": {"sizes": (4, 3, 2)},
    "VariationalAutoencoder": {"sizes": (4, 3), "latent": 2},
    "PretrainedClassifier": {"encoder": (4, 2), "classes": 3},
    "CharClassifier": {"vocabulary_size": 5, "units": 2},
    "HybridClassifier": {"vocabulary_size": 5, "units": 2, "words": 4},
}
BAD: list[tuple[str, Any, str]] = [
    ("StackedAutoencoder", {"inputs": IMAGES[:, :3]}, "inputs"),
    ("StackedAutoencoder", {"inputs": IMAGES[:0]}, "inputs"),
    ("StackedAutoencoder", {"inputs": IMAGES, "others": IMAGES}, "others"),
    ("StackedAutoencoder", None, "None"),
    ("VariationalAutoencoder", {"inputs": IMAGES, "noise": IMAGES}, "noise"),
    ("PretrainedClassifier", {"inputs": IMAGES}, "labels"),
    ("PretrainedClassifier", {**CLASSIFIED, "inputs": IMAGES[:, :3]}, "inputs"),
    ("PretrainedClassifier", {**CLASSIFIED, "labels": LABELS[:5]}, "labels"),
    ("PretrainedClassifier", {**CLASSIFIED, "labels": LABELS[:, 0]}, "labels"),
    ("PretrainedClassifier", {**CLASSIFIED, "labels": LABELS + 1}, "labels"),
    ("PretrainedClassifier", {**CLASSIFIED, "labels": LABELS - 1}, "labels"),
    ("PretrainedClassifier", {**CLASSIFIED, "labels": LABELS * 1.0}, "labels"),
    ("CharClassifier", {"characters": IDS}, "labels"),
    ("CharClassifier", {**WRITTEN, "characters": IDS * 5}, "characters"),
    ("CharClassifier", {**WRITTEN, "characters": -IDS}, "characters"),
    ("CharClassifier", {**WRITTEN, "labels": BITS[:, 0]}, "labels"),
    ("CharClassifier", {**WRITTEN, "labels": BITS * 2}, "labels"),
    ("CharClassifier", {**WRITTEN, "labels": BITS * np.nan}, "labels"),
    ("HybridClassifier", {**WRITTEN, "word": np.full((6, 1), 4)}, "word"),
    ("HybridClassifier", {**WRITTEN, "word": np.zeros((5, 1), dtype=np.int64)}, "word"),
]
PACKAGES = ("impl_tf", "impl_torch")


def _built(package: str, name: str) -> Any:
    model = getattr(importlib.import_module(package), name)(**BUILDS[name])
    if package == "impl_tf":
        model.compile(optimizer="adam")
    return model


def _fit(model: Any, data: Any) -> Any:
    return model.fit(data, **({"verbose": 0} if hasattr(model, "summary") else {}))


def _refused(call: Callable[[], object], *mentions: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert [text for text in mentions if text not in message] == [], message


def _same(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize(("name", "data", "mention"), BAD, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(BAD)])
def test_fit_refuses_bad_data(name: str, data: Any, mention: str, package: str) -> None:
    """In one line that names the array, before any weight has moved."""
    model = _built(package, name)
    before = model.export_weights()
    _refused(lambda: _fit(model, data), mention)
    assert _same(before, model.export_weights())


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_a_model_can_be_trained_after_bad_data(package: str) -> None:
    """Also where the fault is seen late, in the middle of a step that is being traced."""
    model = _built(package, "StackedAutoencoder")
    batches: Any = [IMAGES[:, :3]]
    if package == "impl_tf":
        batches = importlib.import_module("tensorflow").data.Dataset.from_tensor_slices(IMAGES[:, :3]).batch(3)
    with pytest.raises(ValueError, match="inputs: expected shape"):
        model.fit(batches, **({"verbose": 0, "shuffle": False} if package == "impl_tf" else {}))
    before = model.export_weights()
    _fit(model, IMAGES)
    assert not _same(before, model.export_weights())


def test_predict_needs_no_labels() -> None:
    """What `fit` asks for, `predict` of impl_tf does not; arrays of different lengths are refused by both."""
    model = _built("impl_tf", "HybridClassifier")
    words = np.zeros((6, 1), dtype=np.int64)
    assert model.predict({"characters": IDS, "word": words}, verbose=0).shape == (6, 1)
    _refused(lambda: model.predict((IDS, words[:5]), verbose=0), "word", "6", "5")
    _refused(lambda: model.predict((IDS,), verbose=0), "x: expected the arrays characters, word, got 1 arrays")
    _refused(lambda: model.predict(), "x", "None")


@pytest.mark.parametrize("package", ["reference", *PACKAGES])
def test_interrupted_steps_keep_what_was_learned(package: str) -> None:
    """Ctrl-C between two steps: the weights are those after the steps before, and training can go on."""
    arrays = frameworks.load({"reference": "numpy", "impl_tf": "tensorflow", "impl_torch": "torch"}[package])
    build = importlib.import_module(package).StackedAutoencoder
    model, twin = build(sizes=(4, 3, 2)), build(sizes=(4, 3, 2))
    batch = {"inputs": arrays.to_tensor(IMAGES, "float64" if package == "reference" else "float32", "cpu")}

    def interrupted() -> Iterator[Any]:
        yield batch
        yield batch
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.training_steps(interrupted())
    twin.training_steps([batch, batch])
    assert _same(twin.export_weights(), model.export_weights())
    assert np.isfinite(model.training_steps([batch])).all()


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_interrupted_fit_keeps_what_was_learned(package: str) -> None:
    """Ctrl-C in the midst of an epoch: weights have moved, are finite, and `fit` goes on from them."""
    model, data = _built(package, "StackedAutoencoder"), np.tile(IMAGES, (16, 1))
    before = model.export_weights()
    options: dict[str, Any] = {"batch_size": 8, "epochs": 3}
    if package == "impl_tf":
        keras = importlib.import_module("keras")
        options |= {"verbose": 0, "callbacks": [keras.callbacks.LambdaCallback(on_train_batch_begin=_ring_at_third)]}
    else:
        terms, steps = model.loss_terms, itertools.count()

        def interrupted(**batch: Any) -> Any:
            _ring_at_third(next(steps))
            return terms(**batch)

        model.loss_terms = interrupted
    with pytest.raises(KeyboardInterrupt):
        model.fit(data, **options)
    after = model.export_weights()
    assert not _same(before, after)
    assert all(np.isfinite(value).all() for value in after.values())
    _fit(model, IMAGES)
    assert not _same(after, model.export_weights())


def _ring_at_third(step: int, logs: Any = None) -> None:
    """What the terminal sends on Ctrl-C."""
    if step == 3:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("package", ["reference", *PACKAGES])
@pytest.mark.parametrize("other", ["CharClassifier", "VariationalAutoencoder"])
def test_only_an_autoencoder_has_an_encoder_to_take(package: str, other: str) -> None:
    """Another model in its place is a TypeError, an encoder of other widths a ValueError; nothing is copied."""
    module = importlib.import_module(package)
    _refused(lambda: module.PretrainedClassifier(encoder=getattr(module, other)(**BUILDS[other])), "encoder: expected", other)
    classifier, wide = module.PretrainedClassifier(encoder=(4, 2), classes=3), module.StackedAutoencoder(sizes=(5, 2))
    before = classifier.export_weights()
    values = {name: value for name, value in wide.export_weights().items() if name.startswith("encoder")}
    _refused(lambda: classifier.import_weights({**before, **values}), "encoder.0.weight", "(4, 2)", "(5, 2)")
    assert _same(before, classifier.export_weights())
