"""What every script takes from its command line: a framework, data, a seed, a folder for the figure. NumPy in, NumPy out."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from conformance.cases.image_files import Images, load
from conformance.errors import UnreadableData
from conformance.respondent.frameworks import facts, own_packages, tensorflow

# As the command line calls them: the packages with their models.
FRAMEWORKS = {facts(name).short: package for package, name in own_packages().items()}
# Enough to see what a figure is about, few enough for a minute on two cores.
_MOST_TRAIN, _MOST_TEST = 6000, 1000
_QUICK_TRAIN, _QUICK_TEST = 256, 128

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Pictures:
    """Images as rows, (N, height·width) of float32 in [0, 1], and labels (N, 1); to learn from, and held out."""

    name: str
    shape: tuple[int, int]
    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    @property
    def features(self) -> int:
        return self.train.shape[1]


class Experiment:
    """One run of one script.

    Models come from `impl_torch` or `impl_tf`, which is imported only when it is chosen. Both are given the same batches in the same
    order, and the same noise.
    """

    def __init__(self, framework: str, data: str | None = None, out: Path = Path("figures"), seed: int = 0, quick: bool = False):
        self.framework, self.data, self.out, self.seed, self.quick = framework, data, out, seed, quick
        self.rng = np.random.default_rng(seed)
        if framework == "tf":
            tensorflow.imported()
        self.package: ModuleType = importlib.import_module(FRAMEWORKS[framework])

    @classmethod
    def from_command_line(cls, description: str | None, arguments: Sequence[str] | None = None) -> Experiment:
        """Parse `arguments`, or what the shell gave. Whatever is wrong with them is told in one line, with status 2."""
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--framework", choices=tuple(FRAMEWORKS), default="torch")
        parser.add_argument("--data", metavar="DIR", help="IDX files of MNIST or Fashion-MNIST; by default the scikit-learn digits")
        parser.add_argument("--out", metavar="DIR", type=Path, default=Path("figures"), help="where the figure goes")
        parser.add_argument("--seed", type=_seed, default=0)
        parser.add_argument("--quick", action="store_true", help="little data and few epochs: to see that it runs")
        chosen = parser.parse_args(arguments)
        try:
            chosen.out.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            parser.error(f"--out: expected a folder that can be written to, got: {chosen.out}: {problem.strerror}")
        try:
            return cls(**vars(chosen))
        except ImportError as missing:
            parser.error(f"--framework: expected {chosen.framework} installed, got: {missing}")

    def pictures(self) -> Pictures:
        """The data, at most 6,000 images to learn from and 1,000 held out, drawn by the seed."""
        try:
            dataset = load(self.data)
        except UnreadableData as problem:
            print(f"--data: {problem}", file=sys.stderr)
            raise SystemExit(2) from problem
        most = (_QUICK_TRAIN, _QUICK_TEST) if self.quick else (_MOST_TRAIN, _MOST_TEST)
        train, train_labels = _drawn(dataset.train, most[0], self.seed)
        test, test_labels = _drawn(dataset.test, most[1], self.seed)
        height, width = dataset.train.images.shape[1:]
        return Pictures(dataset.name, (height, width), train, train_labels, test, test_labels)

    def epochs(self, usual: int) -> int:
        """How often to go through the data."""
        return min(usual, 2) if self.quick else usual

    def model(self, name: str, *args: Any, **configuration: Any) -> Any:
        """A new model of the framework, its initial weights drawn by the seed."""
        return getattr(self.package, name)(*args, **{"seed": self.seed, **configuration})

    def train(
        self,
        model: Any,
        data: Arrays,
        epochs: int,
        batch_size: int = 64,
        learning_rate: float = 1e-3,
        noise: int = 0,
        after_epoch: Callable[[], None] | None = None,
    ) -> np.ndarray:
        """Train with Adam; return the mean loss of every epoch. With `noise`, batches bring that many normal numbers a row."""
        count = len(next(iter(data.values())))
        batch_size = min(batch_size, count)
        steps = count // batch_size  # what is left over waits for the next order: one batch size means one graph for Keras

        def batches() -> Iterator[dict[str, np.ndarray]]:
            for _ in range(epochs):
                order = self.rng.permutation(count)
                for step in range(steps):
                    rows = order[step * batch_size : (step + 1) * batch_size]
                    batch = {name: array[rows] for name, array in data.items()}
                    if noise:
                        batch["noise"] = self.rng.standard_normal((batch_size, noise)).astype(np.float32)
                    yield batch
                if after_epoch is not None:
                    after_epoch()

        train = self._train_torch if self.framework == "torch" else self._train_tf
        return np.reshape(train(model, batches(), learning_rate), (epochs, steps)).mean(axis=1)

    def _train_torch(self, model: Any, batches: Iterator[dict[str, np.ndarray]], learning_rate: float) -> list[float]:
        torch, threads = importlib.import_module("torch"), importlib.import_module("torch").get_num_threads()
        torch.set_num_threads(1)  # with matrices this small, threads wait for each other most of the time
        try:
            tensors = ({name: self._tensor(array) for name, array in batch.items()} for batch in batches)
            return model.training_steps(tensors, optimizer="adam", learning_rate=learning_rate)
        finally:
            torch.set_num_threads(threads)

    def _train_tf(self, model: Any, batches: Iterator[dict[str, np.ndarray]], learning_rate: float) -> list[float]:
        keras = importlib.import_module("keras")
        model.compile(optimizer=keras.optimizers.Adam(learning_rate), jit_compile=False)
        losses = []
        for batch in batches:
            model.reset_metrics()  # or Keras gives the mean of all steps so far
            losses.append(float(model.train_on_batch(batch)))
        return losses

    def call(self, function: Callable[..., Any], *arrays: np.ndarray, **options: Any) -> Any:
        """What a method of a model, or a formula, makes of NumPy arrays: as NumPy arrays, without gradients."""
        context = importlib.import_module("torch").no_grad() if self.framework == "torch" else contextlib.nullcontext()
        with context:
            return _as_numpy(function(*(self._tensor(array) for array in arrays), **options))

    def _tensor(self, array: np.ndarray) -> Any:
        if self.framework == "torch":
            return importlib.import_module("torch").from_numpy(np.ascontiguousarray(array))
        return importlib.import_module("tensorflow").convert_to_tensor(array)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, got {text!r}")
    return int(text)


def _drawn(part: Images, most: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """At most that many images as rows, with their labels as a column."""
    chosen = np.sort(np.random.default_rng(seed).permutation(len(part))[:most])
    return part.images[chosen].reshape(len(chosen), -1), part.labels[chosen][:, None]


def _as_numpy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_numpy(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_as_numpy(item) for item in value)
    return np.asarray(value)
