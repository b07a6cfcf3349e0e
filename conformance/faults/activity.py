"""L1 activity."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault, Kind

_PLACE = "formulas.sparsity:l1_activity_loss"
_SPECS = ("l1_activity_loss", "SparseAutoencoder")
# Codings of the model are sigmoids, so never negative: what happens to negative activities shows in the formula alone.
_FUNCTION = ("l1_activity_loss",)
_MAGNITUDE = "np.where(np.real(activations) < 0, -activations, activations)"


def _l1(
    id: str, old: str, new: str, sentence: str, hint: str, seen: str, kind: Kind = "fault", specs: tuple[str, ...] = _SPECS
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, kind, (Change(_PLACE, old, new),))


ENTRIES = (
    _l1(
        "abs_missing",
        _MAGNITUDE,
        "activations",
        "The activities are summed with their signs.",
        "What does your penalty say of activities 1 and −1?",
        "OSU-NLP saev #19",
        specs=_FUNCTION,
    ),
    _l1(
        "abs_of_sum",
        "magnitude.sum()",
        "np.abs(activations.sum())",
        "The sum is made positive, not each activity.",
        "What does your penalty say of activities 1 and −1?",
        "think of the two operations in the wrong order",
        specs=_FUNCTION,
    ),
    _l1(
        "abs_of_rows",
        "magnitude.sum()",
        "np.abs(activations.sum(axis=1)).sum()",
        "The sum of every sample is made positive, not each activity.",
        "What does your penalty say of one sample with activities 1 and −1?",
        "think of the two operations in the wrong order",
        specs=_FUNCTION,
    ),
    _l1(
        "positive_part",
        _MAGNITUDE,
        "np.maximum(activations, 0.0)",
        "Negative activities cost nothing.",
        "What does your penalty say of an activity of −1?",
        "penalties written for codings behind a ReLU",
        specs=_FUNCTION,
    ),
    _l1(
        "l2_norm",
        "magnitude.sum()",
        "np.sqrt((activations**2).sum(axis=1)).sum()",
        "The Euclidean norm of every sample stands in for the sum of magnitudes.",
        "Compare the penalty of (1, 1) with that of (2, 0).",
        "ML-From-Scratch PR #103",
    ),
    _l1(
        "norm_over_batch",
        "magnitude.sum()",
        "np.sqrt((activations**2).sum(axis=0)).sum()",
        "A norm is taken over the batch axis, unit by unit.",
        "Which axis does the norm that you call run over by default?",
        "SAELens PR #119",
    ),
    _l1(
        "l1_squared",
        "magnitude.sum()",
        "(activations**2).sum()",
        "The activities are squared: this is weight decay's penalty, L2.",
        "How does the penalty grow when an activity doubles?",
        "calls of the regulariser with the neighbouring name",
    ),
    _l1(
        "l1_rooted",
        "magnitude.sum()",
        "np.sqrt(magnitude).sum()",
        "The root of every magnitude is summed.",
        "How does the penalty grow when an activity doubles?",
        "think of a norm undone twice",
    ),
    _l1(
        "l1_largest",
        "magnitude.sum()",
        "magnitude.max(axis=1).sum()",
        "Only the largest activity of every sample counts.",
        "Does the penalty change when you move a unit that is not the largest?",
        "the order of a norm is an argument, and infinity is one of its values",
    ),
    _l1(
        "l1_counted",
        "magnitude.sum()",
        "(magnitude > 0).sum()",
        "Active units are counted; how active they are does not matter.",
        "Double all activities: what should happen?",
        "L0 reported as L1",
    ),
    _l1(
        "l1_smoothed",
        "magnitude.sum()",
        "np.sqrt(activations**2 + 1e-6).sum()",
        "The magnitude is smoothed near zero, so that inactive units cost something.",
        "What does your penalty say of activities that are all zero?",
        "think of a cure for the kink at zero",
    ),
    _l1(
        "l1_thresholded",
        "magnitude.sum()",
        "np.maximum(magnitude - 0.01, 0.0).sum()",
        "Activities below 0.01 cost nothing, and all others 0.01 less.",
        "What does your penalty say of very small activities?",
        "think of soft thresholding in the wrong place",
    ),
    _l1(
        "divided_by_units",
        "activations.shape[0]",
        "activations.shape[1]",
        "The sum is divided by the number of units instead of the batch size.",
        "Which length of the array counts samples?",
        "think of exchanged axes",
    ),
    _l1(
        "l1_unit_lost",
        "magnitude.sum()",
        "magnitude[:, :-1].sum()",
        "The last unit is left out of the sum.",
        "Which units does your loop or slice reach? Change only the last one.",
        "loops that end one too early",
    ),
    _l1(
        "l1_weight_twice",
        "return weight *",
        "return weight * weight *",
        "The weight is applied twice.",
        "Compare the penalty for two weights, one twice the other.",
        "penalty functions that multiply, called by losses that multiply again",
    ),
    _l1(
        "l1_weight_missing",
        "return weight * ",
        "return ",
        "The weight is not used.",
        "Compare the penalty for two weights, one twice the other.",
        "think of an argument that was added and forgotten",
    ),
    _l1(
        "l1_halved",
        "return weight *",
        "return 0.5 * weight *",
        "The penalty is half of what it should be.",
        "Compute the penalty of a single activity of 1 by hand.",
        "the ½ of L2 penalties carried over",
    ),
    _l1(
        "l1_negated",
        "return weight *",
        "return -weight *",
        "The sign of the penalty is wrong.",
        "Is your penalty smallest or largest where nothing is active?",
        "think of a reward turned into a loss",
    ),
    _l1(
        "sum_all",
        " / activations.shape[0]",
        "",
        "The penalty is summed over the batch, not averaged.",
        "How does the penalty change when every sample is stated twice?",
        "Keras 3.0 to 3.13; keras #22018",
        kind="variant",
    ),
    _l1(
        "mean_all",
        "activations.shape[0]",
        "activations.size",
        "The penalty is averaged over units too.",
        "How does the penalty change when every unit is stated twice?",
        "many PyTorch copies: codings.abs().mean()",
        kind="variant",
    ),
)
