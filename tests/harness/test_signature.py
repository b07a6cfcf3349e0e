"""A wrong name or signature is one sentence, the same in every command, and comes before any number."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import conforms
from conformance.judging.signature import absence, problem_of
from reference.specification import catalogue
from tests.harness.plain_models import seated
from tests.harness.running import conformance
from tests.harness.submissions import RIGHT

_HEAD = "signature: expected vae_kl_loss to take mean, log_var, reduction; got "
_MU = f"{_HEAD}mu, log_var, reduction; did you mean mean by mu?"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("parameters", "sentence"), [
    ("mu, log_var, reduction", "mu, log_var, reduction; did you mean mean by mu?"),
    ("mean, logvar, reduction='mean'", "mean, logvar, reduction; did you mean log_var by logvar?"),
    ("mean, reduction", "mean, reduction"), ("mean, log_var", None),
    ("mean, log_var, reducton='mean'", "mean, log_var, reducton; did you mean reduction by reducton?"),
    ("log_vars, mean, reduction", "log_vars, mean, reduction; did you mean log_var by log_vars?"),
    ("mean, log_var, reduction, beta", "mean, log_var, reduction, beta"),
    ("mean, log_var, reduction, /", "mean, log_var, reduction; mean, log_var, reduction cannot be given by name"),
    ("mean, log_var, reduction, beta=1", None), ("*a, **k", None),
])  # fmt: skip
def test_what_is_said_of_a_signature(parameters: str, sentence: str | None) -> None:
    """What was expected and what is there, and by a like name or the same place what was meant."""
    subject = seated("numpy", f"def vae_kl_loss({parameters}): ...", "float64")
    assert problem_of(catalogue()["vae_kl_loss"], subject) == (None if sentence is None else _HEAD + sentence)


_CLASS = "signature: expected LinearAutoencoder to take features, codings; got "


@pytest.mark.parametrize(("parameters", "sentence"), [
    ("features, codings", None), ("features=784, codings=30, seed=0", None), ("features", None), ("dtype=None, name=None", None),
    ("**options", None), ("features, codings, dropout=0.1", None), ("width, codings", "width, codings; did you mean features by width?"),
    ("features, codings, depth", "features, codings, depth"),
    ("features, coding, seed=0", "features, coding, seed; did you mean codings by coding?"),
])  # fmt: skip
def test_what_is_said_of_a_constructor(parameters: str, sentence: str | None) -> None:
    """A class is built of its configuration by name; how it is made, by a seed or a dtype, is its own affair."""
    subject = seated("numpy", f"class LinearAutoencoder:\n    def __init__(self, {parameters}): ...", "float64")
    assert problem_of(catalogue()["LinearAutoencoder"], subject) == (None if sentence is None else _CLASS + sentence)


@pytest.mark.parametrize(("source", "near"), [
    ("def vae_kl_los(): ...", "vae_kl_los"), ("def VAE_KL_loss(): ...", "VAE_KL_loss"), ("vae_kl_los = 3", None), ("def f(): ...", None),
    ("def vae_kl_loss_vjp(): ...", None),
])  # fmt: skip
def test_what_may_be_meant_by_another_name_is_said(source: str, near: str | None) -> None:
    """Nearly the same name, of something that can be called."""
    subject, spec = seated("numpy", source, "float64"), catalogue()["vae_kl_loss"]
    hint = f"; did you mean vae_kl_loss by {near}?" if near else ""
    assert problem_of(spec, subject) == f"names: expected vae_kl_loss, found none{hint}"
    assert absence(spec, subject) == f"{subject.target.name} has none{hint}"


def test_every_command_says_the_same_sentence(tmp_path: Path) -> None:
    """No mistake is named, nothing is counted, and no command runs a case."""
    source = RIGHT.replace("def vae_kl_loss(mean,", "def vae_kl_loss(mu,").replace("def vae_kl_loss_vjp", "def other")
    (tmp_path / "mine.py").write_text(source)
    verified = conformance("verify", "--target", "mine.py", "--spec", "vae_kl_loss")
    checked = conformance("check", "mine.py", "--isolation", "process")
    names: dict[str, object] = {}
    exec(source, names)
    with pytest.raises(AssertionError) as refusal:
        conforms("vae_kl_loss", names["vae_kl_loss"], framework="numpy")  # type: ignore[arg-type]
    for sentence in (" ".join(verified.stdout.split()), " ".join(checked.stdout.split()), str(refusal.value)):
        assert _MU in sentence
        assert "always_raises" not in sentence
        assert "gave no answer" not in sentence
    assert (verified.exit_code, checked.exit_code) == (1, 1)
