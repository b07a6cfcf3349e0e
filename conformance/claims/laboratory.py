"""One framework to run experiments in: models of its package, training, NumPy in and NumPy out. On the CPU, in one thread."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from conformance.respondent import frameworks

# As the command line calls them: the framework of the harness and the package with its models.
FRAMEWORKS = {frameworks.facts(name).short: (name, package) for package, name in frameworks.own_packages().items()}
# Keras is given several epochs in one array: each call of its `fit` costs as much as dozens of steps.
_MOST_NUMBERS = 16_000_000
# Keras runs so many steps before it looks at anything else; a step of these small models is shorter than a look.
_STEPS_PER_EXECUTION = 20

Arrays = Mapping[str, np.ndarray]


class Laboratory:
    """Models, training and calls in one framework, which is imported by the constructor.

    Raises:
        NotSupported: the framework is missing or broken, or its implementation is.
    """

    def __init__(self, framework: str) -> None:
        self.framework = framework
        library, package = FRAMEWORKS[framework]
        self.adapter = frameworks.load(library)
        self.package: Any = importlib.import_module(package)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """One thread, for with matrices this small threads wait for each other; and the CPU, also where there is a GPU."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(threadpool_limits(1))
            if self.framework == "tf":
                stack.enter_context(importlib.import_module("tensorflow").device("/CPU:0"))
            yield

    def model(self, name: str, *args: Any, **configuration: Any) -> Any:
        """A new model of the framework."""
        return getattr(self.package, name)(*args, **configuration)

    def train(
        self,
        model: Any,
        data: Arrays,
        epochs: int,
        seed: int,
        batch_size: int = 64,
        learning_rate: float = 1e-3,
        noise: int = 0,
    ) -> None:
        """Train with Adam through the model's own `fit`; the seed decides order and noise, so they are the same in every framework.

        What does not fill a batch waits for the next order. With `noise`, batches bring that many normal numbers a row.
        """
        epochs_of_batches = _epochs(data, epochs, min(batch_size, len(next(iter(data.values())))), noise, seed)
        (self._fit_torch if self.framework == "torch" else self._fit_tf)(model, epochs_of_batches, learning_rate)

    def call(self, function: Callable[..., Any], *arrays: np.ndarray, **options: Any) -> Any:
        """What a method of a model, or a formula, makes of NumPy arrays: as NumPy arrays, without gradients."""
        context = importlib.import_module("torch").no_grad() if self.framework == "torch" else contextlib.nullcontext()
        with context:
            return _as_numpy(function(*map(self._tensor, arrays), **options))

    def gradient(self, formula: str, name: str, array: np.ndarray, **options: Any) -> np.ndarray:
        """∂formula/∂array, the array being the argument `name`, of a formula whose value is a scalar: by the framework itself."""
        tensors = {name: self._tensor(array)}
        function, dtype = getattr(self.package, formula), array.dtype.name
        _, gradients = self.adapter.value_and_gradients(function, {**tensors, **options}, tensors, np.ones(()), dtype, "cpu")
        return _as_numpy(gradients()[name])

    def _fit_torch(self, model: Any, epochs: Iterator[list[Arrays]], learning_rate: float) -> None:
        batches = _Flat(epochs)
        model.fit(batches, epochs=1, optimizer="adam", learning_rate=learning_rate, progress=False)

    def _fit_tf(self, model: Any, epochs: Iterator[list[Arrays]], learning_rate: float) -> None:
        keras = importlib.import_module("keras")
        first = True
        for batches in _gathered(epochs):
            if first:
                model.compile(
                    optimizer=keras.optimizers.Adam(learning_rate),
                    jit_compile=False,
                    steps_per_execution=min(_STEPS_PER_EXECUTION, len(batches)),
                )
                first = False
            joined = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
            size = len(next(iter(batches[0].values())))
            model.fit(joined, batch_size=size, epochs=1, shuffle=False, verbose=0)

    def _tensor(self, array: np.ndarray) -> Any:
        return self.adapter.to_tensor(array, array.dtype.name, "cpu")


class _Flat:
    """Batches of all epochs, one after the other, made as they are asked for."""

    def __init__(self, epochs: Iterator[list[Arrays]]) -> None:
        self.epochs = epochs

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        for batches in self.epochs:
            yield from map(dict, batches)


def _epochs(data: Arrays, epochs: int, batch_size: int, noise: int, seed: int) -> Iterator[list[Arrays]]:
    """Every epoch's batches: all samples in a new order."""
    rng = np.random.default_rng(seed)
    count = len(next(iter(data.values())))
    for _ in range(epochs):
        order = rng.permutation(count)
        batches = []
        for start in range(0, count - batch_size + 1, batch_size):
            rows = order[start : start + batch_size]
            batch = {name: array[rows] for name, array in data.items()}
            if noise:
                batch["noise"] = rng.standard_normal((batch_size, noise)).astype(np.float32)
            batches.append(batch)
        yield batches


def _gathered(epochs: Iterator[list[Arrays]]) -> Iterator[list[Arrays]]:
    """Batches of as many epochs together as fit the memory that is meant for them."""
    gathered: list[Arrays] = []
    numbers = 0
    for batches in epochs:
        gathered.extend(batches)
        numbers += sum(array.size for batch in batches for array in batch.values())
        if numbers >= _MOST_NUMBERS:
            yield gathered
            gathered, numbers = [], 0
    if gathered:
        yield gathered


def _as_numpy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_numpy(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_as_numpy, value))
    return np.asarray(value)
