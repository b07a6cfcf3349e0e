"""The variant of padded steps that recurrent cells do not see."""

from __future__ import annotations

from conformance.faults.families import CHARACTER_MODELS
from conformance.faults.fault import Change, Fault

_LSTM = "layers.recurrent:lstm"
_LSTM_VJP = "layers.recurrent:lstm_vjp"
_RNN = "layers.recurrent:simple_rnn"
_RNN_VJP = "layers.recurrent:simple_rnn_vjp"
_STEP = "tanh(x[:, t] @ input_weight + h @ recurrent_weight + bias)"
_GONE = "np.isnan(x[:, t, :1])"
_SPLIT = "gone, x = np.isnan(x[..., :1]), np.nan_to_num(x)\n    x_bar = np.zeros_like(x)"


def _marked(function: str, call: str, embedded: str) -> tuple[Change, ...]:
    """What is masked travels as NaN from the model to its recurrent cell; a convolution sees every step in any case."""
    padded = "(np.asarray(characters)[..., None] == 0) & (type(self.cell).__name__ != 'Convolution')"
    new = call.replace(embedded, f"np.where({padded}, np.nan, {embedded})")
    return tuple(Change(f"models.character:{name}.{function}", call, new) for name in CHARACTER_MODELS)


ENTRIES = (
    Fault(
        "masked",
        CHARACTER_MODELS,
        "Padded steps are skipped: the state is carried over them.",
        "Is it right for texts without id 0?",
        "Embedding(mask_zero=True) in Keras; packed sequences in PyTorch",
        "variant",
        (
            *_marked("activations", "self.cell.forward(self.weights, embedded)", "embedded"),
            *_marked("gradients", 'self.cell.backward(self.weights, named["embedding"], summary_bar)', 'named["embedding"]'),
            Change(_LSTM, "f * c + i * g", f"np.where({_GONE}, c, f * c + i * g)"),
            Change(_LSTM, "o * tanh(c)", f"np.where({_GONE}, h, o * tanh(c))"),
            Change(_LSTM_VJP, "x_bar = np.zeros_like(x)", _SPLIT),
            Change(_LSTM_VJP, "trace.gates[:, t]", "np.nan_to_num(trace.gates[:, t])"),
            Change(
                _LSTM_VJP,
                "recurrent_weight.T, c_bar * f",
                "recurrent_weight.T + gone[:, t] * h_bar, np.where(gone[:, t], c_bar, c_bar * f)",
            ),
            Change(_RNN, _STEP, f"np.where({_GONE}, h, {_STEP})"),
            Change(_RNN_VJP, "x_bar = np.zeros_like(x)", _SPLIT),
            Change(_RNN_VJP, "(1 - states[:, t] ** 2)", "(1 - states[:, t] ** 2) * ~gone[:, t]"),
            Change(
                _RNN_VJP,
                "z_bar @ recurrent_weight.T",
                "np.where(gone[:, t], cotangent[:, t] + from_later, z_bar @ recurrent_weight.T)",
            ),
        ),
    ),
)
