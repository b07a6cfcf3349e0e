"""Optimisers and training steps against exact arithmetic, steps worked by hand, and torch.optim."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

from conformance.tolerance import PERTURBATIONS, ROUNDINGS_PER_LAYER, UNIT_ROUNDOFF, allowed_error, measured_scale, perturbation
from reference import StackedAutoencoder
from reference.training import OPTIMIZERS, adam, sgd
from tests.reference.agreement import budget_use, worst_over
from tests.reference.exact import distance
from tests.reference.mp_arrays import mpfs

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
U = UNIT_ROUNDOFF["float64"]


def gradient_sequences(count):
    """(parameter, gradients of 1 to 12 steps, learning rate), from tiny to huge, some of them zero."""
    rng = np.random.default_rng(7)
    for _ in range(count):
        sizes = 10.0 ** rng.integers(-12, 6, (int(rng.integers(1, 13)), 1))
        gradients = rng.normal(size=(len(sizes), 3)) * sizes * (rng.random((len(sizes), 3)) > 0.1)
        yield rng.normal(size=3), gradients, 10.0 ** rng.uniform(-5, 0)


def stepped(step, parameter, gradients, learning_rate):
    """The parameter after every gradient, by the reference."""
    state = None
    for gradient in gradients:
        parameter, state = step(parameter, gradient, state, learning_rate)
    return parameter


def exact_sgd(parameter, gradients, learning_rate):
    """w − η Σ g, in fractions."""
    total = [sum(map(Fraction, column)) for column in gradients.T]
    return np.array([Fraction(w) - Fraction(learning_rate) * g for w, g in zip(parameter, total, strict=True)], dtype=object)


def exact_adam(parameter, gradients, learning_rate):
    """Algorithm 1 of Kingma & Ba with ε after the correction, from the unrolled sums."""
    with mp.workdps(50):
        b1, b2, w, g = mpf(BETA_1), mpf(BETA_2), mpfs(parameter), mpfs(gradients)
        for t in range(1, len(g) + 1):
            m = sum((1 - b1) * b1 ** (t - i) * g[i - 1] for i in range(1, t + 1)) / (1 - b1**t)
            v = sum((1 - b2) * b2 ** (t - i) * g[i - 1] ** 2 for i in range(1, t + 1)) / (1 - b2**t)
            w = w - mpf(learning_rate) * m / (np.frompyfunc(mp.sqrt, 1, 1)(v) + mpf(EPSILON))
        return w


def allowed_for_sgd(parameter, gradients, learning_rate):
    """Every step rounds a product and a difference."""
    travelled = np.abs(parameter) + learning_rate * np.abs(gradients).sum(axis=0)
    return len(gradients) * allowed_error(travelled, "float64", 1, 1)


def allowed_for_adam(parameter, gradients, learning_rate):
    """Relative errors: t + 4 in each moment; two units beside 1 in βᵗ, which 1 − βᵗ magnifies; four more in the step."""
    m, v, travelled, error = 0.0, 0.0, np.abs(parameter), 0.0
    for t, gradient in enumerate(gradients, start=1):
        m, v = BETA_1 * m + (1 - BETA_1) * np.abs(gradient), BETA_2 * v + (1 - BETA_2) * gradient**2
        size = learning_rate * m / (1 - BETA_1**t) / (np.sqrt(v / (1 - BETA_2**t)) + EPSILON)
        relative = (t + 4) + 2 / (1 - BETA_1**t) + 0.5 * (t + 4 + 2 / (1 - BETA_2**t)) + 4
        travelled = travelled + size
        error = error + U * (relative * size + travelled)
    return error


EXACT = {"sgd": (sgd, exact_sgd, allowed_for_sgd), "adam": (adam, exact_adam, allowed_for_adam)}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_steps_are_exact(name):
    """After 1 to 12 given gradients the parameter lies within rounding of the exact recurrence."""
    step, exact, allowed = EXACT[name]
    subtract = np.frompyfunc(lambda a, e: float(abs(Fraction(a) - e)), 2, 1)

    def use_at(_, case):
        error = subtract(stepped(step, *case), exact(*case)) if name == "sgd" else distance(stepped(step, *case), exact(*case))
        return budget_use(error, allowed(*case))

    worst = worst_over(gradient_sequences(500), use_at)
    assert worst.use <= 1, str(worst)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_steps_are_those_of_torch(name):
    """torch.optim, given the same gradients and ε = 1e-7, arrives at the same parameter."""
    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    step, _, allowed = EXACT[name]

    def use_at(_, case):
        parameter, gradients, learning_rate = case
        tensor = torch.tensor(parameter, requires_grad=True)
        optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[name](
            [tensor], lr=learning_rate, **({"betas": (BETA_1, BETA_2), "eps": EPSILON} if name == "adam" else {})
        )
        for gradient in gradients:
            tensor.grad = torch.tensor(gradient)
            optimizer.step()
        return budget_use(np.abs(stepped(step, *case) - tensor.detach().numpy()), 2 * allowed(*case))

    worst = worst_over(gradient_sequences(100), use_at)
    assert worst.use <= 1, str(worst)


def test_first_adam_step_goes_by_the_learning_rate():
    """Whatever its size, a first gradient far above ε moves the parameter by η against its sign."""
    gradient = np.array([1e3, -1.0, 0.0])
    moved = stepped(adam, np.zeros(3), gradient[None], 0.5)
    # |ε / g| = 1e-7 is the shortfall for g = 1.
    assert np.all(np.abs(moved + 0.5 * np.sign(gradient)) <= 0.5 * EPSILON)


def scalar_model():
    """x̂ = (x w + b) v + c for one number, with w = v = ½ and b = c = 0."""
    model = StackedAutoencoder((1, 1), "linear", "linear")
    model.import_weights({n: np.full(s, 0.5 if n.endswith("weight") else 0.0) for n, s in model.parameter_shapes.items()})
    return model


def test_gradient_descent_worked_by_hand():
    """x = 1: x̂ = ¼, loss 9/16; gradients −¾, −¾, −¾, −3/2 with η = ½ give ⅞, ⅜, ⅞, ¾, hence x̂ = 59/32 and loss (27/32)²."""
    model = scalar_model()
    batch = {"inputs": np.ones((1, 1))}
    assert model.training_steps([batch], "sgd", 0.5) == [9 / 16]
    assert [float(w.ravel()[0]) for w in model.weights.values()] == [7 / 8, 3 / 8, 7 / 8, 3 / 4]
    assert model.training_steps([batch], "sgd", 0.5) == [(27 / 32) ** 2]


def test_gradient_descent_in_fractions():
    """Four steps in exact fractions, on a batch of two, are followed to within the rounding of their steps."""
    model, xs, rate = scalar_model(), (Fraction(1, 4), Fraction(3, 4)), Fraction(1, 8)
    w, b, v, c = Fraction(1, 2), Fraction(0), Fraction(1, 2), Fraction(0)
    expected_losses = []
    for _ in range(4):
        hidden = [x * w + b for x in xs]
        errors = [h * v + c - x for h, x in zip(hidden, xs, strict=True)]
        expected_losses.append(sum(e * e for e in errors) / 2)
        gradient_w = sum(e * v * x for e, x in zip(errors, xs, strict=True))
        gradient_v = sum(e * h for e, h in zip(errors, hidden, strict=True))
        w, b, v, c = w - rate * gradient_w, b - rate * sum(errors) * v, v - rate * gradient_v, c - rate * sum(errors)
    losses = model.training_steps([{"inputs": np.array([[0.25], [0.75]])}] * 4, "sgd", 1 / 8)
    actual = [*losses, *(float(x.ravel()[0]) for x in model.weights.values())]
    # Every quantity stays below 1 and every step adds at most twenty roundings of such quantities.
    error = [abs(float(Fraction(a) - e)) for a, e in zip(actual, [*expected_losses, w, b, v, c], strict=True)]
    assert budget_use(error, 4 * allowed_error(1.0, "float64", 20, 1)) <= 1


def trained(model, weights, batches, optimizer, learning_rate):
    """The weights after training from `weights`, and the losses."""
    model.import_weights(weights)
    losses = model.training_steps(batches, optimizer, learning_rate)
    return {**model.export_weights(), "losses": np.array(losses)}


def torch_optimizers(torch):
    """PyTorch's class and options for every optimiser."""
    return {
        "sgd": (torch.optim.SGD, {}),
        "momentum": (torch.optim.SGD, {"momentum": 0.9}),
        "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        "adagrad": (torch.optim.Adagrad, {"eps": EPSILON}),
        "rmsprop": (torch.optim.RMSprop, {"alpha": 0.9, "eps": EPSILON}),
        "adam": (torch.optim.Adam, {"eps": EPSILON}),
    }


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
@pytest.mark.parametrize("loss", ["mean_squared_error", "binary_cross_entropy"])
def test_training_is_that_of_torch(optimizer, loss):
    """Five steps of torch's autograd and optimiser give the same weights and losses within the measured spread of the reference."""
    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    rng, learning_rate, steps = np.random.default_rng(5), 0.05, 5
    model = StackedAutoencoder((5, 4, 2), "tanh", loss=loss, seed=2)
    weights = {n: rng.normal(0, 0.6, s) for n, s in model.parameter_shapes.items()}
    batches = [{"inputs": rng.random((3, 5))} for _ in range(steps)]
    actual = trained(model, weights, batches, optimizer, learning_rate)

    tensors = {n: torch.tensor(w, requires_grad=True) for n, w in weights.items()}
    build, options = torch_optimizers(torch)[optimizer]
    stepper = build(tensors.values(), lr=learning_rate, **options)
    losses = []
    for batch in batches:
        x = target = torch.tensor(batch["inputs"])
        for prefix in ("encoder.0", "encoder.1", "decoder.0", "decoder.1"):
            z = x @ tensors[f"{prefix}.weight"] + tensors[f"{prefix}.bias"]
            x = torch.tanh(z)
        functional = torch.nn.functional
        value = (
            functional.mse_loss(torch.sigmoid(z), target)
            if loss == "mean_squared_error"
            else functional.binary_cross_entropy_with_logits(z, target)
        )
        stepper.zero_grad()
        value.backward()
        stepper.step()
        losses.append(value.item())
    expected = {**{n: t.detach().numpy() for n, t in tensors.items()}, "losses": np.array(losses)}

    def moved(values):
        return values * (1 + perturbation("float64") * rng.choice([-1.0, 1.0], np.shape(values)))

    def perturbed():
        moved_batches = [{"inputs": moved(batch["inputs"])} for batch in batches]
        return trained(model, {n: moved(w) for n, w in weights.items()}, moved_batches, optimizer, learning_rate)

    runs = [perturbed() for _ in range(PERTURBATIONS)]
    for name, value in actual.items():
        scale = measured_scale(value, [run[name] for run in runs], "float64")
        allowed = allowed_error(scale, "float64", ROUNDINGS_PER_LAYER * 4, 5)
        assert budget_use(np.abs(value - expected[name]), allowed) <= 1, name


def test_state_lives_within_one_call():
    """Two batches in one call carry Adam's moments over; a new call starts anew; SGD has none to carry."""
    batch, weights = {"inputs": np.full((2, 1), 0.75)}, scalar_model().export_weights()
    for optimizer, same in (("sgd", True), ("adam", False)):
        once, twice = scalar_model(), scalar_model()
        once.training_steps([batch, batch, batch], optimizer, 0.25)
        for _ in range(3):
            twice.training_steps([batch], optimizer, 0.25)
        assert all(np.array_equal(once.weights[n], twice.weights[n]) for n in weights) == same


def test_no_batches_no_change():
    """Without a batch nothing moves and there is no loss."""
    model = scalar_model()
    before = model.export_weights()
    assert model.training_steps([]) == []
    assert all(np.array_equal(model.weights[n], w) for n, w in before.items())


def test_adam_learns():
    """Two hundred steps on one small batch reduce its loss a hundredfold."""
    model = StackedAutoencoder((4, 6, 5), "tanh", loss="mean_squared_error", seed=0)
    losses = model.training_steps([{"inputs": np.random.default_rng(0).random((3, 4))}] * 400, "adam", 0.02)
    assert losses[-1] < losses[0] / 100
