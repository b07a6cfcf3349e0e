"""Arrays in and out of NumPy and PyTorch: exact, claimed for what they are, sharing nothing."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import torch

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Recipe, draw
from conformance.respondent import frameworks
from conformance.respondent.frameworks import DTYPES
from conformance.respondent.responses import NotAnAnswer, NotSupported, Returned, Unsupported
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target
from conformance.tolerance import round_to, stored_as
from reference.specification import catalogue

ADAPTERS = [(name, dtype) for name in ("numpy", "torch") for dtype in frameworks.facts(name).dtypes]


@pytest.mark.parametrize(("name", "dtype"), ADAPTERS)
def test_a_number_of_the_dtype_arrives_and_returns_unchanged(name: str, dtype: str) -> None:
    """What is one of the dtype's numbers goes in and comes out exactly, and says what it is."""
    values = round_to(np.array([[0.1, -1 / 3, 0.0], [60000.0, 6.2e-5, -1.0]]), dtype)
    adapter = frameworks.load(name)
    output = adapter.to_output(adapter.to_tensor(values, dtype, "cpu"))
    assert np.array_equal(output.array.astype(np.float64), values)
    assert (output.dtype, output.device) == (stored_as(dtype), "cpu")


@pytest.mark.parametrize(("name", "dtype"), ADAPTERS)
def test_a_tensor_shares_no_memory_with_its_array(name: str, dtype: str) -> None:
    """Whoever changes the tensor does not change the case; read-only and strided arrays are no obstacle."""
    array = np.ones((3, 4))[:, ::2]
    array.setflags(write=False)
    tensor = frameworks.load(name).to_tensor(array, dtype, "cpu")
    tensor += 1
    assert np.array_equal(array, np.ones((3, 2)))


def test_what_each_framework_knows() -> None:
    """PyTorch knows all dtypes and both modes; NumPy has no bfloat16 and no compiler; both have a version."""
    assert set(frameworks.load("torch").facts.dtypes) == set(DTYPES)
    assert set(frameworks.load("numpy").facts.dtypes) == set(DTYPES) - {"bfloat16", "tf32"}
    assert frameworks.load("torch").facts.modes == ("eager", "compiled")
    assert frameworks.load("numpy").facts.modes == ("eager",)
    assert frameworks.load("torch").version() == torch.__version__
    assert frameworks.load("numpy").version() == np.__version__


@pytest.mark.parametrize(
    "value", [1.0, None, [1.0], np.ones(2), torch.tensor(True), torch.tensor(1j), torch.nn.Linear(1, 1)], ids=str
)
def test_torch_reads_tensors_of_numbers_only(value: object) -> None:
    """Everything else is no answer, also what PyTorch could convert."""
    with pytest.raises(NotAnAnswer, match="expected"):
        frameworks.load("torch").to_output(value)


def test_what_is_given_no_tensor_is_told_no_device() -> None:
    """A function of lists answers wherever its framework puts a new tensor, and that is no wrong device."""
    module = ModuleType("padding")
    module.pad_sequences = lambda sequences, **options: torch.zeros((len(sequences), 1), dtype=torch.int32)  # type: ignore[attr-defined]
    subject = LocalSubject(Target("padding", "torch", "cuda"), module, frameworks.load("torch"))
    spec = catalogue()["pad_sequences"]
    response = exercise(subject, spec, draw(spec, "float32", Recipe()), 10.0)["value"]
    assert isinstance(response, Returned)
    assert response.outputs["value"].device == "host"


def test_absent_devices_have_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cpu is always there; CUDA is missing in the build or in the machine, and that is said."""
    adapter = frameworks.load("torch")
    assert adapter.missing_device("cpu") is None
    monkeypatch.setattr(torch.version, "cuda", None)
    assert "has no CUDA" in (adapter.missing_device("cuda") or "")
    monkeypatch.setattr(torch.version, "cuda", "12.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "sees no CUDA device" in (adapter.missing_device("cuda") or "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert adapter.missing_device("cuda") is None


def test_what_works_on_lists_is_not_compiled() -> None:
    """A tokenizer and padding have nothing to compile: unsupported, not passed."""
    subject = LocalSubject.of(Target("impl_torch", "torch", mode="compiled"))
    for name in ("CharTokenizer", "pad_sequences"):
        spec = catalogue()[name]
        (response,) = exercise(subject, spec, draw(spec, "float32", Recipe()), 5.0).values()
        assert isinstance(response, Unsupported)
        assert "nothing to compile" in response.reason


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_not_trained(dtype: str) -> None:
    """Everything but training is asked in half precision, and the reason is given."""
    spec = catalogue()["StackedAutoencoder"]
    responses = exercise(LocalSubject.of(Target("impl_torch", "torch", dtype=dtype)), spec, draw(spec, dtype, Recipe()), 20.0)
    assert [quantity for quantity, response in responses.items() if isinstance(response, Unsupported)] == ["training"]


@pytest.mark.slow
def test_compiling_changes_the_forward_pass_only() -> None:
    """A compiled model is the model with compiled activations and loss terms, on the device and in the dtype that were asked for."""
    adapter = frameworks.load("torch")
    model = LocalSubject.of(Target("impl_torch", "torch")).module.StackedAutoencoder
    eager, compiled = (adapter.build(model, {"sizes": (4, 3)}, "float64", "cpu", mode) for mode in ("eager", "compiled"))
    assert {p.dtype for p in (*eager.parameters(), *compiled.parameters())} == {torch.float64}
    assert eager.activations.__func__ is model.activations
    assert getattr(compiled.activations, "__func__", None) is not model.activations
    assert getattr(compiled.loss_terms, "__func__", None) is not model.loss_terms


def test_a_framework_is_loaded_once_and_only_if_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading again gives the same adapter; a missing one is refused with the command that installs it."""
    assert frameworks.load("torch") is frameworks.load("torch")
    frameworks.load.cache_clear()
    monkeypatch.setattr(frameworks.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotSupported, match=r"pip install .*torch"):
        frameworks.load("torch")
    monkeypatch.undo()
    frameworks.load.cache_clear()
