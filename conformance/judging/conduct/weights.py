"""Weights in and out: what is taken, what is refused, and that a refusal, or a file that cannot be written, changes nothing."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from conformance.judging.conduct.refusals import PairedCall, problem_of, refusal_of
from conformance.judging.conduct.sides import Side
from reference.specification import Array, Spec

_NAMES = frozenset({"weights"})


def problems(
    spec: Spec, package: Side, reference: Side, configuration: Mapping[str, Any], weights: Mapping[str, Array]
) -> Iterator[str]:
    """What a package does otherwise than it has to."""
    model, right = package.build(spec, configuration), reference.build(spec, configuration)
    model.import_weights(weights)
    before = model.export_weights()
    # Twice as large, so that what is taken in part is seen.
    for sentence, changed, both in _changed({name: 2 * value for name, value in weights.items()}):
        call = partial(_import, changed)
        paired_call = PairedCall(
            f"{spec.name}.import_weights with {sentence}", _NAMES, lambda side, c=call: c(model if side is package else right), both
        )
        if (problem := problem_of(paired_call, package, reference)) is not None:
            yield problem
        elif refusal_of(lambda c=call: c(model)) is not None and not _equal(model.export_weights(), before):
            yield f"{paired_call.sentence}: expected the weights as they were, got others"
        model.import_weights(weights)
    for sentence, same in _alike(weights):
        model.import_weights({name: np.zeros_like(value) for name, value in weights.items()})
        model.import_weights(same)
        if not _equal(model.export_weights(), before):
            yield f"{spec.name}.import_weights of {sentence}: expected the same weights, got others"
    with tempfile.TemporaryDirectory() as folder:
        yield from _of_files(spec.name, model, before, Path(folder))


def _import(weights: Mapping[str, Any], model: Any) -> object:
    return model.import_weights(weights)


def _equal(weights: Mapping[str, Array], others: Mapping[str, Array]) -> bool:
    return list(weights) == list(others) and all(
        np.array_equal(value, others[name]) and value.dtype == others[name].dtype and value.flags.c_contiguous
        for name, value in weights.items()
    )


def _changed(weights: Mapping[str, Array]) -> Iterator[tuple[str, Any, bool]]:
    """Weights of which one entry is wrong, with what is wrong, and whether all of them are taken by a package if by the reference."""
    for nothing in (None, [1.0], 3, "weights"):
        yield repr(nothing), nothing, True
    yield "nothing", {}, True
    yield "an entry too many", {**weights, "spare": np.zeros((2, 2))}, True
    for name, value in weights.items():
        yield f"no {name}", {other: array for other, array in weights.items() if other != name}, True
        for what, bad in (
            ("an axis more", value[None]),
            ("a row more", np.concatenate([value, value[:1]])),
            ("one number", np.float64(0.5)),
            ("NaN", np.full(value.shape, math.nan)),
            ("infinity", np.where(value == value.flat[0], math.inf, value)),
            ("texts", np.full(value.shape, "x")),
            ("objects", np.full(value.shape, None)),
            ("truth values", value > 0),
            ("transposed", value.T if value.ndim > 1 and value.shape != value.T.shape else value[None]),
        ):
            yield f"{name}: {what}", {**weights, name: bad}, False
        # The order in which they are given does not count.
        yield f"{name} last", {**{other: array for other, array in weights.items() if other != name}, name: value}, True


def _alike(weights: Mapping[str, Array]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same weights in other memory."""
    yield "arrays backwards in memory", {name: np.flip(np.flip(value).copy()) for name, value in weights.items()}
    yield "arrays in the order of columns", {name: np.asfortranarray(value) for name, value in weights.items()}
    yield "the other byte order", {name: value.astype(value.dtype.newbyteorder()) for name, value in weights.items()}
    read_only = {name: value.copy() for name, value in weights.items()}
    for value in read_only.values():
        value.flags.writeable = False
    yield "arrays that cannot be written", read_only
    yield "another order", dict(list(weights.items())[::-1])


def _of_files(name: str, model: Any, before: Mapping[str, Array], folder: Path) -> Iterator[str]:
    from safetensors.numpy import load_file, save_file

    path = folder / "weights.safetensors"
    for place in (path, os.fspath(path)):  # the second time there is one
        model.save_weights(place)
        if os.listdir(folder) != [path.name]:
            yield f"{name}.save_weights: expected one file, got {', '.join(sorted(os.listdir(folder)))}"
        written = load_file(path)
        if not _equal({entry: written[entry] for entry in before if entry in written}, before) or len(written) != len(before):
            yield f"{name}.save_weights: expected the weights in the file, got others"
    content = path.read_bytes()
    occupied = folder / "occupied.safetensors"
    occupied.mkdir()
    (occupied / "a").touch()
    for place in (folder / "nowhere" / path.name, occupied):
        refusal = refusal_of(lambda place=place: model.save_weights(place))
        if refusal is None or sorted(os.listdir(folder)) != [occupied.name, path.name]:
            yield f"{name}.save_weights where it cannot: expected an error and no file, got {sorted(os.listdir(folder))}"
    others = {entry: 2 * array for entry, array in before.items()}
    first, value = next(iter(others.items()))
    files: dict[str, Any] = {
        "nothing": b"",
        "no such format": b"weights" * 9,
        "a part of a file": content[:-5],
        "another's name": {**{n: v for n, v in others.items() if n != first}, "spare": value},
        "an entry too many": {**others, "spare": value},
        "an entry too few": {n: v for n, v in others.items() if n != first},
        "another shape": {**others, first: np.concatenate([value, value])},
        "NaN": {**others, first: np.full_like(value, math.nan)},
        "truth values": {**others, first: value > 0},
        "infinity": {**others, first: np.full_like(value, -math.inf)},
    }
    for what, held in files.items():
        path.write_bytes(held) if isinstance(held, bytes) else save_file(held, path)
        refusal = refusal_of(lambda: model.load_weights(path))
        if refusal is None or refusal.error not in ("ValueError", "TypeError"):
            yield f"{name}.load_weights of {what}: expected a ValueError, got {'an answer' if refusal is None else refusal.error}"
        if not _equal(model.export_weights(), before):
            yield f"{name}.load_weights of {what}: expected the weights as they were, got others"
    path.unlink()
    refusal = refusal_of(lambda: model.load_weights(path))
    if refusal is None or refusal.error != "FileNotFoundError":
        yield f"{name}.load_weights of no file: expected a FileNotFoundError, got {'an answer' if refusal is None else refusal.error}"
    for dtype in ("float64", "float32", "float16"):
        held = {entry: array.astype(dtype) for entry, array in before.items()}
        save_file(held, path)
        model.load_weights(os.fspath(path))
        if not _equal(model.export_weights(), {entry: array.astype(before[entry].dtype) for entry, array in held.items()}):
            yield f"{name}.load_weights of {dtype}: expected the weights of the file, got others"
