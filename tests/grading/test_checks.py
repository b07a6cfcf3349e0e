"""What each part of a submission is given: in order, one mistake paid for once, and never without a reason."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.faults.catalogue import entries
from conformance.faults.changed.reference import implementation
from conformance.grading.grade_file import Check
from conformance.respondent.responses import Crashed, OverLimit, ProtocolError, Raised, Response, TimedOut
from reference.specification import catalogue
from tests.grading.in_process_workers import RIGHT, asked, assignment, in_process_subject

pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # in the submissions
VAE = assignment(
    "[specs.vae_kl_loss]\npoints = { edges = 1, gradient = 1, value = 2 }\nvariants = { mean_latent = 0.5, naive_cancellation = 1.0 }"
)
MODEL = assignment("[specs.StackedAutoencoder]\npoints = { training = 4, gradient = 2, value = 1, activations = 1 }")
_MEAN = (".sum(axis=1)", ".mean(axis=1)")


def _changed(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new, 1)


def _summary(checks: dict[str, Check]) -> dict[str, tuple[str, float | None]]:
    return {part: (check.outcome, check.points) for part, check in checks.items()}


def _message(source: str | dict[str, Any]) -> str:
    """What is said of the first part; the others have to be skipped for the same reason."""
    first, *rest = asked(VAE, source).values()
    assert (first.outcome, first.points) == ("failed", 0)
    assert {(check.outcome, check.points, check.message) for check in rest} == {("skipped", 0, f"not checked: {first.message}")}
    return first.message


def test_what_is_right_has_every_point() -> None:
    """Parts come in the order in which they depend on each other, whatever the order in the file."""
    checks = asked(VAE, RIGHT)
    assert list(checks) == ["value", "gradient", "edges"]
    assert _summary(checks) == {"value": ("passed", 2), "gradient": ("passed", 1), "edges": ("passed", 1)}
    assert [check.message for check in checks.values()] == ["", "", ""]


def test_what_depends_on_a_wrong_value_is_skipped() -> None:
    """And says why; the mistake is named once."""
    checks = asked(VAE, _changed("0.5 * (mean", "(mean"))
    assert _summary(checks) == {"value": ("failed", 0), "gradient": ("skipped", 0), "edges": ("skipped", 0)}
    assert checks["gradient"].message == checks["edges"].message == "not checked, because value is not right"
    assert [match.ids for match in checks["value"].matches] == [("half_missing",)]
    assert checks["value"].counterexample is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [("weight * mean", "2 * weight * mean"), ('return {"mean": weight', '{"mean": weight'), ('{"mean": weight * mean, ', "{")],
)
def test_a_wrong_gradient_costs_its_own_points_alone(old: str, new: str) -> None:
    """Delicate inputs ask for gradients only where those are right elsewhere."""
    checks = asked(VAE, _changed(old, new))
    assert _summary(checks) == {"value": ("passed", 2), "gradient": ("failed", 0), "edges": ("passed", 1)}
    assert checks["gradient"].message


def test_a_gradient_that_is_not_asked_for_costs_nothing() -> None:
    """NumPy submissions need not have one."""
    given = assignment("[specs.vae_kl_loss]\npoints = { value = 2, edges = 1 }")
    assert _summary(asked(given, _changed("def vae_kl_loss_vjp", "def other"))) == {"value": ("passed", 2), "edges": ("passed", 1)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("each = 0.5", "assert abs(mean).max() < 20\n    each = 0.5"),
        ("np.expm1(log_var) - log_var", "np.expm1(np.minimum(log_var, 6)) - log_var"),
        ("{\"mean\": weight * mean,", '{"mean": weight * mean * (abs(mean) < 20),'),
    ],
)  # fmt: skip
def test_what_fails_on_delicate_inputs_alone_costs_the_edges_alone(old: str, new: str) -> None:
    """Large means, a large variance, a gradient at either."""
    checks = asked(VAE, _changed(old, new))
    assert {part: check.outcome != "passed" for part, check in checks.items()} == {"value": False, "gradient": False, "edges": True}


def test_a_part_alone_is_judged_as_if_all_were_asked() -> None:
    """Whoever asks for delicate inputs only still sees that the usual ones are wrong."""
    given = assignment("[specs.vae_kl_loss]\npoints = { edges = 1 }")
    assert _summary(asked(given, RIGHT)) == {"edges": ("passed", 1)}
    wrong = asked(given, _changed("0.5 * (mean", "(mean"))["edges"]
    assert (wrong.outcome, wrong.points, [match.ids for match in wrong.matches]) == ("failed", 0, [("half_missing",)])


def test_an_accepted_variant_leaves_its_share_of_all_that_follows() -> None:
    """Half of the value, and of what cannot be asked because of it."""
    checks = asked(VAE, _changed(*_MEAN))
    assert _summary(checks) == {"value": ("failed", 1), "gradient": ("skipped", 0.5), "edges": ("skipped", 0.5)}
    assert checks["gradient"].message == "not checked: value is an accepted variant"


def test_a_variant_that_is_not_accepted_leaves_nothing() -> None:
    """Though it is named."""
    given = assignment("[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1 }\nvariants = { sum_sum = 0.5 }")
    checks = asked(given, _changed(*_MEAN))
    assert _summary(checks) == {"value": ("failed", 0), "gradient": ("skipped", 0)}
    assert ("mean_latent",) in [match.ids for match in checks["value"].matches]


def test_a_variant_for_the_whole_share_is_passed() -> None:
    """And what depends on it is asked like any other."""
    given = assignment("[specs.vae_kl_loss]\npoints = { value = 2, edges = 1 }\nvariants = { mean_latent = 1.0 }")
    checks = asked(given, _changed(*_MEAN))
    assert _summary(checks)["value"] == ("passed", 2)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", "names: expected vae_kl_loss, found none"),
        ("vae_kl_loss = 3", "names: expected vae_kl_loss to be a function or class, got a value"),
        ("def vae_kl_loss(mean): ...", "signature: expected vae_kl_loss to take mean, log_var, reduction; got mean"),
        ("def vae_kl_loss(): ...", "signature: expected vae_kl_loss to take mean, log_var, reduction; got none"),
        (
            "def vae_kl_loss(mean, log_var, reduction, beta): ...",
            "signature: expected vae_kl_loss to take mean, log_var, reduction; got mean, log_var, reduction, beta",
        ),
        ("def build_vae_kl_loss(mean, log_var): ...", "names: expected vae_kl_loss, found none"),
    ],
)
def test_names_and_signatures_are_looked_at_first(source: str, expected: str) -> None:
    """Nothing is called that cannot be right."""
    assert _message(source) == expected


@pytest.mark.parametrize("parameters", ["mean, log_var, **rest", "mean, log_var, reduction='mean', beta=1", "**everything"])
def test_a_signature_that_takes_what_is_asked_is_called(parameters: str) -> None:
    """Options of its own are no mistake."""
    source = (
        f"{RIGHT}\n_right = vae_kl_loss\ndef vae_kl_loss({parameters}):\n    return _right(**{{k: v for k, v in locals().items()"
    )
    flat = " if k in ('mean', 'log_var', 'reduction')}, **locals().get('rest', {}), **locals().get('everything', {}))"
    assert _summary(asked(VAE, source + flat))["value"] == ("passed", 2)


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (Raised("ValueError", "no"), "crashed"),
        (Crashed("SIGSEGV"), "crashed"),
        (TimedOut(1.0), "timed-out"),
        (OverLimit("2 s in all"), "over-limit"),
        (ProtocolError("no description"), "protocol-error"),
    ],
)
def test_an_import_that_fails_says_how(response: Response, outcome: str) -> None:
    """Of every specification, once; nothing else is asked."""
    checks = asked(VAE, in_process_subject({}, response=response))  # type: ignore[arg-type]
    assert [check.outcome for check in checks.values()] == [outcome, "skipped", "skipped"]
    assert checks["value"].message == f"import: {response.sentence}"
    assert sum(check.points or 0.0 for check in checks.values()) == 0


def test_an_exception_is_a_crash_and_a_list_is_a_failure() -> None:
    """What raised says what and where; what is no array says what came."""
    crashed = asked(VAE, "def vae_kl_loss(mean, log_var, reduction='mean'):\n    return 1 / 0")["value"]
    assert (crashed.outcome, crashed.points) == ("crashed", 0)
    assert "ZeroDivisionError" in crashed.message
    listed = asked(VAE, "def vae_kl_loss(mean, log_var, reduction='mean'):\n    return [1.0]")["value"]
    assert (listed.outcome, listed.message) == ("failed", "returned list, expected a NumPy array or scalar")


@pytest.mark.parametrize("id", ["input_changed", "remembers_calls", "depends_on_chance"])
def test_state_chance_and_side_effects_cost_the_value(id: str) -> None:
    """However right the numbers may be."""
    module = implementation.__wrapped__((entries()[id],), "vae_kl_loss")
    assert _summary(asked(VAE, dict(vars(module))))["value"] == ("failed", 0)


def test_the_cases_follow_from_the_submission() -> None:
    """Two submissions see different numbers but for the published ones, and one sees the same again: so memorised answers fail."""
    own: dict[str, Any] = {}
    exec(RIGHT, own)

    def seen(hash: str) -> list[tuple[float, float]]:
        numbers: list[tuple[float, float]] = []

        def vae_kl_loss(mean: Any, log_var: Any, reduction: str = "mean") -> Any:
            numbers.append((float(mean.sum()), float(log_var.sum())))
            return own["vae_kl_loss"](mean, log_var, reduction)

        asked(VAE, {**own, "vae_kl_loss": vae_kl_loss}, hash)
        return numbers

    first, second = seen("a" * 64), seen("b" * 64)
    assert seen("a" * 64) == first
    answers = [answer.inputs for answer in catalogue()["vae_kl_loss"].known_answers]
    assert set(first) & set(second) == {(float(given["mean"].sum()), float(given["log_var"].sum())) for given in answers}
    assert len(set(first) - set(second)) == 8


def _model(*ids: str, name: str = "StackedAutoencoder") -> dict[str, Any]:
    offered = vars(implementation.__wrapped__(tuple(entries()[id] for id in ids), "StackedAutoencoder"))
    return {name: offered["StackedAutoencoder"]}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["StackedAutoencoder", "build_stacked_autoencoder"])
def test_a_model_or_its_builder_has_every_point(name: str) -> None:
    """Either name will do."""
    checks = asked(MODEL, _model(name=name))
    assert list(checks) == ["activations", "value", "gradient", "training"]
    assert all(check.outcome == "passed" and check.points == check.max_points for check in checks.values()), checks


@pytest.mark.slow
def test_of_a_model_what_follows_from_a_wrong_part_is_skipped() -> None:
    """A wrong loss leaves the activations right, and its gradient unasked."""
    checks = asked(MODEL, _model("root_of_the_loss"))
    assert _summary(checks)["activations"] == ("passed", 1)
    assert [check.outcome for check in checks.values()] == ["passed", "failed", "skipped", "skipped"]
    assert checks["training"].message == "not checked, because gradient is not right"


def test_a_missing_model_is_missed_by_both_names() -> None:
    """The message says what would do."""
    first = asked(MODEL, RIGHT)["activations"]
    assert first.message == "names: expected StackedAutoencoder or build_stacked_autoencoder, found none"
