"""One file of weights for three packages: what one writes the others read, bit for bit; another model's file changes nothing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import reference
from tests.lazily import Lazily

impl_tf, impl_torch = Lazily("impl_tf"), Lazily("impl_torch")
PACKAGES = {"reference": reference, "impl_torch": impl_torch, "impl_tf": impl_tf}
CHARACTERS = {"vocabulary_size": 7, "embedding": 2, "units": 3}
CELLS = ("lstm", "rnn", "bidirectional", "cnn")
CONFIGURATIONS = [
    ("StackedAutoencoder", {"sizes": (5, 4, 3)}),
    ("StackedAutoencoder", {"sizes": (5, 4, 2), "tied": True}),
    ("SparseAutoencoder", {"sizes": (4, 3, 6)}),
    ("ContractiveAutoencoder", {"sizes": (5, 3)}),
    ("DenoisingAutoencoder", {"sizes": (4, 3, 2)}),
    ("LinearAutoencoder", {"features": 4, "codings": 3}),
    ("VariationalAutoencoder", {"sizes": (5, 4, 3), "latent": 2}),
    *[("PretrainedClassifier", {"encoder": (5, 4, 3), "classes": 6, "trainable_encoder": t}) for t in (False, True)],
    *[("CharClassifier", {**CHARACTERS, "cell": cell, "kernel_size": 4}) for cell in CELLS],
    *[("HybridClassifier", {**CHARACTERS, "words": 8, "word_embedding": 5, "cell": cell}) for cell in CELLS],
]
NAMES = [f"{name}-{'-'.join(map(str, options.values()))}" for name, options in CONFIGURATIONS]


def built(package, name, options, dtype):
    """The model in the dtype; the reference has float64 alone."""
    if package == "reference":
        return reference.__dict__[name](**options)
    if package == "impl_torch":
        return getattr(impl_torch, name)(**options, dtype=getattr(pytest.importorskip("torch"), dtype))
    return getattr(impl_tf, name)(**options, dtype=dtype)


def bits(model, dtype):
    """The bytes of every parameter as numbers of the dtype, by name, in order."""
    return {
        name: (value.shape, np.ascontiguousarray(value, dtype=dtype).tobytes()) for name, value in model.export_weights().items()
    }


def delicate_weights(name, options, dtype):
    """Random numbers of the dtype, with a signed zero, the largest and the smallest subnormal number among them."""
    rng, info = np.random.default_rng(0), np.finfo(dtype)
    shapes = reference.__dict__[name](**options).parameter_shapes
    weights = {parameter: rng.normal(size=shape).astype(dtype) for parameter, shape in shapes.items()}
    largest = max(weights.values(), key=np.size)
    largest.flat[:4] = (-0.0, info.max, info.smallest_subnormal, -info.tiny)
    return weights


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=NAMES)
def test_what_one_writes_the_others_read(name, options, dtype, tmp_path):
    """A file of any package gives the other two the same bits under the same names in the same order."""
    weights = delicate_weights(name, options, dtype)
    expected = {parameter: (value.shape, value.tobytes()) for parameter, value in weights.items()}
    for writer in PACKAGES:
        model = built(writer, name, options, dtype)
        model.import_weights(weights)
        model.save_weights(tmp_path / f"{writer}.safetensors")
    for writer, reader in itertools.permutations(PACKAGES, 2):
        model = built(reader, name, options, dtype)
        model.load_weights(tmp_path / f"{writer}.safetensors")
        actual = bits(model, dtype)
        assert actual == expected, f"{writer} to {reader}"
        assert list(actual) == list(expected), f"{writer} to {reader}"


@pytest.mark.parametrize("reader", PACKAGES)
@pytest.mark.parametrize("number", range(len(CONFIGURATIONS)), ids=NAMES)
def test_the_file_of_another_model_changes_nothing(number, reader, tmp_path):
    """It is refused in one line that names the file, and no parameter has moved."""
    # A frozen encoder is no other table of parameters, so the next table that differs is taken.
    name, options = CONFIGURATIONS[number]
    own = reference.__dict__[name](**options).parameter_shapes
    others = (reference.__dict__[n](**o) for n, o in (*CONFIGURATIONS[number + 1 :], *CONFIGURATIONS))
    other = next(model for model in others if model.parameter_shapes != own)
    other.save_weights(tmp_path / "other.safetensors")
    model = built(reader, name, options, "float32")
    before = bits(model, "float64")
    with pytest.raises(ValueError, match="expected") as refusal:
        model.load_weights(tmp_path / "other.safetensors")
    assert "\n" not in str(refusal.value)
    assert "other.safetensors" in str(refusal.value)
    assert bits(model, "float64") == before
    assert all(math.prod(shape) for shape, _ in before.values())
