"""Training over epochs is Keras' own. Here is the look at data before Keras has them: what is wrong with an array is said in one line,
by its name, and nothing is half traced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from impl_tf.arguments import refuse_non_finite


class Fitted(Protocol):
    """What a model tells of the data that it takes."""

    # Properties, for a model keeps the names as variables of its class.
    @property
    def batch_names(self) -> tuple[str, ...]: ...
    @property
    def label_name(self) -> str | None: ...
    @property
    def noise_names(self) -> tuple[str, ...]: ...

    def named_batch(self, x: Any, y: Any = None) -> dict[str, Any]: ...
    def given_loss(self) -> bool: ...
    def inspect_entry(self, name: str, array: np.ndarray) -> None: ...


def is_array(value: Any) -> bool:
    """Whether its numbers can be read: a NumPy array, or a tensor outside a graph."""
    return isinstance(value, np.ndarray) or (tf.is_tensor(value) and hasattr(value, "numpy"))


def refuse_bad_data(model: Fitted, x: Any, y: Any = None, labelled: bool = True) -> None:
    """Refuse x and y as given to Keras' methods; data sets and generators are left alone. `predict` needs no labels."""
    if x is None:
        raise ValueError("x: expected arrays, a data set or a generator, got None")
    if not (is_array(x) or isinstance(x, (Mapping, tuple, list))):
        return
    own_labels = y is not None and not model.given_loss()
    named = model.named_batch(x, y) if own_labels else model.named_batch(x)
    _refuse_names(model, named, labelled and not model.given_loss())
    arrays = {name: np.asarray(value) for name, value in named.items() if is_array(value)}
    beside = {} if own_labels or not is_array(y) else {"y": np.asarray(y)}
    _refuse_uneven({**arrays, **beside})
    for name, array in arrays.items():
        model.inspect_entry(name, array)
    for name, array in beside.items():
        refuse_non_finite(name, array)


def _refuse_names(model: Fitted, named: Mapping[str, Any], labelled: bool) -> None:
    """Refuse a batch that lacks an array or has one too many; `labelled` asks for the labels too."""
    labels = () if model.label_name is None else (model.label_name,)
    names = (*model.batch_names, *labels, *model.noise_names)
    for name in (*model.batch_names, *(labels if labelled else ())):
        if name not in named:
            raise ValueError(f"{name}: expected an array in x{' or as y' if name in labels else ''}, got {', '.join(named)} alone")
    for name in named:
        if name not in names:
            raise ValueError(f"{name}: expected no such array in x, which may hold {', '.join(names)}; got one")


def _refuse_uneven(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse arrays without a row, or with different numbers of rows."""
    rows = {name: array.shape[0] if array.ndim else 0 for name, array in arrays.items()}
    for name, count in rows.items():
        if count == 0:
            raise ValueError(f"{name}: expected at least one row, got shape {arrays[name].shape}")
    if len(set(rows.values())) > 1:
        raise ValueError(f"{list(rows)[-1]}: expected arrays of one length, got {rows}")
