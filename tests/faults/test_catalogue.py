"""Every fault and variant of the formulas is caught by the default cases, every correct rewrite passes them, and the words are fit to print."""

from __future__ import annotations

from collections import Counter
from statistics import median

import numpy as np
import pytest

from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault
from conformance.faults.rewriting import implementation
from reference.specification import catalogue
from tests.audit.alternatives import CORRECT
from tests.faults.running import first_kill, functions, of_kinds

WRONG = of_kinds("fault", "variant")
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what a mistake divides by is its own affair
REWRITES = of_kinds("rewrite")
MEDIAN_CASES = 5
MOST_CASES = 20


def _of_formulas() -> list[object]:
    return [
        pytest.param(fault, spec, id=f"{fault.id}-{spec}") for fault in WRONG if fault.because is None for spec in functions(fault)
    ]


@pytest.mark.parametrize("fault", entries().values(), ids=lambda fault: fault.id)
def test_an_entry_applies_to_every_specification_that_it_names(fault: Fault) -> None:
    """The changed reference offers what the specification asks for, and differs from the reference by the entry alone."""
    assert fault.changes or fault.wrap
    for spec in fault.specs:
        assert callable(getattr(implementation((fault,), spec), spec))


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault.id)
def test_the_words_are_fit_to_print(fault: Fault) -> None:
    """The sentence ends with a full stop; the hint is there and does not hold the code that would be the answer."""
    assert fault.sentence.endswith(".")
    assert fault.hint.endswith((".", "?"))
    assert fault.seen
    assert fault.id == fault.id.lower()
    pieces = [piece for change in fault.changes for piece in (change.old, change.new) if len(piece) > 6 and not piece.isalpha()]
    assert not [piece for piece in pieces if piece in fault.hint]


def test_the_catalogue_is_large_enough() -> None:
    """As many entries of every kind as the project promises, and the ids that are promised by name."""
    count = Counter(fault.kind for fault in entries().values())
    assert count["fault"] >= 110
    assert count["variant"] >= 20
    assert count["rewrite"] >= 60
    assert {"features_axis", "half_missing", "padding_side"} <= entries().keys()


def test_twins_are_entries() -> None:
    """What stands for another entry names one that exists, of a specification that both touch."""
    for fault in entries().values():
        if fault.same_as is not None:
            assert set(entries()[fault.same_as].specs) & set(fault.specs)


@pytest.mark.parametrize(("fault", "spec"), _of_formulas())
def test_a_fault_is_caught(fault: Fault, spec: str) -> None:
    """The default cases in float64 catch it, and do not need many."""
    killed = first_kill(fault, spec)
    assert killed is not None
    assert killed <= MOST_CASES


@pytest.mark.parametrize("fault", [fault for fault in WRONG if fault.because], ids=lambda fault: fault.id)
def test_an_equivalent_fault_survives(fault: Fault) -> None:
    """What is said to show nowhere shows nowhere."""
    assert [first_kill(fault, spec) for spec in functions(fault)] == [None] * len(functions(fault))


def test_few_cases_suffice() -> None:
    """The median of cases to the first kill."""
    kills = [first_kill(fault, spec) for fault in WRONG if fault.because is None for spec in functions(fault)]
    found = [kill for kill in kills if kill is not None]
    print(f"\n{len(found)} of {len(kills)} caught; cases to the first kill: median {median(found)}, most {max(found)}")
    assert median(found) <= MEDIAN_CASES


@pytest.mark.parametrize(("fault", "spec"), [pytest.param(f, s, id=f"{f.id}-{s}") for f in REWRITES for s in functions(f)])
def test_a_rewrite_of_a_formula_passes(fault: Fault, spec: str) -> None:
    """However it is written, what is right agrees everywhere."""
    assert first_kill(fault, spec) is None


@pytest.mark.parametrize("fault", [f for f in REWRITES if len(functions(f)) < len(f.specs)], ids=lambda fault: fault.id)
def test_a_rewrite_of_a_model_passes(fault: Fault) -> None:
    """It agrees with the first model that it touches in activations, losses, gradients and training."""
    model = next(spec for spec in fault.specs if catalogue()[spec].kind == "model")
    assert first_kill(fault, model) is None


def test_every_correct_version_of_the_audit_is_a_rewrite() -> None:
    """The catalogue holds, for every formula, a version that gives bit for bit what the audit's version gives."""
    rng = np.random.default_rng(0)
    inputs = {
        "kl_sparsity_loss": {"activations": rng.uniform(0.1, 0.9, (5, 3)), "target": 0.2, "weight": 0.7},
        "l1_activity_loss": {"activations": rng.normal(size=(5, 3)), "weight": 0.7},
        "vae_kl_loss": {"mean": rng.normal(size=(5, 3)), "log_var": rng.normal(size=(5, 3)), "reduction": "mean"},
        "reparameterize": {name: rng.normal(size=(5, 3)) for name in ("mean", "log_var", "noise")},
        "mean_squared_error": {"inputs": rng.normal(size=(5, 3)), "reconstructions": rng.normal(size=(5, 3)), "reduction": "mean"},
        "binary_cross_entropy": {"targets": rng.uniform(size=(5, 3)), "logits": rng.normal(size=(5, 3)), "reduction": "mean"},
    }
    for spec, versions in CORRECT.items():
        ours = [
            np.asarray(getattr(implementation((f,), spec), spec)(**inputs[spec])) for f in REWRITES if f.wrap and spec in f.specs
        ]
        for name, version in versions.items():
            theirs = np.asarray(version(*inputs[spec].values()))
            assert any(np.array_equal(theirs, one) for one in ours), f"{spec}: {name}"
