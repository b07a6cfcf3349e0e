"""Steps of optimisers."""

from __future__ import annotations

from conformance.faults.families import MODELS, UNSEEN
from conformance.faults.fault import Change, Fault, Kind

_SGD = "training.sgd:sgd"
_MOMENTUM = "training.momentum:momentum"
_NESTEROV = "training.momentum:nesterov"
_ADAGRAD = "training.adaptive:adagrad"
_RMSPROP = "training.adaptive:rmsprop"
_ADAM = "training.adam:adam"
_ADAM_STEP = "learning_rate * m_hat / (np.sqrt(v_hat) + EPSILON)"
_ROOT = "(np.sqrt(squares) + EPSILON)"


def _step(id: str, sentence: str, hint: str, seen: str, *changes: Change, kind: Kind = "fault") -> Fault:
    return Fault(id, MODELS, sentence, hint, seen, kind, changes)


_DESCENT = (
    _step(
        "gradient_ascent",
        "Gradient descent climbs.",
        "Does the loss fall?",
        UNSEEN,
        Change(_SGD, "parameter - ", "parameter + "),
    ),
    _step(
        "sign_descent",
        "The step has the sign of the gradient, not its size.",
        "How does the step change when the loss is multiplied by 2?",
        UNSEEN,
        Change(_SGD, "* gradient", "* (1.0 * (gradient > 0) - (gradient < 0))"),
    ),
    _step(
        "momentum_sign",
        "The velocity before is subtracted instead of added.",
        "If the gradient stays the same, is the second step larger than the first?",
        "signs mixed of the two ways to write momentum",
        Change(_MOMENTUM, "MOMENTUM * (", "-MOMENTUM * ("),
    ),
    _step(
        "momentum_dampened",
        "The gradient enters the velocity times 1 − μ.",
        "How large is the first step?",
        "torch.optim.SGD(dampening=0.9); momentum written as a moving average",
        Change(_MOMENTUM, "- learning_rate", "- (1 - MOMENTUM) * learning_rate"),
    ),
    _step(
        "momentum_lags",
        "The step is made with the velocity of the step before.",
        "What happens in the first step?",
        UNSEEN,
        Change(_MOMENTUM, "parameter + velocity", 'parameter + (state["velocity"] if state else 0.0)'),
    ),
    _step(
        "momentum_looks_ahead",
        "Momentum steps as Nesterov's does.",
        "How large is the first step?",
        UNSEEN,
        Change(_MOMENTUM, "parameter + velocity", "parameter + MOMENTUM * velocity - learning_rate * gradient"),
    ),
    _step(
        "nesterov_as_momentum",
        "Nesterov's momentum is the classical one.",
        "How large is the first step?",
        "nesterov=True forgotten",
        Change(_NESTEROV, "parameter + MOMENTUM * velocity - learning_rate * gradient", "parameter + velocity"),
    ),
    _step(
        "nesterov_without_gradient",
        "Nesterov's step leaves out the gradient beside the velocity.",
        "How large is the first step?",
        UNSEEN,
        Change(_NESTEROV, "velocity - learning_rate * gradient, {", "velocity, {"),
    ),
    _step(
        "torch_momentum",
        "The learning rate stands outside the velocity, v ← μ v + g and w ← w − η v: the same weights, another state.",
        "By which factor does the velocity differ?",
        "torch.optim.SGD, whose documentation notes the difference from Sutskever et al.",
        Change(_MOMENTUM, "- learning_rate * gradient", "+ gradient"),
        Change(_MOMENTUM, "parameter + velocity", "parameter - learning_rate * velocity"),
        Change(_NESTEROV, "np.zeros_like(parameter)) - learning_rate * gradient", "np.zeros_like(parameter)) + gradient"),
        Change(
            _NESTEROV,
            "parameter + MOMENTUM * velocity - learning_rate * gradient",
            "parameter - learning_rate * (MOMENTUM * velocity + gradient)",
        ),
        kind="variant",
    ),
)

_ADAPTIVE = (
    _step(
        "adagrad_root_missing",
        "AdaGrad divides by the sum of squares instead of its root.",
        "How does the step change when the loss is multiplied by 2?",
        UNSEEN,
        Change(_ADAGRAD, "np.sqrt(squares)", "squares"),
    ),
    _step(
        "adagrad_forgets",
        "AdaGrad divides by the present gradient alone: its squares are not summed.",
        "Do the steps become smaller with time?",
        UNSEEN,
        Change(_ADAGRAD, '(state["squares"] if state else np.zeros_like(parameter)) + ', ""),
    ),
    _step(
        "adagrad_initial_tenth",
        "AdaGrad's sum of squares starts at 0.1.",
        "How large is the first step?",
        "initial_accumulator_value=0.1 of Keras and TensorFlow",
        Change(_ADAGRAD, "np.zeros_like(parameter)", "np.full_like(parameter, 0.1)"),
        kind="variant",
    ),
    _step(
        "adagrad_epsilon_inside",
        "AdaGrad's ε stands under the root.",
        "How large is the step of a tiny gradient?",
        "keras/src/optimizers/adagrad.py",
        Change(_ADAGRAD, _ROOT, "np.sqrt(squares + EPSILON)"),
        kind="variant",
    ),
    _step(
        "rmsprop_root_missing",
        "RMSProp divides by the mean square instead of its root.",
        "How does the step change when the loss is multiplied by 2?",
        UNSEEN,
        Change(_RMSPROP, "np.sqrt(squares)", "squares"),
    ),
    _step(
        "rmsprop_rates_exchanged",
        "ρ and 1 − ρ are exchanged.",
        "How much of the mean square is left after ten steps without a gradient?",
        UNSEEN,
        Change(_RMSPROP, "RHO * (state", "(1 - RHO) * (state"),
        Change(_RMSPROP, "+ (1 - RHO)", "+ RHO"),
    ),
    _step(
        "rmsprop_sums",
        "RMSProp adds up all squares, as AdaGrad does.",
        "Do the steps of a constant gradient become smaller with time?",
        UNSEEN,
        Change(_RMSPROP, "RHO * (state", "(state"),
        Change(_RMSPROP, "+ (1 - RHO) *", "+"),
    ),
    _step(
        "rmsprop_not_squared",
        "RMSProp averages absolute gradients instead of squares.",
        "How does the step change when the loss is multiplied by 2?",
        UNSEEN,
        Change(_RMSPROP, "gradient * gradient", "np.abs(gradient)"),
    ),
    _step(
        "rmsprop_epsilon_inside",
        "RMSProp's ε stands under the root.",
        "How large is the step of a tiny gradient?",
        "keras/src/optimizers/rmsprop.py; TensorFlow",
        Change(_RMSPROP, _ROOT, "np.sqrt(squares + EPSILON)"),
        kind="variant",
    ),
    _step(
        "rmsprop_initial_one",
        "RMSProp's mean square starts at 1.",
        "How large is the first step?",
        "tf.compat.v1.train.RMSPropOptimizer",
        Change(_RMSPROP, "np.zeros_like(parameter)", "np.ones_like(parameter)"),
        kind="variant",
    ),
    _step(
        "torch_rmsprop",
        "RMSProp has PyTorch's defaults, ρ = 0.99 and ε = 1e-8.",
        "What does your framework take where nothing is said?",
        "torch.optim.RMSprop",
        Change("training.adaptive:", "RHO = 0.9\n", "RHO = 0.99\n"),
        Change(_RMSPROP, "+ EPSILON", "+ 1e-8"),
        kind="variant",
    ),
)

_ADAMS = (
    _step(
        "adam_uncorrected",
        "Adam's moments are not corrected for their start at zero.",
        "How large is the first step, in learning rates?",
        "the short form of Adam in many lecture notes",
        Change(_ADAM, "m / (1 - BETA_1**steps), v / (1 - BETA_2**steps)", "m, v"),
    ),
    _step(
        "adam_mean_uncorrected",
        "Adam's first moment is not corrected for its start at zero.",
        "How large is the first step, in learning rates?",
        UNSEEN,
        Change(_ADAM, "m / (1 - BETA_1**steps)", "m"),
    ),
    _step(
        "adam_square_uncorrected",
        "Adam's second moment is not corrected for its start at zero.",
        "How large is the first step, in learning rates?",
        UNSEEN,
        Change(_ADAM, "v / (1 - BETA_2**steps)", "v"),
    ),
    _step(
        "adam_correction_late",
        "Adam's correction counts one step too many.",
        "How large is the first step, in learning rates?",
        "t counted from 1 and raised before it is used",
        Change(_ADAM, "BETA_1**steps", "BETA_1 ** (steps + 1)"),
        Change(_ADAM, "BETA_2**steps", "BETA_2 ** (steps + 1)"),
    ),
    _step(
        "adam_correction_constant",
        "Adam's correction stays that of the first step.",
        "Is the first step right, and the second?",
        "t never raised",
        Change(_ADAM, "BETA_1**steps", "BETA_1"),
        Change(_ADAM, "BETA_2**steps", "BETA_2"),
    ),
    _step(
        "adam_correction_rates_exchanged",
        "Each of Adam's moments is corrected with the other's rate.",
        "How large is the first step, in learning rates?",
        UNSEEN,
        Change(_ADAM, "BETA_1**steps", "BETA_2**steps"),
        Change(_ADAM, "v / (1 - BETA_2**steps)", "v / (1 - BETA_1**steps)"),
    ),
    _step(
        "adam_rates_exchanged",
        "Adam's β₁ and β₂ are exchanged.",
        "Which moment forgets faster?",
        UNSEEN,
        Change("training.adam:", "EPSILON = 0.9, 0.999", "EPSILON = 0.999, 0.9"),
    ),
    _step(
        "adam_mean_not_weighted",
        "The gradient enters Adam's first moment unweighted, m ← β₁m + g.",
        "If the gradient stays the same, what does the first moment tend to?",
        UNSEEN,
        Change(_ADAM, "+ (1 - BETA_1) * gradient", "+ gradient"),
    ),
    _step(
        "adam_square_of_mean",
        "Adam's second moment averages the squares of the first moment.",
        "If the gradient's sign alternates, what does the second moment tend to?",
        UNSEEN,
        Change(_ADAM, "(1 - BETA_2) * gradient * gradient", "(1 - BETA_2) * m * m"),
    ),
    _step(
        "adam_without_mean",
        "Adam steps along the gradient instead of its moving mean.",
        "If the gradient's sign alternates, how large are the steps?",
        UNSEEN,
        Change(_ADAM, "learning_rate * m_hat", "learning_rate * gradient"),
    ),
    _step(
        "adam_root_missing",
        "Adam divides by the second moment instead of its root.",
        "How does the step change when the loss is multiplied by 2?",
        UNSEEN,
        Change(_ADAM, "np.sqrt(v_hat)", "v_hat"),
    ),
    _step(
        "adam_epsilon_inside",
        "Adam's ε stands under the root.",
        "How large is the step of a tiny gradient?",
        "ε in the wrong place, in many optimisers from scratch",
        Change(_ADAM, "np.sqrt(v_hat) + EPSILON", "np.sqrt(v_hat + EPSILON)"),
    ),
    _step(
        "keras_epsilon_hat",
        "Adam's ε is added before the correction, so that it counts more in the first steps.",
        "Is the step right for large gradients?",
        "keras/src/optimizers/adam.py: ε̂ of Kingma & Ba, section 2.1",
        Change(_ADAM, _ADAM_STEP, "learning_rate * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps) * m / (np.sqrt(v) + EPSILON)"),
        kind="variant",
    ),
    _step(
        "torch_default",
        "Adam's ε is 1e-8.",
        "What does your framework take where nothing is said?",
        "torch.optim.Adam",
        Change("training.adam:", "1e-7\n\n", "1e-8\n\n"),
        kind="variant",
    ),
    _step(
        "decoupled_weight_decay",
        "Adam's step also shrinks the weights by η · 0.01.",
        "Do weights without a gradient stay where they are?",
        "torch.optim.AdamW, whose weight_decay is 0.01 where nothing is said",
        Change(_ADAM, "parameter - learning_rate", "parameter * (1 - 0.01 * learning_rate) - learning_rate"),
        kind="variant",
    ),
)

ENTRIES = (*_DESCENT, *_ADAPTIVE, *_ADAMS)
