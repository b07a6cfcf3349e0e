"""The loop: a verdict for everything that was asked, the same one every time."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import REAL, Case, Recipe, cases, draw, recipes
from conformance.cases.kinds.function import FUNCTION
from conformance.cases.kinds.model import MODEL
from conformance.cases.profiles import PROFILES
from conformance.errors import UnusableTarget
from conformance.judging.plan import Plan, always_asked
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import ASKED_AGAIN, case_count, check, verify
from conformance.respondent.responses import Returned
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target
from reference.specification import Spec, catalogue
from tests.harness.submissions import RIGHT, WRONG, answering, write

KL = catalogue()["vae_kl_loss"]
# The reference is itself a target: NumPy in float64, exact.
REFERENCE = Target("reference", "numpy", dtype="float64")
# Every kind of specification, and of the models, which are slow, one.
SPECS = tuple(s for s in catalogue().values() if s.kind != "model" or s.name == "StackedAutoencoder")
NAMES = tuple(s.name for s in SPECS)


def _numpy(folder: Path, source: str, dtype: str = "float64", name: str = "submission.py", **rest: Any) -> Target:
    return Target(write(folder, source, name), "numpy", dtype=dtype, **rest)


def _verdicts(*targets: Target, specs: tuple[str, ...] = ("vae_kl_loss",), **plan: Any) -> list[Verdict]:
    options = {"examples": 16, "seconds": 5.0, **plan}
    return list(verify(Plan(tuple(catalogue()[name] for name in specs), targets, **options)))


def test_the_reference_conforms_to_itself() -> None:
    """A verdict a specification and quantity, all passed, and exactly: no error budget is used. It lacks gradients that are derived."""
    verdicts = _verdicts(REFERENCE, specs=NAMES, examples=8)
    assert [(v.spec, v.quantity) for v in verdicts] == [(s.name, q) for s in SPECS for q in s.quantities]
    lacking = {s.name for s in SPECS if s.kind == "function" and not hasattr(sys.modules[s.evaluate.__module__], f"{s.name}_vjp")}
    assert {(v.spec, v.quantity) for v in verdicts if v.outcome == "unsupported"} == {
        (s.name, "gradient") for s in SPECS if s.name in lacking and "gradient" in s.quantities
    }
    verdicts = [v for v in verdicts if v.outcome != "unsupported"]
    assert {v.outcome for v in verdicts} == {"passed"}
    assert {v.budget_used for v in verdicts} == {0.0}
    assert all(v.reason is None and v.counterexample is None and v.failures == 0 for v in verdicts)


def test_a_verdict_for_every_combination(tmp_path: Path) -> None:
    """Specifications × targets × quantities, in the order of the plan and each once."""
    targets = [_numpy(tmp_path, RIGHT, dtype) for dtype in ("float32", "float64")]
    verdicts = _verdicts(*targets, specs=("vae_kl_loss", "pad_sequences"))
    assert [(v.spec, v.target.dtype, v.quantity, v.outcome) for v in verdicts] == [
        ("vae_kl_loss", "float32", "value", "passed"), ("vae_kl_loss", "float32", "gradient", "passed"),
        ("vae_kl_loss", "float64", "value", "passed"), ("vae_kl_loss", "float64", "gradient", "passed"),
        ("pad_sequences", "float32", "value", "unsupported"), ("pad_sequences", "float64", "value", "unsupported"),
    ]  # fmt: skip


def test_right_and_wrong_side_by_side(tmp_path: Path) -> None:
    """One target's fault is not another's, and a wrong value is not a wrong gradient."""
    right, wrong = _numpy(tmp_path, RIGHT, name="right.py"), _numpy(tmp_path, WRONG, name="wrong.py")
    outcomes = {(v.target, v.quantity): v.outcome for v in _verdicts(wrong, right)}
    assert outcomes == {
        (wrong, "value"): "failed",
        (wrong, "gradient"): "passed",
        (right, "value"): "passed",
        (right, "gradient"): "passed",
    }


def test_a_failure_is_described(tmp_path: Path) -> None:
    """Counts, reason, worst element, a shrunken counterexample and the command."""
    verdict = _verdicts(_numpy(tmp_path, WRONG))[0]
    assert 0 < verdict.failures < verdict.cases
    assert verdict.budget_used is not None
    assert verdict.budget_used > 1
    assert "× the error budget" in (verdict.reason or "")
    assert verdict.counterexample is not None
    assert verdict.counterexample.inputs["mean"].shape == (1, 1)
    assert verdict.counterexample.id in (verdict.reproduce or "")


def test_the_counterexample_fails_again(tmp_path: Path) -> None:
    """What a verdict offers as counterexample is one."""
    subject = LocalSubject.of(_numpy(tmp_path, WRONG))
    verdict = _verdicts(subject.target)[0]
    assert verdict.counterexample is not None
    _, comparison = check(subject, KL, verdict.counterexample, 5.0)["value"]
    assert comparison is not None
    assert comparison.budget_used == verdict.budget_used


def test_a_seed_reproduces_every_figure(tmp_path: Path) -> None:
    """The same seed gives the same verdicts to the last digit; another seed draws other cases."""
    target = _numpy(tmp_path, RIGHT, "float32")
    first, again, other = ([v.budget_used for v in _verdicts(target, seed=seed)] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_order_of_targets_does_not_matter(tmp_path: Path) -> None:
    """A verdict is the same alone and in company, in front and behind."""
    right, wrong = _numpy(tmp_path, RIGHT, "float32", "right.py"), _numpy(tmp_path, WRONG, "float32", "wrong.py")
    alone = [v.budget_used for v in _verdicts(right)]
    assert [v.budget_used for v in _verdicts(wrong, right) if v.target == right] == alone
    assert [v.budget_used for v in _verdicts(right, wrong) if v.target == right] == alone


def test_absent_hardware_is_not_run() -> None:
    """A device that is not here gives "not run" with the reason, for every quantity, and no case is made."""
    verdicts = _verdicts(Target("reference", "numpy", device="cuda", dtype="float64"), specs=tuple(catalogue()))
    assert len(verdicts) == sum(len(s.quantities) for s in catalogue().values())
    assert {(v.outcome, v.cases, v.budget_used) for v in verdicts} == {("not run", 0, None)}
    assert all("cuda" in (v.reason or "") for v in verdicts)


@pytest.mark.parametrize(
    ("changed", "words"), [({"dtype": "bfloat16"}, "numpy has no bfloat16"), ({"mode": "compiled"}, "numpy has no compiled mode")]
)
def test_what_the_framework_lacks_is_unsupported(changed: dict[str, str], words: str, tmp_path: Path) -> None:
    """A dtype or mode that the framework does not know is said to be unsupported, not skipped and not failed."""
    verdicts = _verdicts(_numpy(tmp_path, RIGHT, **changed))
    assert [(v.outcome, v.reason, v.cases) for v in verdicts] == [("unsupported", words, 0)] * 2


def test_a_module_without_gradients(tmp_path: Path) -> None:
    """A NumPy module without a vjp has a value that is judged and a gradient that is unsupported."""
    value, gradient = _verdicts(_numpy(tmp_path, RIGHT.split("def vae_kl_loss_vjp")[0]))
    assert (value.outcome, gradient.outcome) == ("passed", "unsupported")
    assert "_vjp" in (gradient.reason or "")


def test_an_unusable_target_is_refused_before_the_first_verdict(tmp_path: Path) -> None:
    """Nothing is judged if something in the plan cannot be."""
    broken = _numpy(tmp_path, "raise ValueError('broken')", name="broken.py")
    with pytest.raises(UnusableTarget, match="broken"):
        next(verify(Plan((KL,), (REFERENCE, broken))))


@pytest.mark.parametrize("examples", [1, 2, 5, 24])
def test_the_number_of_cases(examples: int) -> None:
    """Examples, known answers and real data, then the first drawn ones again; a model gets a sixth; the progress bar knows before."""
    specs = SPECS if examples == 5 else tuple(s for s in SPECS if s.kind != "model")
    plan, told = Plan(specs, (REFERENCE,), examples=examples), []
    verdicts = list(verify(plan, lambda spec, target: told.append(spec.name)))
    for spec in specs:
        drawn = max(1, examples // MODEL.cost) if spec.kind == "model" else examples
        real = {"function": 0, "tokenizer": 1, "model": 3}[spec.kind]
        count = drawn + len(spec.known_answers) + real + min(ASKED_AGAIN, drawn)
        assert {v.cases for v in verdicts if v.spec == spec.name} == {count} == {told.count(spec.name)}
    assert len(told) == case_count(plan)


def test_what_cannot_run_is_not_counted() -> None:
    """Cases of absent devices, and of dtypes and modes that the framework lacks, are not in the progress bar."""
    targets = [
        Target("reference", "numpy", **changed) for changed in ({"device": "cuda"}, {"dtype": "bfloat16"}, {"mode": "compiled"})
    ]
    assert case_count(Plan((KL,), targets)) == 0


def test_compiled_targets_are_asked_less() -> None:
    """Compiling costs time, so a compiled target gets a few of the same cases, as many as the user asks for, never more than there are."""
    compiled, model = Target("impl_torch", "torch", mode="compiled"), next(s for s in SPECS if s.kind == "model")
    plan = Plan((KL, model), ())
    assert (plan.examples_for(KL, compiled), plan.examples_for(model, compiled)) == (8, 4)
    assert Plan((KL,), (), examples=3).examples_for(KL, compiled) == 3
    more = Plan((KL, model), (), examples=80, compiled_examples=20)
    assert (more.examples_for(KL, compiled), more.examples_for(model, compiled)) == (20, 13)


def test_compiled_models_are_asked_what_differs_in_shape() -> None:
    """Among the few are a batch of one and a single hidden unit; the same cases are asked of an eager target too."""
    compiled, model = Target("impl_torch", "torch", mode="compiled"), next(s for s in SPECS if s.kind == "model")
    plan = Plan((model,), ())
    prepared = [(case, None) for case in itertools.islice(cases(model, "float64", 0, 100), plan.needed(model, compiled))]
    asked = [case for case, _ in plan.asked(model, compiled, prepared)]
    assert [case.flags[0] for case in asked] == ["real", "real", "round", "single_sample", "single_unit", "edges"]
    assert {case.id for case in asked} <= {case.id for case, _ in plan.asked(model, REFERENCE, prepared)}


def test_an_answer_that_changes_when_asked_again(tmp_path: Path) -> None:
    """The first drawn cases come again at the end: whoever remembers them is caught, though every first answer was right."""
    body = "seen.append(mean.tobytes()); return right(mean, log_var, reduction) * (1 + (seen.count(mean.tobytes()) > 1))"
    value = _verdicts(_numpy(tmp_path, answering(body, "seen = []")))[0]
    assert (value.outcome, value.failures) == ("failed", ASKED_AGAIN)


def test_an_answer_by_chance(tmp_path: Path) -> None:
    """What does not fail again when it is asked alone is reported as what it is."""
    body = "calls.append(1); return right(mean, log_var, reduction) if len(calls) not in (5, 6) else 1 + 2 * right(mean, log_var, reduction)"
    value = _verdicts(_numpy(tmp_path, answering(body, "calls = []")))[0]
    assert (value.outcome, value.reason) == ("failed", "answers differently when it is asked again")


def test_who_never_answers_is_asked_once(tmp_path: Path) -> None:
    """After a timeout no further case is asked: it would cost as much."""
    verdicts = _verdicts(_numpy(tmp_path, answering("while True: pass")), seconds=0.2)
    assert [(v.outcome, v.cases, v.reason) for v in verdicts] == [("errored", 1, "did not return within 0.2 s")] * 2
    assert all(v.seconds < 1 for v in verdicts)


def test_one_slow_case_does_not_condemn_the_next() -> None:
    """The alarm is off and the old handler back after every case."""
    import signal

    before = signal.getsignal(signal.SIGALRM)
    for _ in range(2):
        responses = exercise(LocalSubject.of(REFERENCE), KL, draw(KL, "float64", Recipe()), 5.0)
        assert all(isinstance(r, Returned) for r in responses.values())
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_without_a_main_thread_there_is_no_limit(tmp_path: Path) -> None:
    """In another thread Python has no alarm; the answer comes all the same."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        responses = pool.submit(exercise, LocalSubject.of(REFERENCE), KL, draw(KL, "float64", Recipe()), 0.01).result()
    assert all(isinstance(r, Returned) for r in responses.values())


@pytest.mark.slow
def test_eager_and_compiled_modes_together() -> None:
    """Both are judged in one run, though more cases are drawn for the one than the other is asked, and of more profiles."""
    targets = tuple(Target("impl_torch", "torch", mode=mode) for mode in ("eager", "compiled"))
    verdicts = list(verify(Plan((KL,), targets, examples=20, seconds=20.0)))
    assert [v.outcome for v in verdicts] == ["passed"] * 4
    fixed = len(KL.known_answers)
    assert [v.cases for v in verdicts] == [fixed + 20 + ASKED_AGAIN] * 2 + [fixed + FUNCTION.compiled_examples + ASKED_AGAIN] * 2


@pytest.mark.parametrize("examples", [1, 4, 8, 20, 100])
@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_what_a_compiled_target_is_asked_depends_on_no_other_target(spec: Spec, examples: int) -> None:
    """Beside an eager target, for which more is drawn, it is asked the same cases as alone: it need not be compiled anew."""
    eager, compiled = (Target("impl_torch", "torch", mode=mode) for mode in ("eager", "compiled"))
    plan = Plan((spec,), (), examples=examples)
    drawn = [Case(spec.name, "float32", {}, flags=(recipe.profile.name,)) for recipe in recipes(0, plan.drawn(spec))]
    made = [(Case(spec.name, "float32", {}, flags=(REAL,)), -1)] * always_asked(spec) + list(
        zip(drawn, itertools.count(), strict=False)
    )
    together = plan.asked(spec, compiled, made[: max(plan.needed(spec, eager), plan.needed(spec, compiled))])
    assert together == plan.asked(spec, compiled, made[: plan.needed(spec, compiled)])
    assert len(together) == always_asked(spec) + plan.examples_for(spec, compiled)


def test_every_profile_has_its_place_among_compiled_cases() -> None:
    """However many a compiled target is asked: every profile has a rank, and no two share one."""
    assert sorted(profile.compiled_rank for profile in PROFILES) == list(range(len(PROFILES)))
    compiled, plan = Target("impl_torch", "torch", mode="compiled"), Plan((KL,), (), examples=100, compiled_examples=100)
    made = [(case, None) for case in cases(KL, "float32", 0, 100)]
    asked = [case for case, _ in plan.asked(KL, compiled, made)]
    assert [case.profile for case in asked if case.drawn][: len(PROFILES)] == sorted(PROFILES, key=lambda p: p.compiled_rank)
