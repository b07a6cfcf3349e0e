"""A framework is one adapter file: a toy one is found, read from imports, and judged, and no other file knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.respondent import frameworks
from conformance.targets.target import expand, framework_of
from tests.harness.running import conformance

# The framework itself, as it could be installed: an array that can do next to nothing.
LIBRARY = """
import numpy as np

class Toy:
    def __init__(self, numbers):
        self.numbers = np.array(numbers)

    def __add__(self, other):
        return Toy(self.numbers + other.numbers)

    def __mul__(self, other):
        return Toy(self.numbers * other.numbers)

    def scaled(self, factor):
        return Toy((self.numbers * factor).astype(self.numbers.dtype))

    def exp(self):
        return Toy(np.exp(self.numbers))
"""
ADAPTER = """
import contextlib
import importlib

from conformance.respondent.frameworks import Facts
from conformance.respondent.responses import NotAnAnswer, NotSupported, Output

FACTS = Facts(
    name="toy", title="Toy", aliases=("ty",), roots=("toy_arrays",), dtypes=("float64", "float32"), modes=("eager",), devices=("cpu",),
    versions=(), automatic=False, imports="import toy_arrays", tensor="toy_arrays.Toy",
)


class Adapter:
    facts = FACTS

    def __init__(self):
        self._toy = importlib.import_module("toy_arrays").Toy

    def version(self):
        return "1"

    def missing_device(self, device):
        return None if device == "cpu" else f"toys have no {device}"

    def placed(self, device):
        return contextlib.nullcontext()

    def said_of_devices(self, error):
        return None

    def strays(self, model, device):
        return {}

    def to_tensor(self, array, dtype, device):
        return self._toy(array.astype(dtype))

    def to_output(self, value):
        if not isinstance(value, self._toy):
            raise NotAnAnswer(f"returned {type(value).__name__}, expected a Toy")
        return Output(value.numbers, value.numbers.dtype.name, "cpu")

    def compiled(self, function):
        raise NotSupported("toys are not compiled")

    def value_and_gradients(self, function, arguments, tensors, cotangent, dtype, device, vjp=None):
        def gradients():
            if vjp is None:
                raise NotSupported("toys carry no gradients")
            return vjp(self.to_tensor(cotangent, dtype, device), **arguments)

        return function(**arguments), gradients

    def computing_in(self, dtype):
        return contextlib.nullcontext()

    def recording(self, on):
        return contextlib.nullcontext()

    def build(self, model, configuration, dtype, device, mode):
        return model(**configuration)

    def plain(self, built, builder, kind, configuration, batch):
        raise NotSupported("toys have no models")

    def before_forks(self, models):
        pass
"""
RIGHT = """
import toy_arrays

def reparameterize(mean, log_var, noise):
    return mean + log_var.scaled(0.5).exp() * noise

def reparameterize_vjp(cotangent, mean, log_var, noise):
    deviation = log_var.scaled(0.5).exp()
    return {"mean": cotangent, "log_var": (cotangent * noise * deviation).scaled(0.5), "noise": cotangent * deviation}
"""
WRONG = RIGHT.replace("mean + log_var.scaled(0.5)", "mean + log_var")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder beside the project's own adapters with one more, and the framework installed."""
    monkeypatch.chdir(tmp_path)
    adapters, library = tmp_path / "adapters", tmp_path / "library"
    for file, text in ((adapters / "toy.py", ADAPTER), (library / "toy_arrays.py", LIBRARY)):
        file.parent.mkdir()
        file.write_text(text)
    monkeypatch.syspath_prepend(library)
    monkeypatch.setattr(frameworks, "__path__", [*frameworks.__path__, str(adapters)])
    frameworks.registry.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    frameworks.registry.cache_clear()
    frameworks.load.cache_clear()


def test_a_file_makes_a_framework(toy: Path) -> None:
    """It is listed with the others, before NumPy, which is imported beside it; its facts are read without importing it."""
    assert frameworks.names() == ("tensorflow", "torch", "toy", "numpy")
    assert frameworks.spellings()["ty"] == "toy"
    (toy / "mine.py").write_text("import numpy\nimport toy_arrays\n")
    assert framework_of("mine.py") == "toy"
    assert [target.device for target in expand(["mine.py"], (), ["float32"], ["eager"])] == ["cpu"]


@pytest.mark.parametrize(("source", "code"), [(RIGHT, 0), (WRONG, 1)], ids=["right", "wrong"])
def test_what_is_written_in_it_is_judged(toy: Path, source: str, code: int) -> None:
    """Value and gradient, in both of its dtypes: what is right conforms, and what is not does not."""
    (toy / "mine.py").write_text(source)
    result = conformance("verify", "--target", "mine.py", "--spec", "reparameterize", "--examples", "8")
    assert result.exit_code == code, result.output
    assert ("All 4 checks conform" in result.stdout) == (code == 0)


def test_it_may_be_named(toy: Path) -> None:
    """By its alias too; a name that is no framework is answered with all that are."""
    (toy / "mine.py").write_text(RIGHT)
    words = ("verify", "--target", "mine.py", "--spec", "reparameterize", "--examples", "8", "--framework")
    assert conformance(*words, "ty").exit_code == 0
    refusal = conformance(*words, "jax")
    assert refusal.exit_code == 2
    assert "expected one of tf, tensorflow, torch, ty, toy, numpy; got 'jax'" in refusal.stderr
