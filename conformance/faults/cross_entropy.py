"""Binary cross-entropy from logits. Its reductions stand in `reconstruction`."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault, Kind

_PLACE = "formulas.reconstruction:binary_cross_entropy"
_AUTOENCODERS = (
    "StackedAutoencoder",
    "DenoisingAutoencoder",
    "SparseAutoencoder",
    "ContractiveAutoencoder",
    "VariationalAutoencoder",
)
_CLASSIFIERS = ("CharClassifier", "HybridClassifier")
_SPECS = ("binary_cross_entropy", *_CLASSIFIERS, *_AUTOENCODERS)
_FUNCTION = ("binary_cross_entropy",)
_ELEMENTS = "targets * (negative + tail) + (1.0 - targets) * (positive + tail)"
_TARGETS = 'unit_interval("targets", real_array("targets", targets, least_rank=2))'
_LOGITS = 'real_array("logits", logits, least_rank=2)'
_LARGE = "What does your function return for a logit of 40, and of 800, with either label?"
_ZERO = "What is the loss of a logit of 0? Of a large logit with the right label?"
_LABELS = "Try the four corners: labels 0 and 1 with logits −4 and 4. Which two are small?"


def _bce(
    id: str, old: str, new: str, sentence: str, hint: str, seen: str, kind: Kind = "fault", specs: tuple[str, ...] = _SPECS
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, kind, (Change(_PLACE, old, new),))


def _probabilities(clip: str) -> str:
    """The elements by way of probabilities."""
    q = clip.format("sigmoid(logits)")
    return f"-targets * np.log({q}) - (1.0 - targets) * np.log(1.0 - {q})"


ENTRIES = (
    _bce(
        "log_of_sigmoid",
        _ELEMENTS,
        _probabilities("{}"),
        "The logarithm of the sigmoid is taken, which is infinite or NaN for large logits.",
        _LARGE,
        "nearly all first attempts",
        specs=_FUNCTION,
    ),
    _bce(
        "log1p_of_exp",
        _ELEMENTS,
        "np.log1p(np.exp(logits)) - targets * logits",
        "e^z is computed for positive logits too, and overflows.",
        _LARGE,
        "softplus as it stands in textbooks",
        specs=_FUNCTION,
    ),
    _bce("tail_missing", "np.log1p(", "0.0 * np.log1p(", "The term ln(1 + e^−|z|) is missing.", _ZERO, "think of a lost term"),
    _bce(
        "max_missing",
        _ELEMENTS,
        "tail - targets * logits",
        "The term max(z, 0) is missing.",
        "Can your loss be negative?",
        "think of a lost term",
    ),
    _bce(
        "positive_class_only",
        " + (1.0 - targets) * (positive + tail)",
        "",
        "Only label 1 is counted.",
        _LABELS,
        "cross-entropy of several classes applied to one",
    ),
    _bce("negative_class_only", "targets * (negative + tail) + ", "", "Only label 0 is counted.", _LABELS, "think of a lost term"),
    _bce(
        "classes_exchanged",
        _ELEMENTS,
        "(1.0 - targets) * (negative + tail) + targets * (positive + tail)",
        "The labels 0 and 1 are exchanged.",
        _LABELS,
        "think of the probability of class 0",
    ),
    _bce(
        "logits_negated",
        _LOGITS,
        f"-{_LOGITS}",
        "The sign of the logits is wrong.",
        _LABELS,
        "think of energies",
    ),
    _bce(
        "arguments_exchanged",
        _ELEMENTS,
        "np.maximum(targets, 0.0) - targets * logits + np.log1p(np.exp(-np.abs(targets)))",
        "Targets and logits are exchanged.",
        "Which of your two arguments goes through the sigmoid?",
        "rlkit #119",
    ),
    _bce(
        "sigmoid_twice",
        _LOGITS,
        f"sigmoid({_LOGITS})",
        "A sigmoid is applied to the logits before a loss that applies its own.",
        _ZERO,
        "models with a sigmoid output under a loss with from_logits=True",
    ),
    _bce(
        "logits_as_probabilities",
        _ELEMENTS,
        "-targets * np.log(np.clip(logits, 1e-7, 1.0 - 1e-7)) - (1.0 - targets) * np.log1p(-np.clip(logits, 1e-7, 1.0 - 1e-7))",
        "Logits are taken for probabilities.",
        _ZERO,
        "Keras without from_logits=True",
    ),
    _bce(
        "squared_error_for_entropy",
        _ELEMENTS,
        "(targets - sigmoid(logits)) ** 2",
        "The squared error of the probability is returned.",
        "How does the loss grow for a confident wrong answer?",
        "lecture notes that compare the two",
    ),
    _bce(
        "hinge_for_entropy",
        _ELEMENTS,
        "np.maximum(0.0, 1.0 - (2.0 * targets - 1.0) * logits)",
        "It is the hinge loss.",
        _ZERO,
        "losses exchanged by name",
    ),
    _bce(
        "softmax_for_sigmoid",
        _ELEMENTS,
        "-targets * (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))",
        "Features compete in a softmax, where each has a sigmoid of its own.",
        "Does the loss of one feature depend on the logit of another?",
        "CrossEntropyLoss for BCEWithLogitsLoss",
    ),
    _bce(
        "labels_rounded",
        _TARGETS,
        f"np.round({_TARGETS})",
        "Targets are rounded to 0 or 1.",
        "Is the loss for a target of 0.3 the same as for 0?",
        "pictures turned into bits",
    ),
    _bce(
        "targets_from_signs",
        _TARGETS,
        f"(2.0 * {_TARGETS} - 1.0)",
        "Labels are taken for −1 and 1.",
        _LABELS,
        "conventions of support vector machines",
    ),
    _bce(
        "target_entropy_subtracted",
        _ELEMENTS,
        f"{_ELEMENTS} + np.where((targets > 0) & (targets < 1), targets * np.log(np.where(targets > 0, targets, 1.0))"
        " + (1.0 - targets) * np.log1p(-np.where(targets < 1, targets, 0.0)), 0.0)",
        "The entropy of the targets is subtracted: it is the divergence.",
        "What is the loss of target ½ with logit 0?",
        "relative entropy for cross-entropy",
    ),
    _bce(
        "bce_negated", "_reduce(elements,", "_reduce(-elements,", "The sign is wrong.", "Can your loss be negative?", "a likelihood"
    ),
    _bce(
        "bce_doubled",
        "_reduce(elements,",
        "_reduce(2.0 * elements,",
        "The loss is doubled.",
        _ZERO,
        "both classes averaged, then ×2",
    ),
    _bce(
        "bce_halved", "_reduce(elements,", "_reduce(0.5 * elements,", "The loss is halved.", _ZERO, "mean of the two classes' terms"
    ),
    _bce(
        "bce_default_sum",
        'reduction: str = "mean"',
        'reduction: str = "sum"',
        "The reduction is the sum by default.",
        "Call the function without the optional argument.",
        "copies of variational autoencoders",
        specs=_FUNCTION,
    ),
    _bce(
        "keras_clip",
        _ELEMENTS,
        _probabilities("np.clip({}, 1e-7, 1.0 - 1e-7)"),
        "Probabilities are clipped to [1e-7, 1 − 1e-7], so no element costs more than about 16.",
        _LARGE,
        "keras.losses.binary_crossentropy of probabilities",
        kind="variant",
    ),
    _bce(
        "torch_clamp100",
        _ELEMENTS,
        "targets * np.minimum(negative + tail, 100.0) + (1.0 - targets) * np.minimum(positive + tail, 100.0)",
        "Logarithms are clamped at −100, so no element costs more than 100.",
        _LARGE,
        "torch.nn.BCELoss of probabilities",
        kind="variant",
    ),
    _bce(
        "label_smoothing",
        _TARGETS,
        f"(0.9 * {_TARGETS} + 0.05)",
        "Labels are smoothed: 0.05 and 0.95 instead of 0 and 1.",
        "What is the loss of a large logit with the right label?",
        "keras.losses.BinaryCrossentropy(label_smoothing=0.1)",
        kind="variant",
    ),
    # Everything that is measured in nats at once.
    Fault(
        "bits",
        ("kl_sparsity_loss", "vae_kl_loss", "binary_cross_entropy"),
        "The result is in bits: logarithms have base 2.",
        "Compare your result with the expected one in the simplest case: what is their ratio?",
        "texts on information theory",
        "variant",
        (
            Change("formulas.sparsity:kl_sparsity_loss", "q - p)).sum()", "q - p)).sum() / np.log(2.0)"),
            Change("formulas.variational:vae_kl_loss", "(per_sample, reduction)", "(per_sample / np.log(2.0), reduction)"),
            Change(_PLACE, "_reduce(elements,", "_reduce(elements / np.log(2.0),"),
        ),
    ),
)
