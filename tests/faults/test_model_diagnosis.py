"""A model's failure is traced to the mistake that was made, alone or beside another one."""

from __future__ import annotations

import pytest

from conformance.compare import compare
from conformance.faults.catalogue import entries
from conformance.faults.diagnosis import diagnose
from conformance.responses import Raised, Response, Returned
from conformance.targets import Target
from conformance.verdicts import Evidence
from reference.specification import Quantity, catalogue
from tests.faults.kills import DTYPE, answers, asked, expected

TARGET = Target("changed.py", "numpy", dtype=DTYPE)


def _evidence(ids: tuple[str, ...], spec: str, quantity: Quantity) -> list[Evidence]:
    """What a model with these mistakes answers to the default cases."""
    faults, found = tuple(entries()[id] for id in ids), []
    for index, case in enumerate(asked(spec)):
        given, right = answers(faults, spec, index, quantity), expected(spec, index)[quantity]
        broken = isinstance(given, Exception)
        response: Response = Raised(type(given).__name__, str(given)) if isinstance(given, Exception) else Returned(given)
        found.append(Evidence(case, right, response, not broken and compare(right, given, "host").agrees))
    return found


@pytest.mark.parametrize(
    ("spec", "quantity", "id", "place"),
    [
        ("StackedAutoencoder", "activations", "dense_bias_twice", "encoder.0"),
        ("StackedAutoencoder", "value", "loss_summed", "reconstruction"),
        ("StackedAutoencoder", "gradient", "tied_decoder_detached", "encoder.0.weight"),
        ("StackedAutoencoder", "training", "greedy_not_kept", "greedy/encoder.0.weight"),
        ("PretrainedClassifier", "training", "adam_epsilon_inside", "losses"),
        ("CharClassifier", "activations", "lstm_candidate_linear", "states"),
        ("VariationalAutoencoder", "value", "geron_784", "reconstruction"),
    ],
)
def test_the_mistake_is_named_and_so_is_its_place(spec: str, quantity: Quantity, id: str, place: str) -> None:
    """The only match is the mistake that was made, and the sentence begins with the first result that differs."""
    found = diagnose(catalogue()[spec], TARGET, quantity, _evidence((id,), spec, quantity))
    assert found is not None
    assert [match.ids for match in found.matches] == [(id,)]
    assert found.sentence.startswith(f"the first result that differs is `{place}`; matches the known ")


@pytest.mark.parametrize(
    ("spec", "quantity", "ids"),
    [
        ("VariationalAutoencoder", "activations", ("decoder_hidden_linear", "vae_noise_left_out")),
        ("PretrainedClassifier", "training", ("adam_epsilon_inside", "momentum_sign")),
    ],
)
def test_two_mistakes_are_both_named(spec: str, quantity: Quantity, ids: tuple[str, ...]) -> None:
    """A pair of mistakes, one behind the other or each in other cases, is found."""
    found = diagnose(catalogue()[spec], TARGET, quantity, _evidence(ids, spec, quantity))
    assert found is not None
    assert set(ids) in [set(match.ids) for match in found.matches]


def test_what_is_right_has_no_diagnosis() -> None:
    """Where no answer is wrong nothing is said."""
    assert diagnose(catalogue()["StackedAutoencoder"], TARGET, "value", _evidence((), "StackedAutoencoder", "value")) is None
