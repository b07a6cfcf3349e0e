"""Training: what is refused before a step, and that epochs over data are the steps that they consist of."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.judging.conduct.refusals import PairedCall, problem_of, refusal_of
from conformance.judging.conduct.sides import Side
from conformance.tolerance import steps_agree
from reference.domains import Domain, Reals
from reference.specification import Array, Spec

_STEPS = frozenset({"optimizer", "learning_rate"})
# What Keras takes for "sgd".
_RATE, _ROWS, _EPOCHS = 0.01, 2, 2


def problems(
    spec: Spec,
    package: Side,
    reference: Side,
    configuration: Mapping[str, Any],
    weights: Mapping[str, Array],
    batch: Mapping[str, Array],
) -> Iterator[str]:
    """What a package does otherwise than it has to."""
    domains = spec.evaluate(**configuration).batch_domains()

    def model(side: Side = package) -> Any:
        built = side.build(spec, configuration)
        built.import_weights(weights)
        return built

    rates = (0.0, -1.0, math.nan, math.inf, -math.inf, None, "1", True, 0.5, 1)
    asked = [("Adam", 0.1), (None, 0.1), ("", 0.1), (3, 0.1), *(("sgd", rate) for rate in rates)]
    for optimizer, rate in asked:
        for steps in (1, 0):

            def call(side: Side, steps: int = steps, optimizer: Any = optimizer, rate: Any = rate) -> object:
                return model(side).training_steps([side.given(batch)] * steps, optimizer, rate)

            paired_call = PairedCall(f"{spec.name}.training_steps with {optimizer!r} and {rate!r}, {steps} batches", _STEPS, call)
            if (problem := problem_of(paired_call, package, reference)) is not None:
                yield problem
    yield from _broken_batch(spec, package, model, batch, domains)
    yield from _iterables(spec, package, model, batch)
    if hasattr(model(), "fit"):
        yield from _epochs(spec, package, model, batch)


def _broken_batch(
    spec: Spec, package: Side, model: Any, batch: Mapping[str, Array], domains: Mapping[str, Domain]
) -> Iterator[str]:
    """NaN in the second batch: refused, and the first step is done."""
    one = model()
    one.training_steps([package.given(batch)], "sgd", _RATE)
    for name, domain in domains.items():
        if isinstance(domain, Reals):
            for value in (math.nan, math.inf, -math.inf):
                broken, other = {**batch, name: np.where(batch[name] == batch[name].flat[-1], value, batch[name])}, model()
                refusal = refusal_of(
                    lambda b=broken, m=other: m.training_steps([package.given(batch), package.given(b)], "sgd", _RATE)
                )
                if refusal is None or refusal.error != "ValueError":
                    yield f"{spec.name}.training_steps with {value} in {name}: expected a ValueError, got {refusal and refusal.error}"
                elif not _same(other, one):
                    yield f"{spec.name}.training_steps with {value} in {name} of the second batch: expected one step, got another"


def _iterables(spec: Spec, package: Side, model: Any, batch: Mapping[str, Array]) -> Iterator[str]:
    """Batches that come one by one are trained as those of a list; the mode of the model is as before."""
    listed, streamed = model(), model()
    batches = [package.given(batch) for _ in range(2)]
    losses = listed.training_steps(batches, "adam", _RATE)
    if streamed.training_steps(iter(batches), "adam", _RATE) != losses or not _same(streamed, listed):
        yield f"{spec.name}.training_steps of an iterator: expected what a list gives, got something else"
    if not callable(getattr(listed, "eval", None)):
        return
    for mode in (False, True):
        modes = [part.training for part in listed.train(mode).modules()]
        listed.training_steps(batches, "sgd", _RATE)
        if [part.training for part in listed.modules()] != modes:
            yield f"{spec.name}.training_steps with training = {mode}: expected the mode of every part as it was, got another"
    if any(parameter.grad is not None for parameter in listed.parameters()):
        yield f"{spec.name}.training_steps: expected no gradients left in the parameters, got some"


def _same(model: Any, other: Any) -> bool:
    mine, its = model.export_weights(), other.export_weights()
    return all(np.array_equal(value, its[name]) for name, value in mine.items())


def _epochs(spec: Spec, package: Side, model: Any, batch: Mapping[str, Array]) -> Iterator[str]:
    """`fit` over epochs gives the losses of the same steps, each averaged over the samples of its epoch."""
    rows = len(next(iter(batch.values())))
    parts = [{name: value[start : start + _ROWS] for name, value in batch.items()} for start in range(0, rows, _ROWS)]
    weighing = [len(next(iter(part.values()))) for part in parts]
    twin = model()
    losses = np.reshape(twin.training_steps([package.given(part) for part in parts] * _EPOCHS, "sgd", _RATE), (_EPOCHS, -1))
    expected = np.average(losses, axis=1, weights=weighing)
    in_dtype = {name: value.astype(package.dtype) if value.dtype.kind == "f" else value for name, value in batch.items()}
    for what, data, sized in _forms(model(), package, in_dtype, parts):
        trained = model()
        history = np.asarray(_fit(trained, data, _ROWS if sized else None))
        if history.shape != expected.shape or not steps_agree(history, expected, package.dtype, len(parts) * _EPOCHS):
            yield f"{spec.name}.fit of {what}: expected the losses {expected.tolist()}, got {history.tolist()}"
        elif not all(
            steps_agree(value, twin.export_weights()[name], package.dtype, len(parts) * _EPOCHS)
            for name, value in trained.export_weights().items()
        ):
            yield f"{spec.name}.fit of {what}: expected the weights after the same steps, got others"
    yield from _refused_data(spec, model, in_dtype)
    if _takes_options(model()):
        yield from _options_of_fit(spec, model, in_dtype)
    if callable(getattr(model(), "evaluate", None)):
        yield from _evaluation(spec, package, model(), in_dtype)


def _takes_options(model: Any) -> bool:
    """Whether `fit` takes optimiser and learning rate itself; Keras is told before."""
    return "learning_rate" in inspect.signature(model.fit).parameters


def _fit(model: Any, data: Any, rows: int | None, epochs: Any = _EPOCHS, **options: Any) -> list[float]:
    """The losses of the epochs, the samples in their order unless `options` say otherwise."""
    sized = {} if rows is None else {"batch_size": rows}
    if _takes_options(model):
        told: dict[str, Any] = {"optimizer": "sgd", "learning_rate": _RATE, "shuffle": False, "progress": False}
        return model.fit(data, **{"epochs": epochs, **told, **sized, **options})
    model.compile(optimizer="sgd")
    return model.fit(data, epochs=epochs, shuffle=False, verbose=0, **sized).history["loss"]


def _forms(
    model: Any, package: Side, batch: Mapping[str, Array], parts: Sequence[Mapping[str, Array]]
) -> Iterator[tuple[str, Any, bool]]:
    """The same data in the forms that `fit` takes, and whether it is told how many samples a step has."""
    yield "arrays by name", dict(batch), True
    if len(batch) == 1:
        yield "a single array", next(iter(batch.values())), True
    if not _takes_options(model):
        return
    yield "tensors by name", package.given(batch), True
    yield "float64 by name", {n: v.astype("float64") if v.dtype.kind == "f" else v for n, v in batch.items()}, True
    yield "batches by name", [dict(part) for part in parts], False
    yield "batches in a row", [tuple(package.given(part).values()) for part in parts], False
    yield "lists in a row", tuple(list(part.values()) for part in parts), False
    if len(batch) == 1:
        yield "batches of one array", [next(iter(part.values())) for part in parts], False


def _refused_data(spec: Spec, model: Any, batch: Mapping[str, Array]) -> Iterator[str]:
    """Data that nobody can train with, and that nothing has changed then."""
    name, value = next(iter(batch.items()))
    bad: dict[str, Any] = {"None": None, "a text": "data", "a number": 3, "no rows": {n: v[:0] for n, v in batch.items()}}
    if _takes_options(model()):
        bad |= {"no arrays": {}, "no batches": [], "bytes": b"data", "no axis": {**batch, name: value.flat[0]}}
    if len(batch) > 1:
        bad["a row less"] = {**batch, name: value[:-1]}
    reals = [n for n, v in batch.items() if v.dtype.kind == "f"]
    for real in reals:
        bad[f"NaN in {real}"] = {**batch, real: np.full_like(batch[real], math.nan)}
    for what, data in bad.items():
        trained = model()
        refusal = refusal_of(lambda t=trained, d=data: _fit(t, d, _ROWS))
        if refusal is None or refusal.error not in ("ValueError", "TypeError"):
            yield f"{spec.name}.fit of {what}: expected a ValueError, got {'an answer' if refusal is None else refusal.error}"
        elif not _same(trained, model()):
            yield f"{spec.name}.fit of {what}: expected the weights as they were, got others"


def _options_of_fit(spec: Spec, model: Any, batch: Mapping[str, Array]) -> Iterator[str]:
    """Options and their defaults; shuffled samples are the same samples in another order."""
    for option, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
        for value in (None, "1", 1.0, True, -1, 0, 1):
            refusal = refusal_of(lambda o=option, v=value: _fit(model(), batch, _ROWS, **{"shuffle": True, o: v}))
            right = None if type(value) is int and value >= least else "ValueError" if type(value) is int else "TypeError"
            if (refusal and refusal.error) != right:
                yield f"{spec.name}.fit with {option} = {value!r}: expected {right or 'an answer'}, got {refusal and refusal.error}"
    for option in ("shuffle", "progress"):
        if (refusal := refusal_of(lambda o=option: _fit(model(), batch, _ROWS, **{o: 1}))) is None or refusal.error != "TypeError":
            yield f"{spec.name}.fit with {option} = 1: expected a TypeError, got {refusal and refusal.error}"
    long = {name: np.concatenate([value] * (130 // len(value) + 1))[:130] for name, value in batch.items()}
    usual: dict[str, Any] = {"epochs": 1, "batch_size": 64, "optimizer": "adam", "learning_rate": 1e-3, "shuffle": True, "seed": 0}
    said, unsaid = model(), model()
    if _seeded_fit(said, long, **usual, progress=False) != _seeded_fit(unsaid, long) or not _same(said, unsaid):
        yield f"{spec.name}.fit without options: expected those of its signature, got others"
    yield from _order(spec, model, batch)


def _seeded_fit(model: Any, data: Any, **options: Any) -> list[float]:
    return model.fit(data, **options)


def _order(spec: Spec, model: Any, batch: Mapping[str, Array]) -> Iterator[str]:
    """A step so small that nothing is learned: the mean over an epoch is the same in any order; a large one shows the order."""
    rows = len(next(iter(batch.values())))
    few = dict(batch)
    still = {"learning_rate": 1e-30, "shuffle": True, "epochs": 3}
    means = np.asarray(_fit(model(), few, 1, **still))
    alone = np.asarray(_fit(model(), few, 1, **{**still, "shuffle": False}))
    if not steps_agree(means, alone, "float32", rows):
        yield f"{spec.name}.fit with shuffle: expected every sample once an epoch, {alone.tolist()}; got {means.tolist()}"
    first, same, *others = (model() for _ in range(10))
    moving = {"learning_rate": 0.5, "shuffle": True, "epochs": 1}
    for model_of_one in (first, same):
        _fit(model_of_one, few, 1, **moving, seed=1)
    for seed, other in enumerate(others, start=2):
        _fit(other, few, 1, **moving, seed=seed)
    if not _same(first, same) or (rows > 1 and all(_same(first, other) for other in others)):
        yield f"{spec.name}.fit with shuffle: expected an order that the seed decides, got another"


def _evaluation(spec: Spec, package: Side, model: Any, batch: Mapping[str, Array]) -> Iterator[str]:
    """Keras' `evaluate` is the loss without noise, averaged over samples; its `predict` what inference says, in batches."""
    model.compile(optimizer="sgd", run_eagerly=True)
    rows = len(next(iter(batch.values())))
    label = getattr(model, "label_name", None)
    outputs = model.inference(**package.given(batch))
    unlabelled = {name: value for name, value in batch.items() if name != label}
    predicted = np.asarray(model.predict(unlabelled, batch_size=_ROWS, verbose=0))
    if not steps_agree(predicted, np.asarray(outputs[model.output_name]), package.dtype, rows):
        yield f"{spec.name}.predict: expected what inference says, got something else"
    whole = model.evaluate(dict(batch), batch_size=rows, verbose=0)
    if not set(getattr(model, "noise_names", ())) & set(batch):
        expected = model.loss_terms(**package.given(batch))["total"]
        if not steps_agree(np.asarray(whole), np.asarray(expected), package.dtype, rows):
            yield f"{spec.name}.evaluate: expected the loss {float(expected)}, got {whole}"
