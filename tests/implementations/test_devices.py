"""Each device of PyTorch for itself: the same call gives the same bits, and weights come back as they went."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.cases.case import Recipe, draw
from conformance.respondent.responses import Returned
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target
from conformance.tolerance import round_to
from reference.specification import catalogue

torch = pytest.importorskip("torch")
import impl_torch  # noqa: E402

CUDA = pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device"))
SPECS = list(catalogue())
MODELS = [name for name, spec in catalogue().items() if spec.kind == "model"]


@pytest.mark.parametrize("device", ["cpu", CUDA])
@pytest.mark.parametrize("name", SPECS)
def test_the_same_call_gives_the_same_bits(name: str, device: str) -> None:
    """Values, gradients, losses of training and the weights that it ends with."""
    spec = catalogue()[name]
    subject, case = LocalSubject.of(Target("impl_torch", "torch", device)), draw(spec, "float32", Recipe(length=9, seed=1))
    first, second = (exercise(subject, spec, case, 60.0) for _ in range(2))
    for quantity, response in first.items():
        again = second[quantity]
        assert isinstance(response, Returned), response
        assert isinstance(again, Returned), again
        for output, value in response.outputs.items():
            if name == "CharTokenizer":
                assert again.outputs[output] == value
            else:
                assert np.array_equal(again.outputs[output].array, value.array, equal_nan=True), (quantity, output)


@pytest.mark.parametrize("device", ["cpu", CUDA])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
@pytest.mark.parametrize("name", MODELS)
def test_weights_go_to_the_device_and_come_back_bit_by_bit(name: str, dtype: str, device: str) -> None:
    """Out of a model on the CPU, into one on the device, and out of that again."""
    model = getattr(impl_torch, name)().to(getattr(torch, dtype))
    weights = model.export_weights()
    there = getattr(impl_torch, name)().to(device=device, dtype=getattr(torch, dtype))
    there.import_weights(weights)
    assert all(parameter.device.type == device for parameter in there.parameters())
    returned = there.export_weights()
    assert returned.keys() == weights.keys()
    for entry, array in weights.items():
        assert array.dtype == returned[entry].dtype
        assert np.array_equal(round_to(array, dtype), array)
        assert np.array_equal(returned[entry], array), entry
