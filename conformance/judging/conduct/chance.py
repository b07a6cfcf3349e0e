"""What is drawn at random: initial weights, and noise that a batch leaves out. Compared with what the reference draws.

Two samples of one distribution differ nowhere by more than the two bounds together (Dvoretzky, Kiefer, Wolfowitz, Massart); a right
package fails a comparison with a probability of at most `FALSE_ALARM` over all seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.judging.conduct.sides import Side
from conformance.tolerance import FALSE_ALARM, samples_agree, steps_agree
from reference.domains import Bits, Domain
from reference.specification import Array, Spec

__all__ = ["FALSE_ALARM", "initial_weights", "own_noise"]

# So many numbers of a parameter show its distribution; smaller ones are drawn with so many seeds at most.
_ENOUGH, _OF_EACH, _SEEDS, _SEEDS_OF_REFERENCE = 4_000, 1_000, 8, 16
# So many rows tell a uniform distribution from a normal one of the same variance.
_ROWS = 40_000
# Of the numbers of two seeds few are equal.
_ALIKE = 0.5
# Two masks of a few numbers are equal once in a hundred times, so many never.
_DRAWN_AGAIN = 16


def initial_weights(spec: Spec, package: Side, reference: Side, configuration: Mapping[str, Any]) -> Iterator[str]:
    """Constants are those of the reference, all else is distributed as there; the seed decides, and no two parameters are alike."""
    ours = _drawn(spec, package, configuration, _SEEDS)
    its = _drawn(spec, reference, configuration, _SEEDS_OF_REFERENCE)
    first = its[0]
    for name, value in first.items():
        if any(sample[name].dtype != package.dtype for sample in ours):
            yield f"{spec.name}: expected initial weights in {package.dtype}, got {ours[0][name].dtype} in {name}"
        if value.ndim == 1:
            if not np.array_equal(ours[0][name], value):
                yield f"{spec.name}: expected {name} to begin as {value.tolist()}, got {ours[0][name].tolist()}"
        elif not samples_agree(*(np.concatenate([_some(sample[name]) for sample in samples]) for samples in (ours, its))):
            yield f"{spec.name}: expected {name} to begin with numbers distributed as the reference's, got others"
    again = _built(spec, package, configuration, 0)
    if not all(np.array_equal(value, ours[0][name]) for name, value in again.items()):
        yield f"{spec.name}: expected the same initial weights of the same seed, got others"
    if not all(np.array_equal(value, ours[0][name]) for name, value in _built(spec, package, configuration, None).items()):
        yield f"{spec.name}: expected the seed to be 0 where none is given, got another"
    other = _built(spec, package, configuration, 1)
    if any(
        np.mean(value == ours[0][name]) > _ALIKE for name, value in other.items() if value.ndim > 1 and value.size > _OF_EACH // 10
    ):
        yield f"{spec.name}: expected another seed to draw numbers of its own, got the same"
    matrices = [sample[name] for sample in ours for name, value in first.items() if value.ndim > 1 and value.size > _ENOUGH // 8]
    drawn = [float(matrix.flat[0] / np.abs(matrix).max()) for matrix in matrices]
    if len(set(drawn)) < len(drawn):
        yield f"{spec.name}: expected every parameter and seed to draw numbers of its own, got some twice"


def _some(values: Array) -> Array:
    """Of many numbers every tenth, or hundredth."""
    return values.ravel()[:: values.size // _OF_EACH + 1].astype(np.float64)


def _drawn(spec: Spec, side: Side, configuration: Mapping[str, Any], most: int) -> list[dict[str, Array]]:
    samples = [_built(spec, side, configuration, 0)]
    least = min((value.size for value in samples[0].values() if value.ndim > 1), default=_ENOUGH)
    samples += [_built(spec, side, configuration, seed) for seed in range(1, most) if seed * least < _ENOUGH]
    return samples


def _built(spec: Spec, side: Side, configuration: Mapping[str, Any], seed: int | None) -> dict[str, Array]:
    told = configuration if seed is None else {**configuration, "seed": seed}
    return side.build(spec, told).export_weights()


def own_noise(
    spec: Spec, package: Side, configuration: Mapping[str, Any], weights: Mapping[str, Array], batch: Mapping[str, Array]
) -> Iterator[str]:
    """In training noise is drawn where a batch has none, and what comes out is distributed as with noise from outside; in use there is none."""
    right, model = spec.evaluate(**configuration), package.build(spec, configuration)
    noise = right.batch_domains().get("noise")
    if noise is None:
        return
    right.import_weights(weights)
    model.import_weights(weights)
    yield from _own_sample(spec, package, model, right)
    if not callable(model):  # the reference is asked by its methods alone
        return
    clean = {name: np.repeat(value[:1], _ROWS, axis=0) for name, value in batch.items() if name != "noise"}
    with np.errstate(all="ignore"):
        output = right.activations(**clean, noise=_noise(noise, (_ROWS, batch["noise"].shape[1]), configuration))["reconstruction"]
    first, second = (_answer(package, model, clean, True) for _ in range(2))
    if np.array_equal(first, second):
        yield f"{spec.name}: expected new noise in every batch, got the same"
    # Sums with random weights show what columns alone do not: whether they are drawn together.
    mixed = np.random.default_rng(0).standard_normal((output.shape[1], 3)) / np.std(output, axis=0, keepdims=True).T.clip(1e-12)
    for number in range(output.shape[1] + 3):
        mine, its = (np.c_[sample, sample @ mixed][:, number] for sample in (first.astype(np.float64), output))
        if not samples_agree(mine, its):
            yield f"{spec.name}: expected noise that it draws itself to be distributed as the contract says, got another"
            break
    quiet = _answer(package, model, {name: value[:2] for name, value in clean.items()}, False)
    expected = right.inference(**{name: value[:2] for name, value in clean.items()})["reconstruction"]
    if not steps_agree(quiet, expected, package.dtype, 1):
        yield f"{spec.name}: expected no noise where it is used, got some"
    yield from _other_ways(spec, package, model, clean)


def _other_ways(spec: Spec, package: Side, model: Any, clean: Mapping[str, Array]) -> Iterator[str]:
    """Evaluation mode draws nothing; training itself draws."""
    few = {name: value[:3] for name, value in clean.items()}
    if callable(getattr(model, "eval", None)):
        model.eval()
        for method in ("loss_terms", "gradients"):
            once, again = (_numbers(package, getattr(model, method)(**package.given(few))) for _ in range(2))
            if not all(np.array_equal(value, again[name]) for name, value in once.items()):
                yield f"{spec.name}.{method}: expected no noise in evaluation mode, got some"
        first = model.training_steps([package.given(few)], "sgd", 1e-30)[0]
        if all(model.training_steps([package.given(few)], "sgd", 1e-30)[0] == first for _ in range(_DRAWN_AGAIN)):
            yield f"{spec.name}.training_steps: expected noise that is drawn, got none"


def _own_sample(spec: Spec, package: Side, model: Any, right: Any) -> Iterator[str]:
    if not callable(getattr(model, "sample", None)):
        return
    moments = np.full((_ROWS, right.latent), 0.75)
    mine = [_numbers(package, {"": model.sample(**package.given({"mean": moments, "log_var": moments}))})[""] for _ in range(2)]
    its = np.asarray(right.sample(moments, moments))
    if np.array_equal(mine[0], mine[1]) or not samples_agree(mine[0].ravel(), its.ravel()):
        yield f"{spec.name}.sample: expected standard normal noise, new in every call; got another"


def _numbers(package: Side, named: Mapping[str, Any]) -> dict[str, Array]:
    return {name: package.framework.to_output(value).array for name, value in named.items()}


def _answer(package: Side, model: Any, batch: Mapping[str, Array], training: bool) -> Array:
    """What the model says when it is called, as in training or as in use."""
    tensors = package.given(batch)
    has_modes = callable(getattr(model, "eval", None))
    value = model.train(training)(**tensors) if has_modes else model(tensors, training=training)
    return package.framework.to_output(value).array


def _noise(domain: Domain, shape: Sequence[int], configuration: Mapping[str, Any]) -> Array:
    rng = np.random.default_rng(1)
    if isinstance(domain, Bits):
        return (rng.random(shape) >= configuration["level"]).astype(np.float64)
    return rng.standard_normal(shape)
