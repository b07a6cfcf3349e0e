"""A meaning that is right elsewhere passes where it is accepted, with a remark that names it; whatever else is wrong does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conformance import conforms
from conformance.errors import UnknownChoice
from tests.harness.running import conformance, refused

MEAN = """
import numpy as np

def vae_kl_loss(mean, log_var, reduction="mean"):
    each = 0.5 * ({literal}).mean(axis=1)
    return each if reduction == "none" else getattr(each, reduction)()

def vae_kl_loss_vjp(cotangent, mean, log_var, reduction="mean"):
    weight = np.reshape(cotangent, (-1, 1)) / (len(mean) if reduction == "mean" else 1) / {width}
    return {{"mean": weight * mean, "log_var": weight * np.expm1(log_var) / 2}}
"""
STABLE, LITERAL = "mean * mean + (np.expm1(log_var) - log_var)", "mean**2 + np.exp(log_var) - 1 - log_var"
pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # in what is judged


def _functions(literal: str = STABLE, width: str = "mean.shape[1]") -> tuple:
    names: dict = {}
    exec(MEAN.format(literal=literal, width=width), names)
    return names["vae_kl_loss"], names["vae_kl_loss_vjp"]


def _judged(literal: str = STABLE, width: str = "mean.shape[1]", **options) -> list:
    function, vjp = _functions(literal, width)
    return list(conforms("vae_kl_loss", function, vjp=vjp, framework="numpy", dtype="float64", examples=24, **options))


@pytest.mark.parametrize("form", [STABLE, LITERAL])
def test_an_accepted_variant_passes_with_a_remark(form: str) -> None:
    """In whatever form the formula may be written; the value and the gradient that follows from it."""
    with pytest.raises(AssertionError, match="mean_latent"):
        _judged(form)
    verdicts = _judged(form, accept=("mean_latent",))
    assert [(v.quantity, v.outcome, v.budget_used) for v in verdicts] == [("value", "passed", None), ("gradient", "passed", None)]
    sentences = [remark.sentence for v in verdicts for remark in v.remarks]
    assert all("the accepted variant mean_latent" in s and "averaged over the latent dimensions" in s for s in sentences)
    assert len(sentences) == 2


def test_the_gradient_has_to_be_that_of_the_variant() -> None:
    """Or of the formula itself, which is what is asked for; half of it is neither."""
    assert len(_judged(width="1", accept=("mean_latent",))) == 2
    with pytest.raises(AssertionError, match="gradient"):
        _judged(width="(2 * mean.shape[1])", accept=("mean_latent",))


def test_another_variant_is_not_accepted() -> None:
    """Nor a mistake beside the variant, nor a value that is not given."""
    with pytest.raises(AssertionError, match="mean_latent"):
        _judged(accept=("sum_sum",))
    with pytest.raises(AssertionError):
        _judged(f"2 * ({STABLE})", accept=("mean_latent",))

    def raising(mean, log_var, reduction="mean"):
        if len(mean) == 1:
            raise RuntimeError("no batch of one")
        return _functions()[0](mean, log_var, reduction)

    with pytest.raises(AssertionError):
        conforms("vae_kl_loss", raising, framework="numpy", dtype="float64", examples=24, accept=("mean_latent",))


def test_what_is_right_passes_without_a_remark() -> None:
    """What is accepted is not asked for."""
    form = STABLE.join(("mean.shape[1] * (", ")"))
    assert [verdict.remarks for verdict in _judged(form, "1", accept=("mean_latent",))] == [(), ()]


def test_an_unknown_variant_is_one_line() -> None:
    """With what may be meant; the same in every command and in `conforms`."""
    expected = "accept: expected one of .*mean_latent.*; got 'mean_latend'; did you mean 'mean_latent'"
    with pytest.raises(UnknownChoice, match=expected):
        conforms("vae_kl_loss", np.mean, accept=("mean_latend",))
    with pytest.raises(UnknownChoice, match=r"accept: expected one of .*; got 'sum_sum'"):
        conforms("reparameterize", np.mean, accept=("sum_sum",))
    line = refused("verify", "--spec", "vae_kl_loss", "--accept", "mean_latend")
    assert line.endswith("did you mean 'mean_latent'?")
    assert refused("check", "x.py", "--accept", "mean_latend").endswith("did you mean 'mean_latent'?")


def test_an_unknown_option_is_one_line() -> None:
    """Name or value; the same in every command and in `conforms`."""
    for command in (("verify", "--spec", "vae_kl_loss"), ("check", "x.py")):
        assert refused(*command, "--option", "reductoin=mean").endswith("got 'reductoin=mean'; did you mean 'reduction'?")
        assert refused(*command, "--option", "reduction=meen").endswith("got 'reduction=meen'; did you mean 'mean'?")
    with pytest.raises(UnknownChoice, match=r"options: expected an option .*did you mean 'reduction'"):
        conforms("vae_kl_loss", np.mean, options={"reductoin": ["mean"]})


@pytest.mark.slow
def test_the_commands_accept_it_too(tmp_path: Path) -> None:
    """`verify` and `check`: exit code 0, and the variant named."""
    file = tmp_path / "lecture.py"
    file.write_text(MEAN.format(literal=LITERAL, width="mean.shape[1]"))
    verify = ("verify", "--target", str(file), "--spec", "vae_kl_loss", "--dtype", "float64", "--device", "cpu", "--examples", "24")
    check = ("check", str(file), "--isolation", "process")
    for words in (verify, check):
        assert conformance(*words).exit_code == 1
        accepted = conformance(*words, "--accept", "mean_latent", "--option", "reduction=mean")
        assert (accepted.exit_code, "mean_latent" in accepted.stdout) == (0, True), accepted.stdout


def test_the_call_that_shows_it_again_asks_the_same() -> None:
    """Options and variants stand in it."""
    with pytest.raises(AssertionError) as failure:
        _judged(f"2 * ({STABLE})", accept=("mean_latent",), options={"reduction": ["mean"]})
    assert "options={'reduction': ['mean']}, accept=['mean_latent'])" in str(failure.value)


@pytest.mark.slow
def test_a_variant_inside_a_whole_model() -> None:
    """The value and every gradient are the variant's; what training makes of it is not compared, and that is said."""
    pytest.importorskip("torch")
    from tests.right_forms.torch_models import Variational

    class Averaging(Variational):
        def divergence(self, mu, logvar):
            return -0.5 * (1 + logvar - mu**2 - logvar.exp()).mean()

    def judged(**options) -> list:
        return list(conforms("VariationalAutoencoder", Averaging, framework="torch", dtype="float64", examples=8, **options))

    with pytest.raises(AssertionError, match="mean_latent"):
        judged()
    sentences = {v.quantity: [remark.sentence for remark in v.remarks] for v in judged(accept=("mean_latent",))}
    assert sentences.pop("activations") == []
    assert all("mean_latent" in sentence for (sentence,) in sentences.values())
    assert ["answers compared" in sentence for (sentence,) in sentences.values()] == [False, False, True]
