"""A method of a framework's class is none of the contract's, though it is called so; and what a class lacks is counted."""

from __future__ import annotations

from typing import Any

import numpy as np

import reference
from conformance.judging.plain_model_allowances import asked_of, methods_left_out
from conformance.respondent.class_results import method_results, reloaded, training_results
from tests.lazily import needs


@needs("keras")
def test_an_inherited_method_is_not_asked() -> None:
    """Keras' predict takes no `inputs`, and its files have another name."""
    import keras

    class Subclass(keras.Model):
        """It inherits predict, save_weights and load_weights."""

    class Predicting(Subclass):
        """It has one of its own."""

        def predict(self, inputs: Any) -> Any:
            return 2 * inputs

    assert method_results(Subclass(), {"predict": {"inputs": np.ones(2)}}) == {}
    assert list(method_results(Predicting(), {"predict": {"inputs": np.ones(2)}})) == ["predict/result"]
    assert reloaded(Subclass(), {}, {}) == {}


def test_a_class_without_layer_wise_pretraining_is_not_asked_for_it() -> None:
    """It is counted as a method that is not there; who has it is asked for all of it."""
    model, batch = reference.StackedAutoencoder((4, 3)), {"inputs": np.full((2, 4), 0.5)}
    results = training_results(model, model.export_weights(), [batch], {"optimizer": "sgd", "learning_rate": 0.1})
    without = [name for name in results if not name.startswith("greedy/")]
    assert 0 < len(without) < len(results)
    assert list(asked_of(None, "training", results, without)) == without
    assert methods_left_out(results, asked_of(None, "training", results, without)) == {"pretrain"}
    assert asked_of(None, "training", results, [*without, "greedy/losses"]) == results
