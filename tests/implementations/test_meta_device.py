"""PyTorch's meta device knows shapes and no numbers: everything can be asked there, and what is made elsewhere by mistake would raise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conformance.cases.case import Case, Recipe, draw, shortened
from conformance.cases.kinds.model_drawing import configured
from conformance.cases.profiles import ORDINARY
from conformance.judging.expectation import expect_structure
from conformance.judging.verify import judge
from conformance.respondent import frameworks
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from reference.specification import Spec, catalogue

torch = pytest.importorskip("torch")
import impl_torch  # noqa: E402

MODELS = [name for name, spec in catalogue().items() if spec.kind == "model"]
CELLS = [(name, {"cell": cell}) for name in ("CharClassifier", "HybridClassifier") for cell in ("rnn", "bidirectional", "cnn")]
CONFIGURATIONS = [*((name, {}) for name in MODELS), *CELLS]
NOISES = [
    ("VariationalAutoencoder", {}),
    *(("DenoisingAutoencoder", {"corruption": c}) for c in ("gaussian", "masking", "dropout")),
]
SUBJECT = LocalSubject.of(Target("impl_torch", "torch", "meta"))


def _problems(spec: Spec, case: Case) -> list[str]:
    prepared = [(case, expect_structure(spec, case))]
    verdicts = list(judge(SUBJECT, spec, prepared, 60.0, shrinking="none"))
    assert all(
        v.without_values == (spec.error_scale is not None or spec.kind == "model") for v in verdicts if v.outcome == "passed"
    )
    return [f"{verdict.quantity}: {verdict.reason}" for verdict in verdicts if verdict.outcome != "passed"]


@pytest.mark.slow
@pytest.mark.parametrize("spec", catalogue().values(), ids=lambda spec: spec.name)
def test_all_of_it_works_where_there_are_no_numbers(spec: Spec) -> None:
    """Value, gradient, activations and training: names, dtypes, shapes and the device of every result and parameter."""
    assert _problems(spec, shortened(draw(spec, "float32", Recipe(length=3, seed=1)))) == []


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_every_optimiser_works_there(optimizer: str) -> None:
    """What it holds has the shapes of the parameters, and nothing of it lies on the CPU."""
    spec = catalogue()["LinearAutoencoder"]
    case = shortened(draw(spec, "float32", Recipe(length=3, seed=1)))
    case = Case(
        spec.name, "float32", {**case.inputs, "training": {"optimizer": optimizer, "learning_rate": 0.125}}, flags=case.flags
    )
    assert _problems(spec, case) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), CELLS, ids=str)
def test_every_cell_works_there(name: str, options: dict[str, str]) -> None:
    """Recurrent states and padding are made where the input is."""
    spec = catalogue()[name]
    small = {**options, "units": 3, "vocabulary_size": 5}
    inputs = configured(spec, small, "float32", Recipe(ORDINARY, 3), np.random.default_rng(0), 1)
    assert _problems(spec, Case(name, "float32", inputs.named(), flags=(ORDINARY.name,))) == []


@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=str)
def test_shapes_are_known_without_numbers(name: str, options: dict[str, str]) -> None:
    """The forward pass of the model in its full size gives the shapes that it gives on the CPU."""
    ids, word = torch.zeros(2, 5, dtype=torch.long), torch.zeros(2, 1, dtype=torch.long)
    values = {"CharClassifier": (ids,), "HybridClassifier": (ids, word)}.get(name, (torch.zeros(2, 784),))

    def shapes(device: str) -> list[tuple[int, ...]]:
        with torch.device(device):
            model = getattr(impl_torch, name)(**options)
        answer = model(*(tensor.to(device) for tensor in values))
        return [tuple(item.shape) for item in (answer if isinstance(answer, tuple) else (answer,))]

    assert shapes("meta") == shapes("cpu")


@pytest.mark.parametrize(("name", "options"), NOISES, ids=str)
def test_noise_is_drawn_where_the_input_is(name: str, options: dict[str, str]) -> None:
    """A batch that brings none is trained with noise of its own."""
    model = getattr(impl_torch, name)(sizes=(6, 4), **options, device="meta")
    with frameworks.load("torch").placed("meta"):
        terms = model.train().loss_terms(torch.zeros(2, 6, device="meta"))
    assert all(term.is_meta for term in terms.values())


def test_losses_and_weights_without_numbers_are_nan(tmp_path: Path) -> None:
    """A dry run of training gives shapes: of losses, weights and what the optimiser holds. A file would be worthless, and is refused."""
    model = impl_torch.StackedAutoencoder((6, 4), device="meta")
    assert np.isnan(model.training_steps([{"inputs": torch.zeros(2, 6, device="meta")}] * 3)).tolist() == [True] * 3
    assert np.isnan(model.fit(torch.zeros(5, 6, device="meta"), epochs=2, batch_size=2, progress=False)).all()
    assert {name: value.shape for name, value in model.export_weights().items()} == {
        "encoder.0.weight": (6, 4), "encoder.0.bias": (4,), "decoder.0.weight": (4, 6), "decoder.0.bias": (6,),
    }  # fmt: skip
    assert all(np.isnan(value).all() for value in (*model.export_weights().values(), *model.optimizer_state.values()))
    with pytest.raises(ValueError, match=r"^model: expected parameters that hold numbers, got some on the meta device$"):
        model.save_weights(tmp_path / "weights.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_ids_and_labels_are_not_looked_at_without_numbers() -> None:
    """Whether they are in range nobody can know."""
    with torch.device("meta"):
        model = impl_torch.CharClassifier()
        terms = model.loss_terms(torch.zeros(2, 5, dtype=torch.long), torch.zeros(2, 1))
    assert {name: tuple(term.shape) for name, term in terms.items()} == {"cross_entropy": (), "total": ()}
