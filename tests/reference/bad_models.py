"""Bad calls of the full models, as rows of the table in `test_refusals`: (class, call, error, what begins the message, what it mentions).

Every model is built with an input of two features, a vocabulary of five, or three classes.
"""

from __future__ import annotations

import math

import numpy as np

from reference import (
    CharClassifier,
    ContractiveAutoencoder,
    DenoisingAutoencoder,
    HybridClassifier,
    LinearAutoencoder,
    PretrainedClassifier,
    SparseAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
)

GOOD, WIDE, NAN = np.full((3, 2), 0.5), np.full((2, 3), 0.5), np.array([[0.5, 0.5], [0.5, math.nan], [0.5, math.nan]])
EMPTY, FLAT, DEEP = np.zeros((0, 2)), np.full(2, 0.5), np.full((1, 3, 2), 0.5)
IDS, WORDS, LABELS, CLASSES = np.array([[1, 2, 0, 4]] * 3), np.array([[0], [1], [5]]), np.ones((3, 1)), np.array([[0], [2], [1]])
DOING = ("activations", "loss_terms", "gradients", "inference")


def small(model, **options):
    """A small model of the class, its configuration changed by the options."""
    plain = {
        CharClassifier: {"vocabulary_size": 5, "embedding": 2, "units": 3},
        HybridClassifier: {"vocabulary_size": 5, "words": 6, "embedding": 2, "word_embedding": 2, "units": 3},
        LinearAutoencoder: {"features": 2, "codings": 1},
        PretrainedClassifier: {"encoder": (2, 1), "classes": 3},
        VariationalAutoencoder: {"sizes": (2, 3), "latent": 1},
    }
    return model(**{**plain.get(model, {"sizes": (2, 1)}), **options})


def batch_of(model):
    """A batch that the small model accepts."""
    return {
        CharClassifier: {"characters": IDS, "labels": LABELS},
        HybridClassifier: {"characters": IDS, "word": WORDS, "labels": LABELS},
        DenoisingAutoencoder: {"inputs": GOOD, "noise": GOOD},
        PretrainedClassifier: {"inputs": GOOD, "labels": CLASSES},
        VariationalAutoencoder: {"inputs": GOOD, "noise": np.zeros((3, 1))},
    }.get(model, {"inputs": GOOD})


def configured(model, name, *values, error=ValueError, begins=None, mentions=repr):
    """A row for every value of an argument of the constructor."""
    return [(model, lambda v=v: small(model, **{name: v}), error, begins or name, mentions(v)) for v in values]


def mistyped(model, name, *values, begins=None):
    """A row for every value of the wrong type."""
    return configured(model, name, *values, error=TypeError, begins=begins, mentions=lambda v: type(v).__name__)


def given(model, name, value, mentions, error=ValueError, methods=("activations", "loss_terms", "gradients"), **options):
    """A row for every method that is given a bad array."""
    batch = {**batch_of(model), name: value}
    return [(model, lambda f=f: getattr(small(model, **options), f)(**batch), error, name, mentions) for f in methods]


def bad_rows(model, name="inputs", methods=DOING):
    """The rows that every array of shape (B, features) shares."""
    bad = ((EMPTY, "(0, 2)"), (FLAT, "(2,)"), (DEEP, "(1, 3, 2)"), (NAN, "(1, 1)"), (WIDE, "(2, 3)"))
    rows = [row for value, mentions in bad for row in given(model, name, value, mentions, methods=methods)]
    return rows + given(model, name, np.array([["a", "b"]]), "<U1", TypeError, methods)


def bad_training(model):
    """The rows of training and of weights that every model shares."""
    weights = small(model).export_weights()
    first = next(iter(weights))
    return [
        (model, lambda: small(model).training_steps([batch_of(model)], "Adam"), ValueError, "optimizer", "'Adam'"),
        (model, lambda: small(model).training_steps([batch_of(model)], "sgd", 0.0), ValueError, "learning_rate", "0.0"),
        (model, lambda: small(model).training_steps([], "sgd", math.nan), ValueError, "learning_rate", "nan"),
        (model, lambda: small(model).training_steps([], "sgd", "1"), TypeError, "learning_rate", "str"),
        (model, lambda: small(model).import_weights({}), ValueError, "weights", first),
        (model, lambda: small(model).import_weights({**weights, first: np.zeros((7, 7))}), ValueError, "weights", "(7, 7)"),
        (model, lambda: small(model).import_weights({**weights, "spare": GOOD}), ValueError, "weights", "'spare'"),
        *configured(model, "seed", -1),
        *mistyped(model, "seed", None, 0.5, True),
    ]


def bad_characters(model):
    """The rows that both character models share."""
    inference = (*DOING[:1], "inference")
    judged = ("loss_terms", "gradients")
    return [
        *configured(model, "vocabulary_size", 0, -3),
        *configured(model, "embedding", 0),
        *configured(model, "units", 0),
        *configured(model, "kernel_size", 0),
        *mistyped(model, "units", 2.0, "2", None, True),
        *mistyped(model, "vocabulary_size", 5.0, True),
        *configured(model, "cell", "gru", "LSTM", None, 0),
        *given(model, "characters", IDS + 1, "5", methods=DOING),
        *given(model, "characters", IDS - 1, "-1", methods=DOING),
        *given(model, "characters", IDS[:, 0], "(3,)", methods=inference),
        *given(model, "characters", IDS[..., None], "(3, 4, 1)", methods=inference),
        *given(model, "characters", IDS[:0], "(0, 4)", methods=inference),
        *given(model, "characters", IDS[:, :0], "(3, 0)", methods=inference),
        *given(model, "characters", IDS * 1.0, "float64", TypeError, inference),
        *given(model, "characters", IDS * math.nan, "float64", TypeError, inference),
        *given(model, "characters", IDS > 0, "bool", TypeError, inference),
        *given(model, "labels", LABELS[:, 0], "(3,)", methods=judged),
        *given(model, "labels", LABELS[:2], "(2, 1)", methods=judged),
        *given(model, "labels", LABELS.T, "(1, 3)", methods=judged),
        *given(model, "labels", LABELS * 2, "2.0", methods=judged),
        *given(model, "labels", -LABELS, "-1.0", methods=judged),
        *given(model, "labels", np.array([[0.0], [math.nan], [math.nan]]), "(1, 0)", methods=judged),
        *given(model, "labels", LABELS > 0, "bool", TypeError, judged),
    ]


def bad_stack(model):
    """The rows that the autoencoders share."""
    return [
        *configured(model, "output_activation", "softmax", None),
        *configured(model, "loss", "mse", None),
        *[
            (
                model,
                lambda: small(model, loss="binary_cross_entropy", output_activation="linear"),
                ValueError,
                "output_activation",
                "",
            ),
            (model, lambda: small(model).decode(WIDE), ValueError, "codings", "(2, 3)"),
            (model, lambda: small(model).decode(np.array([[0.5], [math.nan]])), ValueError, "codings", "(1, 0)"),
            (model, lambda: small(model).encode(WIDE), ValueError, "inputs", "(2, 3)"),
        ],
        *configured(model, "activation", "ReLU", None),
        *configured(model, "sizes", (2,), (), mentions=lambda v: str(len(v))),
        *configured(model, "sizes", (2, 0), begins="sizes[1]", mentions=lambda v: "0"),
        *mistyped(model, "sizes", 784, "784", None),
        *given(model, "inputs", GOOD * 3, "1.5", methods=("loss_terms", "gradients"), loss="binary_cross_entropy"),
    ]


MODEL_ROWS = [
    *[
        row
        for model in (SparseAutoencoder, ContractiveAutoencoder, DenoisingAutoencoder, LinearAutoencoder, VariationalAutoencoder)
        for row in (*bad_rows(model), *bad_training(model), *([] if model is LinearAutoencoder else bad_stack(model)))
    ],
    *[row for model in (CharClassifier, HybridClassifier) for row in (*bad_characters(model), *bad_training(model))],
    *configured(SparseAutoencoder, "penalty", "L1", "l2", None),
    *configured(SparseAutoencoder, "weight", -1e-9, math.inf, math.nan),
    *mistyped(SparseAutoencoder, "weight", "1", True),
    *configured(SparseAutoencoder, "target", 0.0, 1.0, -0.1, math.nan),
    *mistyped(SparseAutoencoder, "target", None, "0.1"),
    *configured(ContractiveAutoencoder, "weight", -1e-9, math.inf, math.nan),
    *mistyped(ContractiveAutoencoder, "weight", None, "1"),
    *configured(ContractiveAutoencoder, "sizes", (2, 3, 1), mentions=lambda v: "3"),
    *configured(ContractiveAutoencoder, "activation", "relu", "linear"),
    *configured(DenoisingAutoencoder, "corruption", "salt", None),
    *configured(DenoisingAutoencoder, "level", 0.0, 1.0, -0.5, math.nan),
    *mistyped(DenoisingAutoencoder, "level", None, "0.25", True),
    *given(DenoisingAutoencoder, "noise", WIDE, "(2, 3)"),
    *given(DenoisingAutoencoder, "noise", GOOD[:1], "(1, 2)"),
    *given(DenoisingAutoencoder, "noise", NAN, "(1, 1)"),
    *given(DenoisingAutoencoder, "noise", FLAT, "(2,)"),
    *configured(LinearAutoencoder, "features", 0, -1),
    *configured(LinearAutoencoder, "codings", 0, -1),
    *mistyped(LinearAutoencoder, "features", 2.0, "2", None, True),
    *mistyped(LinearAutoencoder, "codings", 2.0, (2, 1)),
    *configured(VariationalAutoencoder, "latent", 0, -1),
    *mistyped(VariationalAutoencoder, "latent", 1.0, None, True),
    *configured(VariationalAutoencoder, "beta", -1e-9, math.inf, math.nan),
    *mistyped(VariationalAutoencoder, "beta", None, "1"),
    *given(VariationalAutoencoder, "noise", GOOD, "(3, 2)"),
    *given(VariationalAutoencoder, "noise", np.zeros((2, 1)), "(2, 1)"),
    *given(VariationalAutoencoder, "noise", np.zeros(3), "(3,)"),
    *given(VariationalAutoencoder, "noise", np.array([[0.0], [math.nan], [0.0]]), "(1, 0)"),
    *[
        (VariationalAutoencoder, lambda v=v: small(VariationalAutoencoder).interpolate(GOOD, GOOD, v), error, "steps", mentions)
        for v, error, mentions in (
            (1, ValueError, "1"),
            (0, ValueError, "0"),
            (2.0, TypeError, "float"),
            (None, TypeError, "NoneType"),
        )
    ],
    (VariationalAutoencoder, lambda: small(VariationalAutoencoder).generate(GOOD), ValueError, "codings", "(3, 2)"),
    *given(HybridClassifier, "word", WORDS + 1, "6", methods=DOING),
    *given(HybridClassifier, "word", WORDS - 1, "-1", methods=DOING),
    *given(HybridClassifier, "word", WORDS[:2], "(2, 1)", methods=DOING),
    *given(HybridClassifier, "word", WORDS[:, 0], "(3,)", methods=DOING),
    *given(HybridClassifier, "word", WORDS * 1.0, "float64", TypeError, DOING),
    *configured(HybridClassifier, "words", 0),
    *configured(HybridClassifier, "word_embedding", 0),
    *mistyped(HybridClassifier, "words", 2.0, None),
    *bad_training(PretrainedClassifier),
    *bad_rows(PretrainedClassifier),
    *configured(PretrainedClassifier, "classes", 1, 0),
    *mistyped(PretrainedClassifier, "classes", 3.0, None, True),
    *mistyped(PretrainedClassifier, "trainable_encoder", 1, None, "yes"),
    *configured(PretrainedClassifier, "activation", "softmax", None),
    *configured(PretrainedClassifier, "encoder", (2,), (), mentions=lambda v: str(len(v))),
    *configured(PretrainedClassifier, "encoder", (2, 0), begins="encoder[1]", mentions=lambda v: "0"),
    *mistyped(PretrainedClassifier, "encoder", None, 784, "784"),
    *given(PretrainedClassifier, "inputs", GOOD, "(3, 2)", methods=DOING, encoder=StackedAutoencoder((3, 2))),
    *given(PretrainedClassifier, "labels", CLASSES[:, 0], "(3,)", methods=("loss_terms", "gradients")),
    *given(PretrainedClassifier, "labels", CLASSES[:2], "(2, 1)", methods=("loss_terms", "gradients")),
    *given(PretrainedClassifier, "labels", CLASSES + 1, "3", methods=("loss_terms", "gradients")),
    *given(PretrainedClassifier, "labels", CLASSES - 1, "-1", methods=("loss_terms", "gradients")),
    *given(PretrainedClassifier, "labels", CLASSES * 1.0, "float64", TypeError, ("loss_terms", "gradients")),
]
