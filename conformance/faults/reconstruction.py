"""Squared reconstruction error, and the reductions that it shares with the cross-entropy."""

from __future__ import annotations

import numpy as np

from conformance.faults.fault import Change, Fault, Kind

_PLACE = "formulas.reconstruction:mean_squared_error"
_REDUCE = "formulas.reconstruction:_reduce"
_AUTOENCODERS = ("StackedAutoencoder", "DenoisingAutoencoder", "SparseAutoencoder", "ContractiveAutoencoder", "LinearAutoencoder")
_SPECS = ("mean_squared_error", *_AUTOENCODERS, "VariationalAutoencoder")
_FUNCTION = ("mean_squared_error",)
_LOSSES = ("mean_squared_error", "binary_cross_entropy")
_SQUARE = "(inputs - reconstructions) ** 2"
_RETURNED = f'_reduce({_SQUARE}, one_of("reduction", reduction, REDUCTIONS))'
_PER_SAMPLE = "elements.reshape(len(elements), -1).sum(axis=1)"
_BY_HAND = "Compute the loss of one sample with one feature, input 0 and reconstruction 2, by hand."
_REPEATED = "How does the loss change when every sample, or every feature, is stated twice?"
_CALLED = "Call your function once with each of the reductions."


def _mse(
    id: str,
    new: str,
    sentence: str,
    hint: str,
    seen: str,
    kind: Kind = "fault",
    specs: tuple[str, ...] = _SPECS,
    old: str = _SQUARE,
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, kind, (Change(_PLACE, old, new),))


def _reduced(
    id: str, old: str, new: str, sentence: str, hint: str, seen: str, kind: Kind = "fault", specs: tuple[str, ...] = _LOSSES
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, kind, (Change(_REDUCE, old, new),))


def _expanded(inputs, reconstructions, reduction="mean"):
    """Magnitudes of the terms x², 2xr and r² as they are added."""
    elements = (np.abs(inputs) + np.abs(reconstructions)) ** 2
    rows = elements.sum(axis=1)
    return elements.mean() if reduction == "mean" else rows.mean() if reduction == "sum" else rows


ENTRIES = (
    _mse("square_missing", "(inputs - reconstructions)", "The difference is not squared.", _BY_HAND, "think of a lost exponent"),
    _mse(
        "absolute_error",
        "np.abs(inputs - reconstructions)",
        "The absolute error stands in for the squared one.",
        _BY_HAND,
        "losses exchanged by name",
    ),
    _mse(
        "difference_of_squares",
        "(inputs**2 - reconstructions**2)",
        "The squares are subtracted instead of the difference being squared.",
        "Can your loss be negative?",
        "think of lost parentheses",
    ),
    _mse(
        "sum_squared",
        "(inputs + reconstructions) ** 2",
        "The sum is squared instead of the difference.",
        "What is the loss of a perfect reconstruction?",
        "a sign lost where a negated array came in",
    ),
    _mse(
        "mse_negated",
        "-((inputs - reconstructions) ** 2)",
        "The sign is wrong.",
        "Can your loss be negative?",
        "a score for a loss",
    ),
    _mse(
        "centred_error",
        "(inputs - reconstructions - (inputs - reconstructions).mean(axis=0)) ** 2",
        "The mean error of the batch is subtracted before squaring.",
        "What is the loss where every reconstruction is off by the same amount?",
        "centred reconstruction scored against uncentred input",
    ),
    _mse(
        "input_centred",
        "(inputs - inputs.mean(axis=0) - reconstructions) ** 2",
        "The input is centred, the reconstruction is not.",
        "What is the loss of a perfect reconstruction?",
        "PCA as an autoencoder, scored before the mean is added back",
    ),
    _mse(
        "reconstruction_clipped",
        "(inputs - np.clip(reconstructions, 0.0, 1.0)) ** 2",
        "Reconstructions are clipped to [0, 1] first.",
        "Does the loss grow when a reconstruction moves from 1 to 2?",
        "code for pictures",
        specs=_FUNCTION,
    ),
    _mse(
        "reconstruction_squashed",
        "(inputs - 1.0 / (1.0 + np.exp(-np.clip(reconstructions, -700.0, 700.0)))) ** 2",
        "A sigmoid is applied to the reconstruction.",
        "What is the loss of a perfect reconstruction?",
        "a second sigmoid behind the output layer's",
    ),
    _mse(
        "relative_error",
        "((inputs - reconstructions) / (np.abs(inputs) + 1e-8)) ** 2",
        "Errors are divided by the input: relative errors are squared.",
        "Compare an error of 1 at the input 1 with one at the input 2.",
        "think of percentages",
    ),
    _mse(
        "huber_for_square",
        "np.where(np.abs(inputs - reconstructions) < 1, 0.5 * (inputs - reconstructions) ** 2, np.abs(inputs - reconstructions) - 0.5)",
        "Large errors enter linearly, as in Huber's loss.",
        "How does the loss grow when a large error doubles?",
        "SmoothL1Loss for MSELoss",
    ),
    _mse("fourth_power", "(inputs - reconstructions) ** 4", "The square is squared again.", _BY_HAND, "a square taken twice"),
    _mse(
        "logarithmic_error",
        "(np.log1p(np.abs(inputs)) - np.log1p(np.abs(reconstructions))) ** 2",
        "Logarithms are compared.",
        _BY_HAND,
        "losses exchanged by name",
    ),
    _mse(
        "root_of_error",
        "return np.sqrt(" + _RETURNED + ")",
        "The root of the error is returned.",
        _BY_HAND,
        "RMSE reported as MSE",
        old="return " + _RETURNED,
    ),
    _mse(
        "half_sse",
        "0.5 * (inputs - reconstructions) ** 2",
        "The squared error carries the factor ½.",
        _BY_HAND,
        "texts that differentiate it; the Gaussian log-likelihood",
        kind="variant",
    ),
    Fault(
        "expanded_square",
        _FUNCTION,
        "The square is multiplied out, which loses the digits where input and reconstruction are close.",
        "What is left of x² − 2xr + r² when x and r agree in most of their digits?",
        "distance matrices by matrix products",
        changes=(Change(_PLACE, _SQUARE, "(inputs**2 - 2 * inputs * reconstructions + reconstructions**2)"),),
        noise=_expanded,
    ),
    _reduced(
        "sum_for_mean",
        "elements.mean()",
        "elements.sum()",
        "The reduction 'mean' sums over everything.",
        _REPEATED,
        "common in tutorials",
    ),
    _reduced(
        "mean_over_features",
        "elements.mean()",
        f"{_PER_SAMPLE}.sum() / elements[0].size",
        "The reduction 'mean' averages over the features but sums over the batch.",
        _REPEATED,
        "wrong normalisers are discussed in pytorch/examples #290 and #294",
    ),
    _reduced(
        "mean_over_batch",
        "elements.mean()",
        f"{_PER_SAMPLE}.mean()",
        "The reduction 'mean' averages over the batch but sums over the features.",
        _REPEATED,
        "common in variational autoencoders",
    ),
    _reduced(
        "mean_for_feature_sum",
        "per_sample.mean() if",
        "elements.mean() if",
        "The reduction 'sum' averages over the features.",
        _REPEATED,
        "keras #3373",
    ),
    Fault(
        "sum_batch",
        _FUNCTION,
        "The reduction 'sum' sums over the batch too.",
        _REPEATED,
        "pytorch/examples",
        changes=(Change(_REDUCE, "per_sample.mean() if", "per_sample.sum() if"),),
    ),
    _reduced(
        "sum_bce",
        "per_sample.mean() if",
        "per_sample.sum() if",
        "The reconstruction is summed over the batch too.",
        _REPEATED,
        "pytorch/examples: reduction='sum'",
        kind="variant",
        specs=("binary_cross_entropy", "VariationalAutoencoder"),
    ),
    _reduced(
        "samples_axis",
        _PER_SAMPLE,
        "elements.sum(axis=0)",
        "The sum runs over the batch where it should run over the features.",
        "How many numbers does the reduction 'none' return, and what do they belong to?",
        "think of exchanged axes",
    ),
    _reduced(
        "last_feature_lost",
        _PER_SAMPLE,
        "elements.reshape(len(elements), -1)[:, :-1].sum(axis=1)",
        "The last feature is left out of the sums.",
        "Which features does your loop or slice reach? Change only the last one.",
        "loops that end one too early",
    ),
    _reduced(
        "norm_of_samples",
        _PER_SAMPLE,
        f"np.sqrt(np.abs({_PER_SAMPLE}))",
        "The root of every sample's sum is taken.",
        "How does the loss grow when all errors double?",
        "norms for their squares",
    ),
    _reduced(
        "reduction_ignored",
        'if reduction == "mean":',
        "if True:",
        "The reduction is not looked at: it is always the mean.",
        _CALLED,
        "think of an argument that was added and forgotten",
    ),
    _reduced(
        "reductions_exchanged",
        'if reduction == "sum" else',
        'if reduction == "none" else',
        "The reductions 'sum' and 'none' are exchanged.",
        _CALLED,
        "branches in the wrong order",
    ),
    _reduced(
        "mean_batch_twice",
        "elements.mean()",
        "elements.mean() / len(elements)",
        "The mean is divided by the batch size once more.",
        _REPEATED,
        "losses that average what is already an average",
    ),
    _reduced(
        "keras_none_mean",
        "else per_sample",
        "else per_sample / elements[0].size",
        "Without a reduction the features are averaged, not summed.",
        _CALLED,
        "keras.losses with reduction=None",
        kind="variant",
    ),
    _reduced(
        "torch_none",
        "else per_sample",
        "else elements",
        "Without a reduction nothing is summed: it returns the loss of every element.",
        "Of which shape is the result of the reduction 'none'?",
        "torch.nn with reduction='none'",
        kind="variant",
    ),
)
