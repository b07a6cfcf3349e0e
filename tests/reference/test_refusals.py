"""Bad calls: the error is of the promised type, on one line, and begins with the argument that is at fault; nothing is computed.

Every row is (call, type of the error, what the message begins with, what it must also mention).
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

import reference
from reference import (
    CharTokenizer,
    StackedAutoencoder,
    binary_cross_entropy,
    kl_sparsity_loss,
    l1_activity_loss,
    mean_squared_error,
    pad_sequences,
    reparameterize,
    vae_kl_loss,
)
from tests.reference import bad_arguments
from tests.reference.bad_models import MODEL_ROWS

GOOD, OTHER, SINGLE = np.full((3, 2), 0.5), np.full((2, 3), 0.5), np.full((3, 2), 0.5, dtype=np.float32)
NAN = np.array([[0.5, 0.5], [0.5, math.nan], [0.5, 0.5]])
EMPTY, NO_UNITS = np.zeros((0, 2)), np.zeros((3, 0))
WORDS, OBJECTS, RAGGED = np.array([["a", "b"]]), np.array([[None, 1.0]]), [[1.0, 2.0], [3.0]]


def fitted(**options):
    """A tokenizer that has seen three characters."""
    return CharTokenizer(**options).fit(["abc"])


def model(**options):
    """A small autoencoder."""
    return StackedAutoencoder((2, 1), **options)


def bad_arrays(name, function, call, rank=2):
    """The rows that every array argument shares; `call` puts one array in its place."""
    rows = [
        (lambda: call(EMPTY), ValueError, name, "(0, 2)"),
        (lambda: call(NO_UNITS), ValueError, name, "(3, 0)"),
        (lambda: call(NAN), ValueError, name, "(1, 1)"),
        (lambda: call(WORDS), TypeError, name, ""),
        (lambda: call(OBJECTS), TypeError, name, ""),
        (lambda: call(np.full((3, 2), True)), TypeError, name, "bool"),
        (lambda: call(0.5), ValueError, name, "()"),
        (lambda: call(np.full(3, 0.5)), ValueError, name, "(3,)"),
    ]
    if rank == 2:
        rows.append((lambda: call(np.full((1, 3, 2), 0.5)), ValueError, name, "(1, 3, 2)"))
    return [(function, *row) for row in rows]


def bad_pairs(function, first, second, call=None):
    """The rows that two arrays of the same shape and dtype share."""
    call = call or function
    return [
        (function, lambda: call(RAGGED, RAGGED), TypeError, first, "ragged"),
        (function, lambda: call(GOOD, OTHER), ValueError, second, "(2, 3)"),
        (function, lambda: call(GOOD, np.full((3, 1), 0.5)), ValueError, second, "(3, 1)"),
        (function, lambda: call(np.full((3, 1), 0.5), np.full(3, 0.5)), ValueError, second, "(3,)"),
        (function, lambda: call(GOOD, SINGLE), TypeError, second, "float32"),
        (function, lambda: call(SINGLE, GOOD), TypeError, second, "float64"),
        (function, lambda: call(np.full((3, 2), 1), GOOD), TypeError, second, "float64"),
    ]


def bad_numbers(function, name, call, outside, zero=True):
    """The rows that every number argument shares."""
    rows = [(function, lambda v=v: call(v), ValueError, name, "") for v in (*outside, math.nan, -math.inf, math.inf)]
    rows += [(function, lambda v=v: call(v), TypeError, name, type(v).__name__) for v in (None, "0.1", True, [0.1], 0.1j)]
    return rows if zero else [*rows, (function, lambda: call(0), ValueError, name, "0")]


def bad_reductions(function):
    """Unknown reductions."""
    return [
        (function, lambda r=r: function(GOOD, GOOD, reduction=r), ValueError, "reduction", "'mean'")
        for r in ("avg", "MEAN", None, 0)
    ]


FORMULAS = [
    *bad_arrays("activations", kl_sparsity_loss, kl_sparsity_loss),
    (kl_sparsity_loss, lambda: kl_sparsity_loss(RAGGED), TypeError, "activations", "ragged"),
    (kl_sparsity_loss, lambda: kl_sparsity_loss(-GOOD), ValueError, "activations", "-0.5"),
    (kl_sparsity_loss, lambda: kl_sparsity_loss(GOOD * [[1.0, 2.0 + 2.0**-51]]), ValueError, "activations", "1.0000000000000002"),
    (kl_sparsity_loss, lambda: kl_sparsity_loss(GOOD * [[1.0, math.inf]]), ValueError, "activations", "inf"),
    *bad_numbers(kl_sparsity_loss, "target", lambda v: kl_sparsity_loss(GOOD, target=v), (1.0, 1, -0.1, 2), zero=False),
    *bad_numbers(kl_sparsity_loss, "weight", lambda v: kl_sparsity_loss(GOOD, weight=v), (-1e-9, -1)),
    *bad_numbers(kl_sparsity_loss, "epsilon", lambda v: kl_sparsity_loss(GOOD, epsilon=v), (0.5, -1e-7), zero=False),
    *bad_arrays("activations", l1_activity_loss, l1_activity_loss),
    *bad_numbers(l1_activity_loss, "weight", lambda v: l1_activity_loss(GOOD, weight=v), (-1e-9, -1)),
    *bad_arrays("mean", vae_kl_loss, lambda a: vae_kl_loss(a, a)),
    *bad_pairs(vae_kl_loss, "mean", "log_var"),
    *bad_reductions(vae_kl_loss),
    (vae_kl_loss, lambda: vae_kl_loss(GOOD, NAN), ValueError, "log_var", "(1, 1)"),
    *bad_arrays("mean", reparameterize, lambda a: reparameterize(a, a, a)),
    *bad_pairs(reparameterize, "mean", "log_var", lambda a, b: reparameterize(a, b, a)),
    *bad_pairs(reparameterize, "mean", "noise", lambda a, b: reparameterize(a, a, b)),
    (reparameterize, lambda: reparameterize(GOOD, GOOD, NAN), ValueError, "noise", "(1, 1)"),
    *bad_arrays("inputs", mean_squared_error, lambda a: mean_squared_error(a, a), rank=0),
    *bad_pairs(mean_squared_error, "inputs", "reconstructions"),
    *bad_reductions(mean_squared_error),
    (mean_squared_error, lambda: mean_squared_error(GOOD, NAN), ValueError, "reconstructions", "(1, 1)"),
    *bad_arrays("targets", binary_cross_entropy, lambda a: binary_cross_entropy(a, a), rank=0),
    *bad_pairs(binary_cross_entropy, "targets", "logits"),
    *bad_reductions(binary_cross_entropy),
    (binary_cross_entropy, lambda: binary_cross_entropy(GOOD, NAN), ValueError, "logits", "(1, 1)"),
    (binary_cross_entropy, lambda: binary_cross_entropy(GOOD * -1, GOOD), ValueError, "targets", "-0.5"),
    (binary_cross_entropy, lambda: binary_cross_entropy(GOOD * 3, GOOD), ValueError, "targets", "1.5"),
]

TEXTS = [
    *[(CharTokenizer, lambda v=v: CharTokenizer().fit(v), TypeError, "texts", type(v).__name__) for v in ("abc", b"abc", None, 3)],
    *[(CharTokenizer, lambda v=v: CharTokenizer().fit(["a", v]), TypeError, "texts", "position 1") for v in (b"a", None, 3, ["a"])],
    *[(CharTokenizer, lambda v=v: fitted().encode(v), TypeError, "texts", type(v).__name__) for v in ("abc", b"abc", None)],
    (CharTokenizer, lambda: fitted().encode(["a", 1]), TypeError, "texts", "position 1"),
    *[(CharTokenizer, lambda v=v: CharTokenizer(lower=v), TypeError, "lower", type(v).__name__) for v in (1, None, "yes")],
    *[(CharTokenizer, lambda v=v: CharTokenizer(oov_token=v), TypeError, "oov_token", type(v).__name__) for v in (1, True, b"x")],
    *[(CharTokenizer, lambda v=v: CharTokenizer(num_chars=v), TypeError, "num_chars", type(v).__name__) for v in (2.0, True, "2")],
    *[(CharTokenizer, lambda v=v: CharTokenizer(num_chars=v), ValueError, "num_chars", str(v)) for v in (0, -1)],
    (CharTokenizer, lambda: CharTokenizer(oov_token="b").fit(["abc"]), ValueError, "oov_token", "'b'"),
    (CharTokenizer, lambda: CharTokenizer().encode(["a"]), ValueError, "texts", "fit"),
    (CharTokenizer, lambda: CharTokenizer().fit([]).encode(["a"]), ValueError, "texts", "fit"),
    (CharTokenizer, lambda: CharTokenizer().decode([[1]]), ValueError, "texts", "fit"),
    *[(CharTokenizer, lambda v=v: fitted().decode([[1, v]]), ValueError, "sequences", str(v)) for v in (4, -1, 10**9)],
    *[
        (CharTokenizer, lambda v=v: fitted().decode(v), TypeError, "sequences", "")
        for v in (None, 3, [1, 2], "12", ["12"], [[1.5]], [[None]], [[[1]]])
    ],
    *[(pad_sequences, lambda v=v: pad_sequences(v), TypeError, "sequences", type(v).__name__) for v in ("abc", b"abc", None, 3)],
    *[
        (pad_sequences, lambda v=v: pad_sequences([[1], v]), TypeError, "sequences[1]", "")
        for v in ("ab", b"ab", None, 3, [1.0], [True], ["1"], [[1]])
    ],
    (pad_sequences, lambda: pad_sequences([]), ValueError, "sequences", "none"),
    *[
        (pad_sequences, lambda v=v: pad_sequences([[1], [v]]), ValueError, "sequences[1]", str(v))
        for v in (2**31, -(2**31) - 1, 10**30)
    ],
    *[(pad_sequences, lambda v=v: pad_sequences([[1]], value=v), ValueError, "value", str(v)) for v in (2**31, -(2**31) - 1)],
    *[
        (pad_sequences, lambda v=v: pad_sequences([[1]], value=v), TypeError, "value", type(v).__name__)
        for v in (0.5, None, "0", True)
    ],
    *[(pad_sequences, lambda v=v: pad_sequences([[1]], maxlen=v), ValueError, "maxlen", str(v)) for v in (0, -1)],
    *[(pad_sequences, lambda v=v: pad_sequences([[1]], maxlen=v), TypeError, "maxlen", type(v).__name__) for v in (2.0, "2", True)],
    *[(pad_sequences, lambda v=v: pad_sequences([[1]], padding=v), ValueError, "padding", repr(v)) for v in ("left", None, "PRE")],
    *[
        (pad_sequences, lambda v=v: pad_sequences([[1]], truncating=v), ValueError, "truncating", repr(v))
        for v in ("left", None, 0)
    ],
]

METHODS = ("activations", "encode", "loss_terms", "gradients")


def bad_models(call, error, begins, mentions, values):
    """A row of the autoencoder for every value; `mentions` may be made from the value."""
    mention = mentions if callable(mentions) else lambda _: mentions
    return [(StackedAutoencoder, lambda v=v: call(v), error, begins, mention(v)) for v in values]


def import_bias(value):
    """Import weights with another first bias."""
    model().import_weights({**model().export_weights(), "encoder.0.bias": value})


def type_name(value):
    """How a message calls the type."""
    return type(value).__name__


MODELS = [
    *bad_models(StackedAutoencoder, TypeError, "sizes", type_name, (784, "784", None, {2, 3})),
    *bad_models(lambda v: StackedAutoencoder((2, v)), TypeError, "sizes[1]", type_name, (2.0, "2", None, True)),
    *bad_models(lambda v: StackedAutoencoder((2, v)), ValueError, "sizes[1]", str, (0, -1)),
    *bad_models(StackedAutoencoder, ValueError, "sizes", "2", ((), (3,))),
    *bad_models(lambda v: model(activation=v), ValueError, "activation", "'relu'", ("ReLU", None, 0)),
    *bad_models(lambda v: model(output_activation=v), ValueError, "output_activation", "'sigmoid'", ("softmax", None)),
    *bad_models(lambda v: model(loss=v), ValueError, "loss", "'mean_squared_error'", ("mse", None)),
    *bad_models(
        lambda v: model(loss="binary_cross_entropy", output_activation=v), ValueError, "output_activation", repr, ("linear", "relu")
    ),
    *[row for f in METHODS for row in bad_arrays("inputs", StackedAutoencoder, lambda a, f=f: getattr(model(), f)(a))],
    *bad_models(lambda f: getattr(model(), f)(OTHER), ValueError, "inputs", "(2, 3)", METHODS),
    *bad_models(
        lambda f: getattr(model(loss="binary_cross_entropy"), f)(GOOD * 3), ValueError, "inputs", "1.5", ("loss_terms", "gradients")
    ),
    *bad_models(lambda v: model().decode(v), ValueError, "codings", lambda v: str(v.shape), (GOOD, np.zeros((0, 1)))),
    *bad_models(lambda v: model().decode(v), ValueError, "codings", "(0, 0)", (np.array([[math.nan]]),)),
    *bad_models(lambda v: model().training_steps([{"inputs": GOOD}], v), ValueError, "optimizer", "'adam'", ("Adam", None)),
    *bad_numbers(StackedAutoencoder, "learning_rate", lambda v: model().training_steps([], learning_rate=v), (-1e-3,), zero=False),
    *bad_models(lambda v: model().training_steps([{"inputs": GOOD}, {"inputs": v}]), ValueError, "inputs", "(1, 1)", (NAN,)),
    *bad_models(lambda v: model().import_weights(v), ValueError, "weights", "encoder.0.weight", ({},)),
    *bad_models(
        lambda v: model().import_weights({**model().export_weights(), v: GOOD}), ValueError, "weights", "spare", ("spare",)
    ),
    *bad_models(
        import_bias,
        ValueError,
        "weights",
        "encoder.0.bias",
        (0.0, np.zeros(2), np.zeros((1, 1)), np.array([math.nan]), np.array([-math.inf])),
    ),
    *bad_models(import_bias, TypeError, "weights", "encoder.0.bias", (np.array(["x"]), np.array([None]), [None])),
    *bad_models(lambda v: model().import_weights(v), TypeError, "weights", type_name, (None, [1.0], 3)),
]


ROWS = (*FORMULAS, *TEXTS, *MODELS, *MODEL_ROWS, *bad_arguments.rows())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "error", "begins", "mentions"), [pytest.param(*row, id=f"{function.__name__}-{row[2]}") for function, *row in ROWS]
)
def test_bad_call_is_refused(call, error, begins, mentions):
    """The error has the promised type and one line that begins with the argument at fault and shows what was given."""
    with pytest.raises(error) as refusal:
        call()
    message = str(refusal.value)
    assert type(refusal.value) is error
    assert message.startswith(f"{begins}:" if begins.endswith("]") else begins)
    assert mentions in message
    assert "\n" not in message
    assert "expected" in message


def test_every_public_name_is_refused_something():
    """The table leaves no public name out."""
    named = Counter(row[0].__name__ for row in ROWS)
    assert all(named[name] >= 8 for name in reference.__all__)


@pytest.mark.parametrize("bad", [["abc", 3], ["b\u0301", None]])
def test_refused_fit_changes_nothing(bad):
    """A fit that is refused half-way leaves the tokenizer as it was."""
    tokenizer = fitted()
    before = tokenizer.vocabulary
    with pytest.raises(TypeError):
        tokenizer.fit(bad)
    assert tokenizer.vocabulary == before


def test_refused_batch_keeps_the_steps_before_it():
    """Training stops at the refused batch with the weights of the last good step, never with half a step."""
    stopped, alone = model(), model()
    with pytest.raises(ValueError, match="inputs"):
        stopped.training_steps([{"inputs": GOOD}, {"inputs": NAN}])
    alone.training_steps([{"inputs": GOOD}])
    assert all(np.array_equal(stopped.weights[n], w) for n, w in alone.weights.items())
