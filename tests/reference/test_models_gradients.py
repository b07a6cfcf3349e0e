"""Full models: gradients by the complex step, sizes, what training may and may not move, and the subspace of the linear autoencoder."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.tolerance import ROUNDINGS_PER_LAYER, allowed_error
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
from reference.domains import Bits, Ids, Reals
from reference.training import OPTIMIZERS
from tests.reference.agreement import budget_use
from tests.reference.complex_step import derivatives, measured_use

SQUARES, ENTROPY = "mean_squared_error", "binary_cross_entropy"
RATE = 2.0**-4
CELLS = ("lstm", "rnn", "bidirectional", "cnn")
CHARACTERS = {"vocabulary_size": 6, "embedding": 2, "units": 3}
ONES = {"vocabulary_size": 2, "embedding": 1, "units": 1}

# (class, configuration, samples, steps): distinct extents, one sample, one step, one unit.
CONFIGURATIONS = [
    (StackedAutoencoder, {"sizes": (4, 3, 2), "activation": "tanh", "tied": True}, 5, 0),
    (StackedAutoencoder, {"sizes": (2, 4), "activation": "sigmoid", "tied": True, "loss": ENTROPY}, 1, 0),
    *[
        (SparseAutoencoder, {"sizes": sizes, "penalty": penalty, "weight": 0.7, "loss": loss}, batch, 0)
        for penalty in ("l1", "kl")
        for sizes, loss, batch in (((4, 3, 2), SQUARES, 5), ((3, 1), ENTROPY, 1))
    ],
    (ContractiveAutoencoder, {"sizes": (4, 3), "weight": 0.6}, 5, 0),
    (ContractiveAutoencoder, {"sizes": (2, 1), "weight": 1.5, "activation": "tanh", "loss": ENTROPY}, 1, 0),
    (LinearAutoencoder, {"features": 4, "codings": 2}, 5, 0),
    (LinearAutoencoder, {"features": 2, "codings": 1}, 1, 0),
    *[(DenoisingAutoencoder, {"sizes": (4, 3, 2), "corruption": c}, 5, 0) for c in ("gaussian", "masking", "dropout")],
    (DenoisingAutoencoder, {"sizes": (2, 1), "corruption": "dropout", "activation": "tanh", "loss": ENTROPY}, 1, 0),
    (VariationalAutoencoder, {"sizes": (5, 4, 3), "latent": 2, "beta": 0.7, "activation": "tanh"}, 6, 0),
    (VariationalAutoencoder, {"sizes": (2, 3), "latent": 1, "loss": ENTROPY}, 1, 0),
    (VariationalAutoencoder, {"sizes": (3, 1), "latent": 4, "beta": 0.0, "output_activation": "linear"}, 2, 0),
    *[(PretrainedClassifier, {"encoder": (4, 3, 2), "classes": 3, "trainable_encoder": t}, 5, 0) for t in (False, True)],
    (PretrainedClassifier, {"encoder": (2, 1), "classes": 2, "trainable_encoder": True, "activation": "sigmoid"}, 1, 0),
    *[(CharClassifier, {**CHARACTERS, "cell": cell}, 4, 5) for cell in CELLS],
    *[(CharClassifier, {**CHARACTERS, "cell": cell, "kernel_size": 4}, 1, 1) for cell in CELLS],
    *[(CharClassifier, {**ONES, "cell": cell}, 2, 3) for cell in CELLS],
    *[(HybridClassifier, {**CHARACTERS, "words": 7, "word_embedding": 5, "cell": cell, "kernel_size": 2}, 4, 3) for cell in CELLS],
    (HybridClassifier, {**ONES, "words": 2, "word_embedding": 1}, 1, 1),
]
NAMES = [f"{model.__name__}-{'-'.join(map(str, options.values()))}-{batch}" for model, options, batch, _ in CONFIGURATIONS]


def built(model, options, seed=0):
    """The model with random weights and biases."""
    rng, made = np.random.default_rng(seed), model(**options)
    made.import_weights({name: rng.normal(0.0, 0.7, shape) for name, shape in made.parameter_shapes.items()})
    return made


def batch_for(model, samples, steps=0, seed=1):
    """A random batch of the model's domains."""
    rng, drawn = np.random.default_rng(seed), {}
    for name, domain in model.batch_domains().items():
        shape = tuple({"batch": samples, "steps": steps}.get(axis, axis) for axis in domain.axes)
        if isinstance(domain, Reals):
            drawn[name] = rng.uniform(*domain.typical, shape)
        elif isinstance(domain, Ids):
            drawn[name] = rng.integers(0, domain.count, shape)
        elif isinstance(domain, Bits):
            drawn[name] = rng.integers(0, 2, shape) * 1.0
    return drawn


def gradient_use(model, batch):
    """The part of the budget that the gradients of all trainable parameters use against the complex step."""
    weights = model.export_weights()
    frozen = {name: value for name, value in weights.items() if name not in model.trainable_names}
    learned = {name: weights[name] for name in model.trainable_names}

    def with_weights(values, method):
        model.import_weights({**frozen, **values})
        return getattr(model, method)(**batch)

    expected = derivatives(lambda w: with_weights(w, "loss_terms")["total"], learned)
    roundings = ROUNDINGS_PER_LAYER * (4 + 4 * max(np.shape(value)[-1] for value in batch.values()))
    return measured_use(lambda w: with_weights(w, "gradients"), learned, expected, roundings, 16)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options", "samples", "steps"), CONFIGURATIONS, ids=NAMES)
def test_gradients_are_the_complex_step(model, options, samples, steps):
    """The gradients are the derivatives of the total loss by the trainable parameters, and by no others."""
    made = built(model, options)
    assert gradient_use(made, batch_for(made, samples, steps)) <= 1


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_of_padding_are_the_complex_step(cell):
    """Where every id is padding the padding's row gets the whole gradient, and every other row none."""
    made = built(CharClassifier, {**CHARACTERS, "cell": cell})
    batch = {"characters": np.zeros((3, 4), dtype=np.int64), "labels": np.array([[1.0], [0.0], [1.0]])}
    assert gradient_use(made, batch) <= 1
    assert not made.gradients(**batch)["embedding"][1:].any()


def test_published_sizes():
    """The stacked autoencoder of §3.1 has 163,814 parameters, the classifier of listing 2 has 18,881."""
    assert StackedAutoencoder().parameter_count == 163_814
    assert CharClassifier(16, 8, 64).parameter_count == 18_881


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_frozen_encoder_keeps_every_bit(optimizer):
    """Training moves the head alone where the encoder is frozen, and the encoder too where it is not."""
    source = built(StackedAutoencoder, {"sizes": (4, 3, 2), "activation": "tanh"})
    for trainable in (False, True):
        made = PretrainedClassifier(source, 3, trainable)
        before = made.export_weights()
        made.training_steps([batch_for(made, 5)] * 3, optimizer, RATE)
        same = {name for name, value in before.items() if value.tobytes() == made.weights[name].tobytes()}
        assert same == (set() if trainable else {name for name in before if name.startswith("encoder")})
        assert all(np.array_equal(source.weights[n], before[n]) for n in before if n.startswith("encoder"))


def test_tied_decoder_transposes_the_encoder():
    """A tied model has the encoder's matrices alone, and after training it is the untied one with their transposes."""
    tied = built(StackedAutoencoder, {"sizes": (4, 3, 2), "activation": "tanh", "tied": True})
    assert sorted(n for n in tied.parameter_shapes if n.endswith("weight")) == ["encoder.0.weight", "encoder.1.weight"]
    batch = batch_for(tied, 5)
    tied.training_steps([batch] * 3, "adam", RATE)
    untied = StackedAutoencoder((4, 3, 2), "tanh")
    transposed = {f"decoder.{i}.weight": tied.weights[f"encoder.{1 - i}.weight"].T for i in (0, 1)}
    untied.import_weights({**tied.weights, **transposed})
    assert measured_use(lambda a: untied.activations(**a), batch, tied.activations(**batch), ROUNDINGS_PER_LAYER * 4, 4) <= 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_pretraining_is_greedy(optimizer):
    """Each pair is trained alone on the codings below it: what the whole does is what two small autoencoders do, bit for bit."""
    whole = built(StackedAutoencoder, {"sizes": (4, 3, 2), "activation": "tanh", "loss": ENTROPY})
    start, batches = whole.export_weights(), [batch_for(whole, 5, seed=seed) for seed in (1, 2, 3)]
    outer, inner = StackedAutoencoder((4, 3), "tanh", loss=ENTROPY), StackedAutoencoder((3, 2), "tanh", "tanh")
    losses, codings, expected = [], batches, {}
    for number, pair in enumerate((outer, inner)):
        places = {"encoder.0": f"encoder.{number}", "decoder.0": f"decoder.{1 - number}"}
        own = {f"{a}.{kind}": f"{b}.{kind}" for a, b in places.items() for kind in ("weight", "bias")}
        pair.import_weights({a: start[b] for a, b in own.items()})
        losses.append(pair.training_steps(codings, optimizer, RATE))
        expected |= {b: pair.weights[a] for a, b in own.items()}
        codings = [{"inputs": pair.encode(batch["inputs"])} for batch in codings]
    assert whole.pretrain(batches, optimizer, RATE) == losses
    assert all(np.array_equal(whole.weights[name], value) for name, value in expected.items())
    assert not any(np.array_equal(start[name], value) for name, value in expected.items())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizer_state_is_what_two_steps_leave(optimizer):
    """After two steps the state is the unrolled sum over both gradients."""
    made = built(StackedAutoencoder, {"sizes": (3, 2), "activation": "tanh"})
    first, second = batch_for(made, 4), batch_for(made, 4, seed=2)
    twin = built(StackedAutoencoder, {"sizes": (3, 2), "activation": "tanh"})
    g1 = twin.gradients(**first)
    twin.training_steps([first], optimizer, RATE)
    g2 = twin.gradients(**second)
    made.training_steps([first, second], optimizer, RATE)
    factors = {
        "sgd": {},
        "momentum": {"velocity": (1, -0.9 * RATE, -RATE)},
        "nesterov": {"velocity": (1, -0.9 * RATE, -RATE)},
        "adagrad": {"squares": (2, 1.0, 1.0)},
        "rmsprop": {"squares": (2, 0.9 * (1 - 0.9), 1 - 0.9)},
        "adam": {"m": (1, 0.9 * (1 - 0.9), 1 - 0.9), "v": (2, 0.999 * (1 - 0.999), 1 - 0.999)},
    }[optimizer]
    assert set(made.optimizer_state) == {f"{name}/{quantity}" for name in made.weights for quantity in factors}
    for name in made.weights:
        for quantity, (power, early, late) in factors.items():
            terms = early * g1[name] ** power, late * g2[name] ** power
            allowed = allowed_error(np.abs(terms[0]) + np.abs(terms[1]), "float64", 6, 2)
            assert budget_use(np.abs(made.optimizer_state[f"{name}/{quantity}"] - sum(terms)), allowed) <= 1, (name, quantity)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (VariationalAutoencoder, {"sizes": (4, 3), "latent": 2}),
        *[(DenoisingAutoencoder, {"sizes": (4, 3), "corruption": c}) for c in ("gaussian", "masking", "dropout")],
    ],
)
def test_inference_knows_no_noise(model, options):
    """Whatever the noise, and without any, inference says the same, while activations differ."""
    made = built(model, options)
    item, two = batch_for(made, 5), batch_for(made, 5, seed=2)
    two["inputs"] = item["inputs"]
    plain = made.inference(item["inputs"])["reconstruction"]
    assert all(np.array_equal(made.inference(**batch)["reconstruction"], plain) for batch in (item, two))
    assert not np.array_equal(made.activations(**item)["reconstruction"], made.activations(**two)["reconstruction"])


def test_linear_autoencoder_spans_the_principal_subspace():
    """Trained until its loss is the optimum to the last digits, it decodes into the subspace that the SVD finds.

    For the scatter S with eigenvalues λ and projectors P* (principal) and P (decoder), tr S(P* − P) ≥ ½ (λ_k − λ_{k+1}) ‖P − P*‖²_F,
    and no reconstruction in the range of P costs less than tr S − tr SP; so the excess of the loss bounds the difference.
    """
    rng, samples, features, codings = np.random.default_rng(0), 30, 5, 2
    x = rng.normal(size=(samples, features)) * [1.5, 1.2, 0.3, 0.2, 0.1] @ np.linalg.qr(rng.normal(size=(features, features)))[0]
    made = LinearAutoencoder(features, codings, seed=3)
    losses = made.training_steps([{"inputs": x + 0.5}] * 3000, "momentum", 0.1)
    _, singular, right = np.linalg.svd(x - x.mean(axis=0))
    optimum = (singular[codings:] ** 2).sum() / x.size
    allowed = float(allowed_error(((x + 0.5) ** 2).sum() / x.size, "float64", ROUNDINGS_PER_LAYER * 2, x.size))
    assert np.abs(losses[-1] - optimum) <= allowed
    spanned = np.linalg.qr(made.weights["decoder.0.weight"].T)[0]
    difference = spanned @ spanned.T - right[:codings].T @ right[:codings]
    gap = (singular[codings - 1] ** 2 - singular[codings] ** 2) / x.size
    assert (difference**2).sum() <= 2 * allowed / gap
