"""Training over epochs: data in, losses out, a line of progress in between."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from impl_torch.arguments import flag, refuse_non_finite, whole_number

# Takes one optimiser step on a batch; returns the loss before it, still on the device.
Step = Callable[..., Tensor]

_SECONDS_BETWEEN_LINES = 0.1
_BAR = 24


def fit(
    stepping: AbstractContextManager[Step],
    parameter: Tensor,
    data: Any,
    epochs: int,
    batch_size: int,
    *,
    shuffle: bool,
    seed: int,
    progress: bool,
) -> list[float]:
    """Train a model; return the mean loss of every epoch, each sample's taken before the step that used it.

    Args:
        stepping: gives the function that trains the model, and leaves the model as it was but for what it has learned. The optimiser
            keeps its state from epoch to epoch.
        parameter: any of the model, for its device and dtype.
        data: arrays or tensors by name, such as {"inputs": x} or {"characters": ids, "labels": y}, all with one row a sample; a
            single array means the model's inputs. Or an iterable of batches, such as a list or a DataLoader, each of them arrays by
            name, a tuple in the order of the arguments of `loss_terms`, or a single array; it is gone through once an epoch.
        epochs: how often all data are used.
        batch_size: samples a step; the last batch of an epoch may be smaller. Batches that are given stay as they are.
        shuffle: put the samples into a new order before every epoch. Batches that are given stay in their order.
        seed: of the order alone. Noise comes from PyTorch's global generator.
        progress: write a line to stderr, if that is a terminal.

    Whole and floating-point numbers are moved to the device of the model, the latter in its dtype.

    Ctrl-C raises KeyboardInterrupt, as everywhere; the model keeps the weights it has reached and can be used and
    trained on.

    Raises:
        ValueError: NaN or infinity in the data, arrays of different lengths, no data, epochs or batch_size below 1.
        TypeError: data that are neither arrays nor batches.
    """
    epochs, batch_size = whole_number("epochs", epochs, least=1), whole_number("batch_size", batch_size, least=1)
    seed, shuffle = whole_number("seed", seed, least=0), flag("shuffle", shuffle)
    source = _source(parameter, data, batch_size, torch.Generator().manual_seed(seed) if shuffle else None)
    line = _Line(epochs, flag("progress", progress) and sys.stderr.isatty())
    history: list[float] = []
    with line, stepping as step:
        for epoch in range(epochs):
            # The losses stay on the device, so that no step waits for it.
            losses: list[Tensor] = []
            rows: list[int] = []
            for args, batch, share in source:
                rows.append(len(args[0] if args else next(iter(batch.values()))))
                losses.append(step(*args, **batch))
                if line.due(share == 1.0 and epoch + 1 == epochs):
                    line.show(epoch, share, len(losses), _mean(losses, rows))
            if not losses:
                raise ValueError("data: expected at least one batch an epoch, got none; an iterator can be gone through only once")
            history.append(_mean(losses, rows))
    return history


def numbers(losses: list[Tensor]) -> list[float]:
    """The losses as Python's numbers, in one transfer; NaN from the meta device, which has none."""
    if not losses:
        return []
    together = torch.stack(losses)
    return [math.nan] * len(losses) if together.is_meta else together.tolist()


def _mean(losses: list[Tensor], rows: list[int]) -> float:
    return float(np.average(numbers(losses), weights=rows))


Batch = tuple[tuple[Tensor, ...], dict[str, Tensor], float | None]


class _Samples:
    """Batches cut from whole arrays, in a new order every time."""

    def __init__(self, arrays: dict[str, Tensor], batch_size: int, order: torch.Generator | None) -> None:
        self.arrays, self.batch_size, self.order = arrays, batch_size, order

    def __iter__(self) -> Iterator[Batch]:
        first = next(iter(self.arrays.values()))
        count = len(first)
        order = None if self.order is None else torch.randperm(count, generator=self.order, device="cpu").to(first.device)
        for start in range(0, count, self.batch_size):
            stop = min(start + self.batch_size, count)
            yield (), {name: _rows(array, order, start, stop) for name, array in self.arrays.items()}, stop / count


def _rows(array: Tensor, order: Tensor | None, start: int, stop: int) -> Tensor:
    return array[start:stop] if order is None else array.index_select(0, order[start:stop])


class _Batches:
    """Batches that are given, checked as they come."""

    def __init__(self, parameter: Tensor, batches: Iterable[Any]) -> None:
        self.parameter, self.batches = parameter, batches

    def __iter__(self) -> Iterator[Batch]:
        count = len(self.batches) if hasattr(self.batches, "__len__") else None  # type: ignore[arg-type]
        for i, batch in enumerate(self.batches):
            share, place = (i + 1) / count if count else None, f"data[{i}]"
            if isinstance(batch, Mapping):
                yield (), {str(n): _tensor(f"{place}[{n!r}]", value, self.parameter) for n, value in batch.items()}, share
            elif isinstance(batch, (tuple, list)):
                yield tuple(_tensor(f"{place}[{n}]", value, self.parameter) for n, value in enumerate(batch)), {}, share
            else:
                yield (_tensor(place, batch, self.parameter),), {}, share


def _source(parameter: Tensor, data: Any, batch_size: int, order: torch.Generator | None) -> _Samples | _Batches:
    if isinstance(data, (np.ndarray, Tensor)):
        data = {"inputs": data}
    if isinstance(data, Mapping):
        arrays = {str(name): _tensor(str(name), value, parameter) for name, value in data.items()}
        lengths = {name: len(array) if array.dim() else 0 for name, array in arrays.items()}
        if not lengths or 0 in lengths.values():
            raise ValueError(f"data: expected at least one sample, got {lengths or 'no arrays'}")
        if len(set(lengths.values())) > 1:
            raise ValueError(f"data: expected arrays of one length, got {lengths}")
        return _Samples(arrays, batch_size, order)
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise TypeError(f"data: expected arrays by name, one array, or an iterable of batches, got {type(data).__name__}")
    return _Batches(parameter, data)


def _tensor(name: str, value: Any, parameter: Tensor) -> Tensor:
    """`value` on the device of the model, floating-point numbers finite and in its dtype."""
    tensor = value if isinstance(value, Tensor) else torch.from_numpy(np.array(value))
    if not tensor.is_floating_point():
        return tensor.to(parameter.device)
    refuse_non_finite(name, tensor)
    return tensor.to(parameter.device, parameter.dtype)


class _Line:
    """One line that is written over; ended when training ends, however it does."""

    def __init__(self, epochs: int, visible: bool) -> None:
        self.epochs, self.visible, self.next = epochs, visible, 0.0

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        if self.visible:
            print(file=sys.stderr)

    def due(self, last: bool) -> bool:
        """Whether it is time for a new line."""
        now = time.monotonic()
        if not self.visible or (now < self.next and not last):
            return False
        self.next = now + _SECONDS_BETWEEN_LINES
        return True

    def show(self, epoch: int, share: float | None, batches: int, loss: float) -> None:
        """Progress within an epoch, as a share of it where that is known."""
        bar = f"{batches} batches" if share is None else f"{'━' * round(_BAR * share):<{_BAR}} {share:4.0%}"
        print(f"\repoch {epoch + 1}/{self.epochs}  {bar}  loss {loss:.5g}\033[K", end="", file=sys.stderr, flush=True)
