"""Bad batches of the full models, in all three packages: one line that names the argument, what was expected and what came."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conformance.respondent import frameworks

PACKAGES = {"reference": "numpy", "impl_tf": "tensorflow", "impl_torch": "torch"}
BINARY = {"CharClassifier": {"vocabulary_size": 5}, "HybridClassifier": {"vocabulary_size": 5, "words": 6}}
ON_IMAGES = {
    "StackedAutoencoder": {"sizes": (2, 3)},
    "SparseAutoencoder": {"sizes": (2, 3)},
    "ContractiveAutoencoder": {"sizes": (2, 3)},
    "DenoisingAutoencoder": {"sizes": (2, 3)},
    "LinearAutoencoder": {"features": 2, "codings": 1},
    "VariationalAutoencoder": {"sizes": (2, 3), "latent": 4},
    "PretrainedClassifier": {"encoder": (2, 3), "classes": 4},
}
MODELS = {**BINARY, **ON_IMAGES}
BATCH = {
    "inputs": np.full((3, 2), 0.5),
    "characters": np.array([[1, 2, 0, 4]] * 3),
    "word": np.array([[0], [1], [5]]),
    "labels": np.array([[0.0], [1.0], [0.5]]),
}
NAN = np.array([[0.5, 0.5], [0.5, np.nan], [np.nan, 0.5]])


def _batch(name: str) -> dict[str, np.ndarray]:
    names = {"CharClassifier": ["characters", "labels"], "HybridClassifier": ["characters", "word", "labels"]}.get(name, ["inputs"])
    batch = {key: BATCH[key] for key in names}
    extra = {
        "PretrainedClassifier": {"labels": np.array([[0], [3], [1]])},
        "DenoisingAutoencoder": {"noise": np.full((3, 2), 0.25)},
        "VariationalAutoencoder": {"noise": np.full((3, 4), 0.25)},
    }
    return {**batch, **extra.get(name, {})}


class Package:
    """One of the three packages, its models in float32 where they have a dtype."""

    def __init__(self, name: str) -> None:
        self.name, self.arrays = name, frameworks.load(PACKAGES[name])

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module(self.name), name)(**MODELS[name])

    def tensors(self, batch: dict[str, np.ndarray], dtype: str = "float32") -> dict[str, Any]:
        return {key: self.arrays.to_tensor(v, dtype if v.dtype.kind == "f" else "int64", "cpu") for key, v in batch.items()}


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Package:
    return Package(request.param)


def _refused(call: Callable[[], object], kind: type[Exception], *mentions: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert [text for text in mentions if text not in message] == [], message


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("label", [2.0, -0.25, np.nan])
def test_labels_are_probabilities(name: str, label: float, package: Package) -> None:
    """A label outside [0, 1], or NaN, is a ValueError that shows it."""
    batch = package.tensors({**_batch(name), "labels": np.array([[0.0], [label], [1.0]])})
    _refused(lambda: package.model(name).loss_terms(**batch), ValueError, "labels: expected", f"{label:g}".replace("nan", ""))


def test_interpolation_never_broadcasts(package: Package) -> None:
    """One image is not stretched to meet three."""
    three, item = (package.tensors({"x": np.full((n, 2), 0.5)})["x"] for n in (3, 1))
    model = package.model("VariationalAutoencoder")
    _refused(lambda: model.interpolate(three, item, 4), ValueError, "second: expected the shape of first, (3, 2), got (1, 2)")
    _refused(lambda: model.interpolate(item, three, 4), ValueError, "second: expected the shape of first, (1, 2), got (3, 2)")


@pytest.mark.parametrize("name", ON_IMAGES)
def test_training_steps_refuse_nan(name: str, package: Package) -> None:
    """NaN is named with its first index, before the step of its batch: the weights are those of the steps before."""
    model, twin = package.model(name), package.model(name)
    good, bad = package.tensors(_batch(name)), package.tensors({**_batch(name), "inputs": NAN})
    twin.import_weights(model.export_weights())
    _refused(lambda: model.training_steps([good, bad]), ValueError, "inputs", "NaN first at index (1, 1)")
    twin.training_steps([good])
    after, expected = model.export_weights(), twin.export_weights()
    assert all(np.array_equal(after[key], expected[key]) for key in expected)


@pytest.mark.parametrize("name", ON_IMAGES)
@pytest.mark.parametrize("package", ["impl_tf", "impl_torch"], indirect=True)
def test_fit_refuses_nan(name: str, package: Package) -> None:
    """Before the first step, so that the weights stay as they were."""
    model = package.model(name)
    before = model.export_weights()
    data = {key: value.astype("float32") if value.dtype.kind == "f" else value for key, value in _batch(name).items()}
    if package.name == "impl_tf":
        model.compile(optimizer="adam")
    _refused(lambda: model.fit({**data, "inputs": NAN.astype("float32")}), ValueError, "inputs", "NaN first at index (1, 1)")
    assert all(np.array_equal(value, before[key]) for key, value in model.export_weights().items())


@pytest.mark.parametrize(
    ("name", "argument"), [(name, key) for name in MODELS for key, v in _batch(name).items() if v.dtype.kind == "f"]
)
@pytest.mark.parametrize("package", ["impl_tf", "impl_torch"], indirect=True)
def test_dtypes_are_not_mixed(name: str, argument: str, package: Package) -> None:
    """A float64 argument of a float32 model is a TypeError that names it."""
    batch = package.tensors(_batch(name))
    batch[argument] = package.tensors({argument: _batch(name)[argument]}, "float64")[argument]
    _refused(lambda: package.model(name).loss_terms(**batch), TypeError, f"{argument}: expected the dtype of", "float64")


@pytest.mark.parametrize(("name", "argument"), [(name, key) for name in MODELS for key in _batch(name)])
@pytest.mark.parametrize("package", ["impl_torch"], indirect=True)
def test_devices_are_not_mixed(name: str, argument: str, package: Package) -> None:
    """An argument on another device than the model is a ValueError that names it. (`meta` is a device that every machine has.)"""
    batch = package.tensors(_batch(name))
    batch[argument] = batch[argument].to("meta")
    _refused(lambda: package.model(name).loss_terms(**batch), ValueError, f"{argument}: expected the device of", "meta")
