"""What the first wrong result of a model is beside what it should be, and which part of its answers alone is wrong: ids of templates.

Nothing is predicted here, so that it also speaks of code that no change of the reference explains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformance.diagnosis.description import first_deviating
from conformance.faults.templates import id_of
from conformance.judging.compare import compare
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import Evidence
from conformance.respondent.class_results import AGAIN, RELOADED, TRAINED
from conformance.respondent.responses import Output, Returned
from conformance.tolerance import EXPLANATION_ROOM, RATIO_SPREAD
from reference.specification import Array, Quantity

# Fewer numbers, or answers, may stand in a relation by chance.
_FEWEST_NUMBERS, _FEWEST_ANSWERS = 3, 3
# In the order in which they are asked: what comes first may be why the others are wrong.
_PARTS = (
    ("inference/", "only_inference"),
    (RELOADED, "only_reloaded"),
    (TRAINED, "only_trained"),
    (AGAIN, "only_again"),
    ("greedy/", "only_greedy"),
    ("encoded", "only_encode"),
    ("decoded", "only_decode"),
    ("every_id", "only_decode_of_any"),
    ("vocabulary_after_encoding", "only_learning"),
    ("vocabulary_of_both", "only_second_fit"),
)


def only_part(quantity: Quantity, failed: Sequence[Evidence]) -> str | None:
    """The part of the answers to which everything that is wrong belongs, where the rest is right."""
    wrong = [list(_deviating(observation)) for observation in failed]
    if not wrong or not all(wrong):
        return None
    parts = {_part(quantity, name) for names in wrong for name in names}
    if None in parts:
        return None
    order = [f"{template}#" for _, template in _PARTS]
    known = [part for part in order if part in parts]
    others = sorted(part for part in parts if part is not None and part not in order)
    # What a second answer or a pretraining gets wrong follows from what an earlier part does.
    return known[0] if known and not others else others[0] if len(others) == 1 and not known else None


def only_later(failed: Sequence[Evidence]) -> str | None:
    """That inference, which is asked first, is right in every failing case, and wrong where it is asked again after others were.

    From weights that were written and read it is the same method: where the answers in between are wrong too, those are no reason.
    """
    wrong = [set(_deviating(observation)) for observation in failed]
    first = not any(name.startswith("inference/") for names in wrong for name in names)
    again = any(_is_wrong_again(observation, names) for observation, names in zip(failed, wrong, strict=True))
    return "only_later#" if first and again and len(failed) >= _FEWEST_ANSWERS else None


def begun_elsewhere(quantity: Quantity, failed: Sequence[Evidence]) -> str | None:
    """What an optimiser holds after one step from the same weights, where it is off by one number in every element and every case."""
    offsets: dict[str, list[float]] = {}
    for observation in failed:
        names = [name for name in observation.expected if name.startswith(AGAIN) and "/" in name.removeprefix(AGAIN)]
        for name in names if quantity == "training" else ():
            for actual, right in _pairs([observation], name):
                if actual.shape != right.value.shape or not np.isfinite(actual).all():
                    return None
                difference = actual - right.value
                if not np.all(np.abs(difference) > right.allowed):
                    return None
                if np.ptp(difference) > RATIO_SPREAD * np.abs(difference).max() + 2 * np.max(right.allowed):
                    return None
                offsets.setdefault(name.rpartition("/")[2], []).append(float(np.median(difference)))
    for quantity_held, numbers in offsets.items():
        if np.ptp(numbers) <= RATIO_SPREAD * abs(numbers[0]) and len(numbers) >= _FEWEST_NUMBERS:
            return id_of("state_more", quantity_held, f"{numbers[0]:.4g}")
    return None


def _is_wrong_again(observation: Evidence, wrong: set[str]) -> bool:
    expected, again = observation.expected, [name for name in wrong if name.startswith(RELOADED)]
    names = [name.removeprefix(RELOADED) for name in again]
    return any(name in wrong and name in expected and _equal(expected[name], expected[f"inference/{name}"]) for name in names)


def _equal(right: object, other: object) -> bool:
    return isinstance(right, Expected) and isinstance(other, Expected) and np.array_equal(right.value, other.value)


def _part(quantity: Quantity, name: str) -> str | None:
    for prefix, template in _PARTS:
        if name.startswith(prefix):
            return f"{template}#"
    if quantity == "value" and name == "total":
        return "only_total#"
    if quantity == "activations" and "/" in name:
        return id_of("only_method", name.partition("/")[0])
    if quantity == "training" and "/" in name:
        return id_of("only_state", name.rpartition("/")[2])
    return None


def _deviating(observation: Evidence) -> Iterator[str]:
    if not isinstance(observation.response, Returned):
        return
    for name, right in observation.expected.items():
        output = observation.response.outputs.get(name)
        device = output.device if isinstance(output, Output) else "cpu"
        if output is None or not compare({name: right}, {name: output}, device).agrees:
            yield name


def relation(failed: Sequence[Evidence], quantity: Quantity | None = None) -> str | None:
    """What the first result that differs is, on every failing case alike; of a gradient that is zero altogether, that none arrives."""
    names = {first_deviating(observation) for observation in failed}
    name = next(iter(names))
    if len(names) != 1 or name is None or len(failed) < _FEWEST_ANSWERS:
        return None
    pairs = list(_pairs(failed, name))
    if len(pairs) < len(failed):
        return None
    if quantity == "gradient" and all(not actual.any() for actual, _ in pairs):
        return id_of("gradient_zero", name)
    return _between(name, pairs) or _other(name, failed) or _as_before(name, failed)


def _pairs(failed: Sequence[Evidence], name: str) -> Iterator[tuple[Array, Expected]]:
    for observation in failed:
        right = observation.expected.get(name)
        output = observation.response.outputs.get(name) if isinstance(observation.response, Returned) else None
        if isinstance(right, Expected) and isinstance(output, Output) and output.array.dtype.kind == "f":
            yield output.array.astype(np.float64), right


@np.errstate(all="ignore")
def _between(name: str, pairs: Sequence[tuple[Array, Expected]]) -> str | None:
    if all(
        _near(actual, right.value.T, np.transpose(np.broadcast_to(right.allowed, right.value.shape))) for actual, right in pairs
    ):
        return id_of("result_transposed", name)
    if any(actual.shape != right.value.shape for actual, right in pairs):
        return None
    actual = np.concatenate([a.ravel() for a, _ in pairs])
    expected = np.concatenate([np.asarray(right.value, np.float64).ravel() for _, right in pairs])
    allowed = np.concatenate([np.broadcast_to(right.allowed, right.value.shape).ravel() for _, right in pairs])
    wrong = np.abs(actual - expected) > allowed
    if not np.isfinite(actual).all() or wrong.sum() < _FEWEST_NUMBERS:
        return None
    if np.all(actual[wrong] == 0):
        return id_of("result_zero", name)
    end = float(np.median(actual[wrong]))
    if np.ptp(actual[wrong]) <= EXPLANATION_ROOM * allowed[wrong].min():
        if np.all(expected[wrong] > end) and np.all(actual <= end + allowed):
            return id_of("result_cut_above", name, f"{end:.4g}")
        if np.all(expected[wrong] < end) and np.all(actual >= end - allowed):
            return id_of("result_cut_below", name, f"{end:.4g}")
    clear = wrong & (np.abs(expected) * RATIO_SPREAD > allowed)
    ratios = actual[clear] / expected[clear]
    if clear.sum() >= _FEWEST_NUMBERS and np.ptp(ratios) <= RATIO_SPREAD * abs(ratios.mean()):
        ratio = float(np.median(ratios))
        room = EXPLANATION_ROOM * allowed + RATIO_SPREAD * np.abs(actual)
        if abs(ratio - 1) > RATIO_SPREAD and np.all((np.abs(actual - ratio * expected) <= room)[wrong]):
            return id_of("result_times", name, f"{ratio:.4g}")
    return None


def _other(name: str, failed: Sequence[Evidence]) -> str | None:
    """Another result of the case that stands in its place."""
    actual = [observation.response.outputs[name].array for observation in failed if isinstance(observation.response, Returned)]
    for other in failed[0].expected:
        rights = [observation.expected.get(other) for observation in failed]
        if other != name and all(
            isinstance(r, Expected) and r.value.size >= _FEWEST_NUMBERS and _near(a, r.value, r.allowed)
            for a, r in zip(actual, rights, strict=True)
        ):
            return id_of("result_is", name, other)
    return None


def _as_before(name: str, failed: Sequence[Evidence]) -> str | None:
    """A weight that training leaves as it was."""
    for observation in failed:
        before = observation.case.model.weights.get(name) if observation.case.holds_model else None
        assert isinstance(observation.response, Returned)
        if before is None or not np.array_equal(np.asarray(observation.response.outputs[name].array), before):
            return None
    return id_of("result_unchanged", name)


def _near(actual: Array, expected: Array, allowed: Array) -> bool:
    return actual.shape == expected.shape and bool(np.all(np.abs(actual - expected) <= EXPLANATION_ROOM * np.asarray(allowed)))
