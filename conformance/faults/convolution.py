"""Convolution over time and the maximum over time."""

from __future__ import annotations

from conformance.faults.families import CHARACTER_MODELS, UNSEEN
from conformance.faults.fault import Change, Fault

_CONV = "layers.convolution:conv1d"
_CONV_VJP = "layers.convolution:conv1d_vjp"
_POOL = "layers.convolution:global_max_pooling"
_POOL_VJP = "layers.convolution:global_max_pooling_vjp"
_PUT = "np.put_along_axis(x_bar, _peak(x), cotangent[:, None], axis=1)"
_CELL = "models.sequence_cells:Convolution.forward"
_CELL_VJP = "models.sequence_cells:Convolution.backward"


def _fault(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, CHARACTER_MODELS, sentence, hint, seen, changes=changes)


ENTRIES = (
    _fault(
        "convolution_flipped",
        "The kernel is flipped, as in mathematics and scipy.signal, but in no framework.",
        "Feed a single one: in which order does the kernel appear around it?",
        "np.convolve and scipy.signal.convolve against Conv1D",
        Change(_CONV, "kernel[k]", "kernel[width - 1 - k]"),
    ),
    _fault(
        "convolution_causal",
        "All zeros of the padding stand on the left.",
        "Feed a single one: at which steps does it show?",
        'Conv1D(padding="causal")',
        Change("layers.convolution:_pad", "left = (width - 1) // 2", "left = width - 1"),
        Change(_CONV_VJP, "left = (width - 1) // 2", "left = width - 1"),
    ),
    _fault(
        "convolution_padding_left",
        "A kernel of even width has the odd zero on the left instead of the right.",
        "Is it right for kernels of odd width?",
        "padding=K // 2 in PyTorch, cut to length",
        Change("layers.convolution:_pad", "(width - 1) // 2", "width // 2"),
        Change(_CONV_VJP, "(width - 1) // 2", "width // 2"),
    ),
    _fault(
        "convolution_bias_missing",
        "The convolution leaves out its bias.",
        "What should stand at a step whose window is all zero?",
        UNSEEN,
        Change(_CONV, " + bias", ""),
    ),
    _fault(
        "convolution_bias_every_tap",
        "The convolution adds its bias once for every step of the kernel.",
        "Is it right for kernels of width 1?",
        UNSEEN,
        Change(_CONV, "+ bias", "+ width * bias"),
    ),
    _fault(
        "convolution_without_relu",
        "The ReLU behind the convolution is missing.",
        "Are there states below zero?",
        UNSEEN,
        Change(_CELL, 'ACTIVATIONS["relu"].apply(', "("),
    ),
    _fault(
        "convolution_gradient_one_tap",
        "The cotangent of the input is that of the kernel's last step alone.",
        "Is the embedding's gradient right for kernels of width 1?",
        UNSEEN,
        Change(_CONV_VJP, "+= cotangent @ kernel[k].T", "= cotangent @ kernel[k].T"),
    ),
    _fault(
        "convolution_gradient_flipped",
        "Backwards the kernel is taken in the wrong order.",
        "Is the embedding's gradient right for kernels of width 1?",
        UNSEEN,
        Change(_CONV_VJP, "kernel[k].T", "kernel[width - 1 - k].T"),
    ),
    _fault(
        "pooling_average",
        "The mean over time is taken instead of the maximum.",
        "What does pooling say of a channel that is 1 at one step and 0 at all others?",
        "GlobalAveragePooling1D for GlobalMaxPooling1D",
        Change(_POOL, "np.take_along_axis(x, _peak(x), axis=1)[:, 0]", "x.mean(axis=1)"),
    ),
    _fault(
        "pooling_last_step",
        "The last step is taken instead of the maximum over time.",
        "Does the summary change when the characters are put in another order?",
        "the same indexing [:, -1] for all cells",
        Change(_POOL, "np.take_along_axis(x, _peak(x), axis=1)[:, 0]", "x[:, -1]"),
    ),
    _fault(
        "pooling_gradient_everywhere",
        "The cotangent of the maximum goes to all steps.",
        "Which steps can move the maximum?",
        UNSEEN,
        Change(_POOL_VJP, _PUT, "x_bar += cotangent[:, None]"),
    ),
    _fault(
        "pooling_gradient_to_last",
        "The cotangent of the maximum goes to the last step.",
        "Which steps can move the maximum?",
        UNSEEN,
        Change(_POOL_VJP, _PUT, "x_bar[:, -1] = cotangent"),
    ),
    _fault(
        "pooling_gradient_to_all_equals",
        "Every step that equals the maximum receives the whole cotangent.",
        "What happens where a text repeats itself?",
        "backward passes with the mask x == x.max()",
        Change(_POOL_VJP, _PUT, "x_bar += cotangent[:, None] * (x == x.max(axis=1, keepdims=True))"),
    ),
    Fault(
        "pooling_gradient_shared",
        CHARACTER_MODELS,
        "Steps that share the maximum share its cotangent in equal parts.",
        "What happens where a text repeats itself?",
        "tf.reduce_max and torch.amax",
        "variant",
        (
            Change(
                _POOL_VJP,
                _PUT,
                "peaks = x == x.max(axis=1, keepdims=True)\n    x_bar += cotangent[:, None] * peaks / peaks.sum(axis=1, keepdims=True)",
            ),
        ),
        because="Above zero steps tie where their windows hold the same ids, so their shares meet again in the same rows; at zero the ReLU "
        "stops them. Different windows tie for weights of probability zero.",
    ),
    _fault(
        "convolution_slope_missing",
        "The backward pass forgets the ReLU behind the convolution.",
        "Do channels that are zero everywhere receive a gradient?",
        UNSEEN,
        Change(_CELL_VJP, '* ACTIVATIONS["relu"].slope(states)', "* 1.0"),
    ),
)
