"""Simple recurrent layers, LSTM and bidirectional LSTM."""

from __future__ import annotations

from conformance.faults.families import CHARACTER_MODELS, UNSEEN
from conformance.faults.fault import Change, Fault

_RNN = "layers.recurrent:simple_rnn"
_RNN_VJP = "layers.recurrent:simple_rnn_vjp"
_LSTM = "layers.recurrent:lstm"
_LSTM_VJP = "layers.recurrent:lstm_vjp"
_BOTH = "models.sequence_cells:Bidirectional.forward"
_BOTH_VJP = "models.sequence_cells:Bidirectional.backward"
_RNN_SUM = "tanh(x[:, t] @ input_weight + h @ recurrent_weight + bias)"


def _fault(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, CHARACTER_MODELS, sentence, hint, seen, changes=changes)


_SIMPLE = (
    _fault(
        "rnn_tanh_missing",
        "The simple RNN leaves out its tanh.",
        "How large can a state of the simple RNN become?",
        UNSEEN,
        Change(_RNN, "tanh(", "("),
    ),
    _fault(
        "rnn_relu",
        "The simple RNN has a ReLU instead of tanh.",
        "Which values can the states of the simple RNN take?",
        'nn.RNN(nonlinearity="relu")',
        Change(_RNN, "tanh(", "np.maximum(0.0, "),
    ),
    _fault(
        "rnn_bias_twice",
        "The simple RNN adds its bias once with the input and once with the state.",
        "How many bias vectors does your framework's cell have, and which one number do they amount to?",
        "weights loaded into both bias_ih and bias_hh of PyTorch",
        Change(_RNN, "+ bias", "+ 2.0 * bias"),
    ),
    _fault(
        "rnn_forgets_state",
        "The simple RNN starts every step from a zero state.",
        "Does the last state change when the first character does?",
        "cells called in a loop without the state that they returned",
        Change(_RNN, "h @ recurrent_weight", "0.0 * h @ recurrent_weight"),
    ),
    _fault(
        "rnn_recurrent_transposed",
        "The recurrent matrix of the simple RNN is transposed.",
        "From the second step on something is different: which matrix is used there for the first time?",
        "PyTorch keeps weight_hh as (out, in), Keras as (in, out)",
        Change(_RNN, "h @ recurrent_weight", "h @ recurrent_weight.T"),
    ),
    _fault(
        "rnn_state_outside_tanh",
        "The state before is added behind the tanh instead of inside.",
        "How large can a state of the simple RNN become?",
        UNSEEN,
        Change(_RNN, _RNN_SUM, "tanh(x[:, t] @ input_weight + bias) + h @ recurrent_weight"),
    ),
    _fault(
        "rnn_gradient_one_step",
        "The gradient of the simple RNN does not go back in time: the last step alone contributes.",
        "Is the gradient right for sequences of one character?",
        "truncated back-propagation; states detached at every step",
        Change(_RNN_VJP, "from_later = z_bar @", "from_later = 0.0 * z_bar @"),
    ),
    _fault(
        "rnn_gradient_not_transposed",
        "Backwards in time the recurrent matrix of the simple RNN is not transposed.",
        "Is the gradient right for sequences of one character, or of one unit?",
        UNSEEN,
        Change(_RNN_VJP, "z_bar @ recurrent_weight.T", "z_bar @ recurrent_weight"),
    ),
    _fault(
        "rnn_gradient_of_same_step",
        "The gradient of the recurrent matrix pairs a step with its own state instead of the state before.",
        "What is the gradient of the recurrent matrix for sequences of one character?",
        UNSEEN,
        Change(_RNN_VJP, "_before(states, t).T", "states[:, t].T"),
    ),
)

_LONG = (
    _fault(
        "lstm_gates_ifog",
        "The LSTM's weights are read in the order i, f, o, g instead of i, f, g, o.",
        "Which quarter of the columns belongs to the one gate that is not a sigmoid?",
        "weights moved between frameworks; ONNX has i, o, f, c",
        Change(_LSTM, "(0, 1, 3)", "(0, 1, 2)"),
        Change(_LSTM, "2 * units : 3 * units", "3 * units :"),
    ),
    _fault(
        "lstm_input_forget_exchanged",
        "Input and forget gate of the LSTM are exchanged.",
        "Compare the first step, where nothing is to be forgotten, with the second.",
        "weights moved between frameworks",
        Change(_LSTM, "(0, 1, 3)", "(1, 0, 3)"),
    ),
    _fault(
        "lstm_gates_iofg",
        "The LSTM's weights are read in ONNX's order i, o, f, c.",
        "Which quarter of the columns belongs to which gate?",
        "weights moved between frameworks; ONNX's LSTM has i, o, f, c",
        Change(_LSTM, "(0, 1, 3)", "(0, 2, 1)"),
        Change(_LSTM, "2 * units : 3 * units", "3 * units :"),
    ),
    _fault(
        "lstm_forget_bias_added",
        "1 is added to the forget gate at every step, beside the bias that the weights hold.",
        "Is the extra forget bias a matter of the first weights, or of the arithmetic?",
        "tf.contrib.rnn.BasicLSTMCell(forget_bias=1.0)",
        Change(_LSTM, "+ bias", "+ bias + np.repeat([0.0, 1.0, 0.0, 0.0], units)"),
    ),
    _fault(
        "lstm_bias_twice",
        "The LSTM adds its bias once with the input and once with the state.",
        "How many bias vectors does your framework's cell have, and which one number do they amount to?",
        "weights loaded into both bias_ih and bias_hh of PyTorch",
        Change(_LSTM, "+ bias", "+ 2.0 * bias"),
    ),
    _fault(
        "lstm_bias_missing",
        "The LSTM leaves out its bias.",
        "Embed a character as zeros: what should the first state be?",
        UNSEEN,
        Change(_LSTM, " + bias", ""),
    ),
    _fault(
        "lstm_cell_tanh_missing",
        "The output gate scales the cell itself instead of its tanh.",
        "How large can a state of the LSTM become?",
        "several GitHub cells from scratch",
        Change(_LSTM, "o * tanh(c)", "o * c"),
    ),
    _fault(
        "lstm_tanh_behind_output_gate",
        "The tanh stands around the gated cell, tanh(o c), instead of inside.",
        "In which order are the cell squashed and gated?",
        UNSEEN,
        Change(_LSTM, "o * tanh(c)", "tanh(o * c)"),
    ),
    _fault(
        "lstm_candidate_sigmoid",
        "The candidate g is a sigmoid like the gates, so the cell can only grow.",
        "Can a cell of the LSTM become negative?",
        "one activation applied to all four blocks",
        Change(_LSTM, "g = tanh(", "g = sigmoid("),
    ),
    _fault(
        "lstm_candidate_linear",
        "The candidate g is not squashed.",
        "How much can one step add to a cell of the LSTM?",
        UNSEEN,
        Change(_LSTM, "g = tanh(", "g = ("),
    ),
    _fault(
        "lstm_output_gate_missing",
        "The state of the LSTM is tanh(c), without the output gate.",
        "Does the state change when the output gate's bias does?",
        UNSEEN,
        Change(_LSTM, "o * tanh(c)", "tanh(c)"),
    ),
    _fault(
        "lstm_never_forgets",
        "The LSTM has no forget gate.",
        "Does the state change when the forget gate's bias does?",
        "the cell of 1997, before Gers et al. 2000",
        Change(_LSTM, "f * c + i * g", "c + i * g"),
    ),
    _fault(
        "lstm_gates_coupled",
        "The input gate is 1 − f instead of a gate of its own.",
        "Does the state change when the input gate's bias does?",
        "the coupled cell of Greff et al. 2017",
        Change(_LSTM, "f * c + i * g", "f * c + (1.0 - f) * g"),
    ),
    _fault(
        "lstm_recurs_on_cell",
        "The cell instead of the state is fed back into the gates.",
        "Which of the two vectors that a step leaves enters the next one's gates?",
        "h and c exchanged where a step returns both",
        Change(_LSTM, "h @ recurrent_weight", "c @ recurrent_weight"),
    ),
    _fault(
        "lstm_forgets_state",
        "The LSTM's gates do not see the state before.",
        "Does anything change when the recurrent weights do?",
        "cells called in a loop without the state that they returned",
        Change(_LSTM, "h @ recurrent_weight", "0.0 * h @ recurrent_weight"),
    ),
    _fault(
        "lstm_gradient_forget_path",
        "Backwards the cell's path through the forget gate is missing.",
        "There are two ways back from one step to the step before. Are both taken?",
        UNSEEN,
        Change(_LSTM_VJP, ", c_bar * f", ", 0.0 * c_bar"),
    ),
    _fault(
        "lstm_gradient_state_path",
        "Backwards the state's path through the recurrent weights is missing.",
        "There are two ways back from one step to the step before. Are both taken?",
        UNSEEN,
        Change(_LSTM_VJP, "h_bar, c_bar = z_bar @ recurrent_weight.T", "h_bar, c_bar = 0.0 * h_bar"),
    ),
    _fault(
        "lstm_gradient_of_new_cell",
        "The forget gate's gradient is taken with the cell after the step instead of before.",
        "What does the forget gate multiply?",
        UNSEEN,
        Change(_LSTM_VJP, "_before(trace.cells, t)", "trace.cells[:, t]"),
    ),
    _fault(
        "lstm_gradient_cell_slope",
        "Backwards the slope of the tanh around the cell is missing.",
        "Is the gradient nearly right where the cells are near zero?",
        UNSEEN,
        Change(_LSTM_VJP, "h_bar * o * (1 - squashed**2)", "h_bar * o"),
    ),
)

_TWO_WAYS = (
    _fault(
        "bidirectional_halves_exchanged",
        "The backward LSTM's half stands first.",
        "Which half of the summary does the last character touch most?",
        UNSEEN,
        Change(_BOTH, "[ahead, back[:, ::-1]]", "[back[:, ::-1], ahead]"),
        Change(_BOTH, "[last, first]", "[first, last]"),
    ),
    _fault(
        "bidirectional_states_not_turned",
        "The backward LSTM's states stay in the order in which it read, not in that of time.",
        "Which character has the backward LSTM last seen in its state beside the first character?",
        "copied loops that run over the reversed input and concatenate",
        Change(_BOTH, "back[:, ::-1]", "back"),
    ),
    _fault(
        "bidirectional_last_step",
        "The summary takes both directions at the last step, where the backward LSTM has read one character.",
        "How many characters has each direction read where the summary is taken?",
        "out[:, -1] of a bidirectional nn.LSTM",
        Change(_BOTH, "[last, first]", "[last, back[:, 0]]"),
    ),
    _fault(
        "bidirectional_reads_forward_twice",
        "Both LSTMs read forwards.",
        "Does the backward half change when only the order of the characters does?",
        UNSEEN,
        Change(_BOTH, "x[:, ::-1]", "x"),
    ),
    _fault(
        "bidirectional_gradient_not_turned",
        "The backward LSTM's cotangent of the embedding is added in the order in which it read.",
        "Is the embedding's gradient right for texts that read the same backwards?",
        UNSEEN,
        Change(_BOTH_VJP, "back_bar[:, ::-1]", "back_bar"),
    ),
    _fault(
        "bidirectional_gradient_one_way",
        "The backward LSTM sends no gradient to the embedding.",
        "How many paths lead from the embedding to the summary?",
        UNSEEN,
        Change(_BOTH_VJP, "ahead_bar + back_bar[:, ::-1]", "ahead_bar"),
    ),
)

ENTRIES = (*_SIMPLE, *_LONG, *_TWO_WAYS)
