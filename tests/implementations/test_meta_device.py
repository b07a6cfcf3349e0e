"""PyTorch's meta device knows shapes and no numbers: every model can be built on it and asked for shapes."""

from __future__ import annotations

import pytest

from reference.specification import catalogue

torch = pytest.importorskip("torch")
import impl_torch  # noqa: E402

MODELS = [name for name, spec in catalogue().items() if spec.kind == "model"]
CONFIGURATIONS = [(name, {}) for name in MODELS] + [
    (name, {"cell": cell}) for name in ("CharClassifier", "HybridClassifier") for cell in ("rnn", "bidirectional", "cnn")
]


@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=str)
def test_shapes_are_known_without_numbers(name: str, options: dict[str, str]) -> None:
    """The forward pass, and the loss, give the shapes that they give on the CPU."""
    ids, word = torch.zeros(2, 5, dtype=torch.long), torch.zeros(2, 1, dtype=torch.long)
    values = {"CharClassifier": (ids,), "HybridClassifier": (ids, word)}.get(name, (torch.zeros(2, 784),))

    def shapes(device: str) -> list[tuple[int, ...]]:
        with torch.device(device):
            model = getattr(impl_torch, name)(**options)
        answer = model(*(tensor.to(device) for tensor in values))
        return [tuple(item.shape) for item in (answer if isinstance(answer, tuple) else (answer,))]

    assert shapes("meta") == shapes("cpu")


def test_a_loss_has_a_shape_without_numbers() -> None:
    """Labels, too, are not looked at where there are none."""
    with torch.device("meta"):
        model = impl_torch.CharClassifier()
        terms = model.loss_terms(torch.zeros(2, 5, dtype=torch.long), torch.zeros(2, 1))
    assert {name: tuple(term.shape) for name, term in terms.items()} == {"cross_entropy": (), "total": ()}
