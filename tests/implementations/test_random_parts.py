"""What is drawn at random is drawn from the right distribution, and nothing is drawn at inference.

Every bound is derived from the distribution. A correct implementation fails a test with a probability of at most ALARM over all seeds:
each of the n comparisons of a test is given ALARM / n.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import reference
from conformance.tolerance import allowed_error
from tests.lazily import Lazily
from tests.reference.agreement import budget_use

tf, torch = Lazily("tensorflow"), Lazily("torch")
ALARM = 1e-9
PACKAGES = {"reference": reference, "impl_torch": Lazily("impl_torch"), "impl_tf": Lazily("impl_tf")}
DRAWING = ("impl_torch", "impl_tf")
SIDE = 60
MODELS = {
    "StackedAutoencoder": {"sizes": (90, 70, 50)},
    "VariationalAutoencoder": {"sizes": (80, 60), "latent": 40},
    "PretrainedClassifier": {"encoder": (80, 60), "classes": 30},
    "CharClassifier-lstm": {"vocabulary_size": 90, "embedding": 40, "units": 30, "cell": "lstm"},
    "CharClassifier-rnn": {"vocabulary_size": 90, "embedding": 40, "units": 50, "cell": "rnn"},
    "CharClassifier-bidirectional": {"vocabulary_size": 90, "embedding": 40, "units": 30, "cell": "bidirectional"},
    "CharClassifier-cnn": {"vocabulary_size": 90, "embedding": 40, "units": 50, "cell": "cnn", "kernel_size": 3},
    "HybridClassifier": {"vocabulary_size": 90, "words": 80, "embedding": 40, "word_embedding": 30, "units": 30},
}


def assert_distributed(sample, cdf, comparisons, what):
    """sup |F_n − F| stays below √(ln(2/α) / 2n), which it exceeds with probability at most α (Dvoretzky, Kiefer, Wolfowitz, Massart)."""
    sample = np.ravel(sample)
    bound = math.sqrt(math.log(2 * comparisons / ALARM) / (2 * sample.size))
    assert stats.kstest(sample, cdf).statistic <= bound, what


def assert_normal(noise):
    """Elements, and sums and differences of neighbours in both directions, are normal: so they are independent of each other."""
    rows, columns = (noise[0::2], noise[1::2]), (noise[:, 0::2], noise[:, 1::2])
    assert_distributed(noise, stats.norm.cdf, 5, "elements")
    for name, (item, two) in (("rows", rows), ("columns", columns)):
        assert_distributed((item + two) / math.sqrt(2), stats.norm.cdf, 5, f"sums of {name}")
        assert_distributed((item - two) / math.sqrt(2), stats.norm.cdf, 5, f"differences of {name}")


def assert_often(successes, probability, comparisons, what):
    """The number of successes lies between the binomial quantiles that α/2 lies beyond."""
    alpha, n = ALARM / comparisons / 2, np.size(successes)
    low, high = stats.binom.ppf(alpha, n, probability), stats.binom.isf(alpha, n, probability)
    assert low <= np.count_nonzero(successes) <= high, what


def tensor(package, array):
    """The array in the package's own type, float64."""
    return torch.tensor(array) if package == "impl_torch" else tf.constant(array)


def built(package, name, **options):
    """The model in float64."""
    dtype = {"reference": {}, "impl_torch": {"dtype": torch.float64}, "impl_tf": {"dtype": "float64"}}[package]
    return getattr(PACKAGES[package], name)(**options, **dtype)


def limit(name, shape):
    """The half-width of a parameter's uniform distribution."""
    return 0.05 if name.endswith("embedding") else math.sqrt(6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("package", PACKAGES)
def test_initial_weights_are_uniform(package, name):
    """Embeddings are U(±0.05), matrices and kernels Glorot uniform; biases are zero, one for the forget gate."""
    weights = built(package, name.partition("-")[0], **MODELS[name]).export_weights()
    drawn = {parameter: value for parameter, value in weights.items() if value.ndim > 1}
    for parameter, value in drawn.items():
        half = limit(parameter, value.shape)
        assert np.abs(value).max() <= half + allowed_error(half, "float32", 1, 1), parameter
        assert_distributed(value, stats.uniform(-half, 2 * half).cdf, len(drawn), parameter)
    # No two of the parameters are made from the same draws.
    starts = {tuple(np.round(value.ravel()[:4] / limit(parameter, value.shape), 4)) for parameter, value in drawn.items()}
    assert len(starts) == len(drawn)
    for parameter in weights.keys() - drawn.keys():
        value = weights[parameter]
        expected = np.zeros_like(value)
        if parameter.split(".")[0] in ("lstm", "forward", "backward"):
            expected[len(value) // 4 : len(value) // 2] = 1.0
        assert np.array_equal(value, expected), parameter


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("package", PACKAGES)
def test_the_seed_decides_the_initial_weights(package, name):
    """The same seed gives the same bits, another seed other numbers."""
    first, same, other = (built(package, name.partition("-")[0], **MODELS[name], seed=s).export_weights() for s in (3, 3, 4))
    for parameter, value in first.items():
        assert np.array_equal(value, same[parameter]), parameter
        assert value.ndim == 1 or not np.array_equal(value, other[parameter]), parameter


@pytest.mark.parametrize("package", DRAWING)
def test_the_variational_sample_is_normal(package):
    """z = μ + e^(γ/2) ε with ε independent standard normal, another at every call."""
    torch.manual_seed(5)
    model = built(package, "VariationalAutoencoder", sizes=(4, 3), latent=SIDE, seed=5)
    mean, log_var = np.full((2 * SIDE, SIDE), 0.75), np.full((2 * SIDE, SIDE), math.log(4.0))
    first, second = (np.asarray(model.sample(tensor(package, mean), tensor(package, log_var))) for _ in range(2))
    assert_normal(np.concatenate([(first - 0.75) / 2, (second - 0.75) / 2]))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("package", DRAWING)
def test_the_gradient_passes_through_the_sample(package):
    """∂z/∂μ = 1 and ∂z/∂γ = (z − μ) / 2, whatever noise was drawn."""
    model = built(package, "VariationalAutoencoder", sizes=(4, 3), latent=6)
    rng = np.random.default_rng(0)
    mean, log_var, cotangent = (rng.normal(size=(5, 6)) for _ in range(3))
    m, g, weight = (tensor(package, array) for array in (mean, log_var, cotangent))
    if package == "impl_torch":
        m.requires_grad_(), g.requires_grad_()
        z = model.sample(m, g)
        gradients = torch.autograd.grad(z, (m, g), weight)
        z = z.detach()
    else:
        with tf.GradientTape() as tape:
            tape.watch((m, g))
            z = model.sample(m, g)
        gradients = tape.gradient(z, (m, g), output_gradients=weight)
    z, to_mean, to_log_var = (np.asarray(value) for value in (z, *gradients))
    assert np.array_equal(to_mean, cotangent)
    allowed = allowed_error(np.abs(cotangent) * (np.abs(z) + np.abs(mean) + np.abs(log_var * (z - mean))), "float64", 8, 1)
    assert budget_use(np.abs(to_log_var - cotangent * (z - mean) / 2), allowed) <= 1


def transparent(package, corruption, level):
    """A denoising autoencoder that gives back what it is given, so that in training it shows the corrupted input."""
    options = {"corruption": corruption, "level": level, "output_activation": "linear", "seed": 2}
    model = built(package, "DenoisingAutoencoder", sizes=(SIDE, SIDE), **options)
    model.import_weights({n: np.eye(SIDE) if n.endswith("weight") else np.zeros(SIDE) for n in model.export_weights()})
    return model


def seen_in_training(package, model, x):
    """The output in training, where noise is drawn."""
    if package == "impl_torch":
        return model.train()(tensor(package, x)).detach().numpy()
    return model(tensor(package, x), training=True).numpy()


@pytest.mark.parametrize("package", DRAWING)
def test_gaussian_corruption_is_normal(package):
    """x + level · ε with ε independent standard normal."""
    torch.manual_seed(6)
    x = np.full((4 * SIDE, SIDE), 8.0)  # thirty standard deviations above the bend of the ReLU
    values = seen_in_training(package, transparent(package, "gaussian", 0.25), x)
    assert_normal((values - 8.0) / 0.25)


@pytest.mark.parametrize("level", [0.1, 0.25, 0.7])
@pytest.mark.parametrize("corruption", ["masking", "dropout"])
@pytest.mark.parametrize("package", DRAWING)
def test_masking_hides_at_its_level(package, corruption, level):
    """Each input is 0 with probability `level`, independently of its neighbours; the others stay, for dropout over 1 − level."""
    torch.manual_seed(7)
    x = np.full((4 * SIDE, SIDE), 3.0)
    values = seen_in_training(package, transparent(package, corruption, level), x)
    kept = values != 0
    assert_often(kept, 1 - level, 3, "kept")
    assert_often(kept[0::2] & kept[1::2], (1 - level) ** 2, 3, "rows kept together")
    assert_often(kept[:, 0::2] & kept[:, 1::2], (1 - level) ** 2, 3, "columns kept together")
    value = 3.0 / (1 - level) if corruption == "dropout" else 3.0
    assert budget_use(np.abs(values[kept] - value), allowed_error(value, "float64", 3, 1)) <= 1


@pytest.mark.parametrize("name", ["VariationalAutoencoder", "gaussian", "masking", "dropout"])
@pytest.mark.parametrize("package", DRAWING)
def test_nothing_is_drawn_at_inference(package, name):
    """Used, and not trained, the model decodes the mean of the clean input, the same at every call, and leaves given noise out."""
    variational = name == "VariationalAutoencoder"
    options = {"sizes": (6, 5), "latent": 3} if variational else {"sizes": (6, 5), "corruption": name}
    model = built(package, name if variational else "DenoisingAutoencoder", **options)
    array = np.random.default_rng(0).uniform(0.1, 1.0, (8, 6))
    x, noise = tensor(package, array), tensor(package, np.ones((8, 3 if variational else 6)))
    trained = [seen_in_training(package, model, array) for _ in range(2)]
    assert not np.array_equal(*trained)
    with torch.no_grad():
        coding = model.encode(x)
        expected = np.asarray(model.decode(coding[0] if variational else coding))
        called = model.eval()(x) if package == "impl_torch" else model(x, training=False)
        for results in (
            called,
            *(model.inference(**batch)["reconstruction"] for batch in ({"inputs": x}, {"inputs": x, "noise": noise})),
        ):
            assert np.array_equal(np.asarray(results), expected)
