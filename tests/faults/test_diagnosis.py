"""The mistake that was made is the mistake that is named; of two at once both are; and it takes no time that anybody notices."""

from __future__ import annotations

import random
from collections.abc import Iterable
from statistics import median

import pytest

from conformance.faults.diagnosis import suspects
from conformance.faults.fault import Fault
from conformance.faults.rewriting import Inapplicable, implementation
from reference.specification import catalogue
from tests.faults.running import diagnosed, functions, of_kinds

WRONG = [fault for fault in of_kinds("fault", "variant") if fault.because is None]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what a mistake divides by is its own affair
SHARE_OF_SINGLE, SHARE_OF_PAIRS = 0.95, 0.80
SECONDS = 0.5
PAIRS = 150
_OF_GRADIENTS = ("_vjp", "_per_element")


def _said(times: list[float]) -> str:
    return f"median {median(times) * 1e3:.0f} ms, most {max(times) * 1e3:.0f} ms"


def _of(spec: str) -> list[Fault]:
    return [fault for fault in WRONG if spec in functions(fault)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_single_fault_is_named(dtype: str) -> None:
    """Of all faults that show, the right one or its twin is in the first match, alone or tied."""
    missed, times, ties = [], [], 0
    for spec in (name for name, spec in catalogue().items() if spec.kind != "model"):
        for fault in _of(spec):
            found = diagnosed((fault,), spec, dtype)
            if found.diagnosis is None:
                continue
            times.append(found.seconds)
            alone = {match.ids[0] for match in found.diagnosis.matches if len(match.ids) == 1}
            ties += len(alone) > 1
            if not alone & {fault.id, fault.same_as}:
                missed.append(f"{fault.id} ({spec}): {found.diagnosis.sentence}")
    print(f"\n{dtype}: {len(times) - len(missed)} of {len(times)} named, {ties} tied; {_said(times)}", *missed, sep="\n")
    assert len(missed) <= (1 - SHARE_OF_SINGLE) * len(times)
    assert median(times) <= SECONDS


def _of_gradients(fault: Fault) -> bool:
    return any(change.place.endswith(_OF_GRADIENTS) for change in fault.changes)


def _sampled(count: int) -> Iterable[tuple[str, Fault, Fault]]:
    """Pairs that fit together, both of the value or both of the gradient: a wrong value is explained before a wrong gradient."""
    rng = random.Random(0)
    numeric = [fault for fault in WRONG if fault.symptom is None and fault.same_as is None and fault.noise is None]
    specs = [name for name, spec in catalogue().items() if spec.kind != "model"]
    while count:
        spec = rng.choice(specs)
        first, second = rng.sample([fault for fault in numeric if spec in functions(fault)], 2)
        if _of_gradients(first) != _of_gradients(second):
            continue
        try:
            implementation((first, second), spec)
        except Inapplicable:  # both exchange the same piece
            continue
        count -= 1
        yield spec, first, second


def test_both_of_a_pair_are_named() -> None:
    """Of two faults at once both are in one match, in most pairs in which both show."""
    missed, hidden, times = [], 0, []
    for spec, first, second in _sampled(PAIRS):
        found = diagnosed((first, second), spec)
        if found.diagnosis is None:
            hidden += 1
            continue
        times.append(found.seconds)
        if not any({first.id, second.id} <= set(match.ids) for match in found.diagnosis.matches):
            missed.append(f"{first.id}, {second.id} ({spec}): {found.diagnosis.sentence}")
    print(f"\n{len(times) - len(missed)} of {len(times)} pairs named, {hidden} cancel out; {_said(times)}", *missed, sep="\n")
    assert len(missed) <= (1 - SHARE_OF_PAIRS) * len(times)
    assert median(times) <= SECONDS


@pytest.mark.parametrize(
    ("spec", "id"),
    [("vae_kl_loss", "half_missing"), ("kl_sparsity_loss", "features_axis"), ("pad_sequences", "padding_side"), ("CharTokenizer", "nfc"),
     ("reparameterize", "variance_as_std"), ("vae_kl_loss", "square_only"), ("vae_kl_loss", "no_gradient"),
     ("vae_kl_loss", "depends_on_chance"), ("vae_kl_loss", "remembers_calls"), ("reparameterize", "noise_drawn_inside")],
)  # fmt: skip
def test_a_well_known_fault_is_named(spec: str, id: str) -> None:
    """Each of the best known mistakes by name."""
    fault = next(fault for fault in WRONG if fault.id == id)
    assert id in set(suspects(diagnosed((fault,), spec).diagnosis))


def test_what_is_right_has_no_diagnosis() -> None:
    """Nothing is said of answers that agree."""
    assert diagnosed((), "vae_kl_loss").diagnosis is None


@pytest.mark.parametrize("id", ["fails_single_sample", "fails_single_unit", "square_only", "always_raises"])
def test_where_it_raises_tells_faults_apart(id: str) -> None:
    """Of faults that raise, the one is named that raises on these cases and no other."""
    fault = next(fault for fault in WRONG if fault.id == id)
    assert set(suspects(diagnosed((fault,), "vae_kl_loss").diagnosis)) == {id}
