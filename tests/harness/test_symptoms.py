"""Each thing that the harness can notice is noticed of a miniature liar, and the entries of the catalogue name what is noticed of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

import pytest

from conformance.cases.case import cases
from conformance.faults.catalogue import entries
from conformance.judging.expectation import expect
from conformance.judging.verify import judge
from conformance.respondent.symptoms import Symptom
from conformance.targets.subject import LocalSubject
from reference.specification import catalogue
from tests.harness.plain_models import seated, some_cases
from tests.harness.submissions import answering

RIGHT = "return right(mean, log_var, reduction)"
_VJP = "\ndef vae_kl_loss_vjp(cotangent, **inputs): return {}\n"
_LINEAR = "from torch import nn\ndef build_linear_autoencoder(features, codings):\n    return "


@dataclass(frozen=True)
class Liar:
    """Source of a module that offers a specification, in a framework, and says that it stands on a device."""

    source: str
    spec: str = "vae_kl_loss"
    framework: str = "numpy"
    device: str = "cpu"


def _tokenizer(vocabulary: str) -> Liar:
    source = f"class CharTokenizer:\n    def fit(self, texts): pass\n    vocabulary = {vocabulary}\n"
    return Liar(f"{source}    def __init__(self, lower=True, oov_token=None, num_chars=None): pass\n", "CharTokenizer")


def _linear(returned: str) -> Liar:
    return Liar(_LINEAR + returned, "LinearAutoencoder", "torch")


LIARS: Mapping[Symptom, Liar] = {
    Symptom.RAISED: Liar(answering("raise ValueError('no')")),
    Symptom.NOT_WRITTEN: Liar(answering("raise NotImplementedError")),
    Symptom.UNSUPPORTED: Liar("x = 1"),
    Symptom.TIMED_OUT: Liar(answering("while True: pass")),
    Symptom.NOT_CALLABLE: Liar("vae_kl_loss = 3.0"),
    Symptom.WRONG_SIGNATURE: Liar("def vae_kl_loss(mu, log_var, reduction='mean'): pass"),
    Symptom.RETURNED_NONE: Liar(answering("pass")),
    Symptom.RETURNED_FLOAT: Liar(answering("return 1.0")),
    Symptom.RETURNED_TUPLE: Liar(answering("return 1.0,")),
    Symptom.RETURNED_LIST: Liar(answering("return [1.0]")),
    Symptom.RETURNED_TRUTH: Liar(answering("return mean > 0")),
    Symptom.WRONG_TYPE: Liar(answering("return {1.0}")),
    Symptom.NO_NUMBERS: Liar(answering("return mean.astype(str)")),
    Symptom.CHANGED_INPUT: Liar(answering(f"mean += 1; {RIGHT}")),
    Symptom.NO_GRADIENT: Liar(answering(RIGHT) + _VJP),
    Symptom.ALL_FROZEN: _linear("nn.Sequential(nn.Linear(features, codings), nn.Linear(codings, features)).requires_grad_(False)"),
    Symptom.LACKS_ARGUMENT: Liar("def build_linear_autoencoder(features): pass", "LinearAutoencoder", "torch"),
    Symptom.WEIGHTS_DO_NOT_FIT: _linear("nn.Linear(features, codings)"),
    Symptom.WRONG_NAMES: _tokenizer("{}"),
    Symptom.WRONG_DTYPE: Liar(answering("return right(mean, log_var, reduction).astype(np.float32)")),
    Symptom.WRONG_SHAPE: Liar(answering("return right(mean, log_var, reduction)[..., None]")),
    Symptom.WRONG_DEVICE: Liar(answering(RIGHT), device="cuda"),
    Symptom.NOT_A_NUMBER: Liar(answering("return right(mean, log_var, reduction) * np.nan")),
    Symptom.WRONG_VALUE: Liar(answering("return right(mean, log_var, reduction) * 2")),
    Symptom.ANSWERS_DIFFERENTLY: Liar(
        answering("calls.append(1); return right(mean, log_var, reduction) + (len(calls) <= 2)", "calls = []")
    ),
}
# What no module can do in this process without ending or leaving it: tests/grading/test_workers.py.
ONLY_IN_A_WORKER = {Symptom.CRASHED, Symptom.OVER_LIMIT, Symptom.BROKEN_PROTOCOL}

# The mistakes that leave no numbers to compare, by what is noticed of them.
NAMED = {
    Symptom.RAISED: {"always_raises", "fails_single_sample", "fails_single_unit", "square_only"},
    Symptom.CHANGED_INPUT: {"input_changed", "sequences_changed", "texts_sorted"},
    Symptom.ANSWERS_DIFFERENTLY: {"remembers_calls", "depends_on_chance", "noise_drawn_inside", "mc_kl"},
    Symptom.NO_GRADIENT: {"no_gradient"},
    Symptom.RETURNED_FLOAT: {"python_float"},
    Symptom.RETURNED_NONE: {"returns_none"},
    Symptom.RETURNED_TUPLE: {"returns_tuple"},
    Symptom.RETURNED_LIST: {"returns_list"},
    Symptom.RETURNED_TRUTH: {"returns_truth"},
}


def _subject(liar: Liar) -> LocalSubject:
    subject = seated(liar.framework, liar.source, "float32" if liar.framework == "torch" else "float64")
    return replace(subject, target=replace(subject.target, device=liar.device))


def test_there_is_a_liar_for_everything_that_can_be_noticed() -> None:
    assert set(LIARS) | ONLY_IN_A_WORKER == set(Symptom)


@pytest.mark.parametrize("symptom", LIARS, ids=str)
def test_what_a_liar_does_is_noticed(symptom: Symptom) -> None:
    """It stands on a verdict, beside the sentence."""
    liar, spec = LIARS[symptom], catalogue()[LIARS[symptom].spec]
    subject = _subject(liar)
    chosen = some_cases(subject, spec, 2) if spec.kind == "model" else list(islice(cases(spec, subject.target.dtype, 0, 4), 4))
    verdicts = list(judge(subject, spec, [(case, expect(spec, case)) for case in chosen], 0.5))
    assert symptom in {verdict.symptom for verdict in verdicts}
    assert all((verdict.symptom is None) == (verdict.outcome == "passed") for verdict in verdicts)


def test_entries_name_what_is_noticed_of_them() -> None:
    """Each names a symptom that there is; these and no others."""
    named: dict[Symptom, set[str]] = {}
    for entry in entries().values():
        if entry.symptom is not None:
            named.setdefault(Symptom(entry.symptom), set()).add(entry.id)
    assert named == NAMED


def test_what_is_not_written_yet_has_raised() -> None:
    """And nothing else is anything but itself."""
    kinds = {(symptom, named) for symptom in Symptom for named in Symptom if symptom.is_a(named)}
    assert kinds == {(symptom, symptom) for symptom in Symptom} | {(Symptom.NOT_WRITTEN, Symptom.RAISED)}
    assert not any(symptom.is_a(None) for symptom in Symptom)
