"""Layers against PyTorch's in float64, scipy, the equations in mpmath, and their vjps against the complex step."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy import signal, special

from conformance.tolerance import ROUNDINGS_PER_LAYER, UNIT_ROUNDOFF, allowed_error
from reference.layers.convolution import conv1d, conv1d_vjp, global_max_pooling, global_max_pooling_vjp
from reference.layers.embedding import embedding, embedding_vjp
from reference.layers.recurrent import lstm, lstm_vjp, simple_rnn, simple_rnn_vjp
from reference.layers.softmax import log_softmax, softmax_cross_entropy, softmax_cross_entropy_vjp
from reference.models.sequence_cells import CELLS
from tests.reference.agreement import budget_use
from tests.reference.complex_step import derivatives, measured_use
from tests.reference.exact import distance
from tests.reference.mp_arrays import mpfs

# (B, T, E, H): distinct extents, one sample, one step, one unit, all ones.
EXTENTS = [(3, 5, 2, 4), (1, 4, 3, 2), (4, 1, 2, 3), (2, 5, 3, 1), (1, 1, 1, 1)]
# (B, T, E, F, K): odd and even kernels, one step, kernels longer than the sequence.
KERNELS = [(3, 6, 2, 4, 3), (2, 5, 3, 4, 2), (2, 6, 1, 3, 4), (3, 1, 2, 4, 3), (3, 1, 2, 4, 2), (2, 3, 4, 5, 7), (1, 2, 3, 1, 6)]
GATES = {"lstm": 4, "rnn": 1}


def recurrent_arguments(extents, gates):
    """x and the three parameters of one recurrent layer."""
    batch, steps, inputs, units = extents
    rng = np.random.default_rng(sum(extents))
    shapes = {"x": (batch, steps, inputs), "w": (inputs, gates * units), "u": (units, gates * units), "b": (gates * units,)}
    return {name: rng.normal(0.0, 0.8, shape) for name, shape in shapes.items()}


def kernel_arguments(extents):
    """x, kernel and bias of one convolution."""
    batch, steps, inputs, filters, width = extents
    rng = np.random.default_rng(sum(extents))
    return {
        name: rng.normal(size=s)
        for name, s in {"x": (batch, steps, inputs), "k": (width, inputs, filters), "b": (filters,)}.items()
    }


def states_of(kind, a):
    """All states of an LSTM or of a simple RNN."""
    return lstm(a["x"], a["w"], a["u"], a["b"]).states if kind == "lstm" else simple_rnn(a["x"], a["w"], a["u"], a["b"])


def torch_states(torch, kind, x, directions):
    """All states by PyTorch, from (w, u, b) of every direction."""
    units, layer = directions[0][1].shape[0], torch.nn.LSTM if kind == "lstm" else torch.nn.RNN
    built = layer(x.shape[2], units, batch_first=True, bidirectional=len(directions) == 2, dtype=torch.float64)
    with torch.no_grad():
        for suffix, (w, u, b) in zip(("", "_reverse"), directions, strict=False):
            getattr(built, f"weight_ih_l0{suffix}").copy_(torch.tensor(w.T.copy()))
            getattr(built, f"weight_hh_l0{suffix}").copy_(torch.tensor(u.T.copy()))
            getattr(built, f"bias_ih_l0{suffix}").copy_(torch.tensor(b))
            getattr(built, f"bias_hh_l0{suffix}").zero_()
        return built(torch.tensor(x))[0].numpy()


@pytest.mark.slow
@pytest.mark.parametrize("extents", EXTENTS)
@pytest.mark.parametrize("kind", GATES)
def test_recurrent_states_are_those_of_torch(kind, extents):
    """nn.LSTM and nn.RNN, given the same weights in float64, pass through the same states."""
    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    a = recurrent_arguments(extents, GATES[kind])
    expected = {"states": torch_states(torch, kind, a["x"], [(a["w"], a["u"], a["b"])])}
    roundings = ROUNDINGS_PER_LAYER * 2 * extents[1]
    assert measured_use(lambda m: {"states": states_of(kind, m)}, a, expected, roundings, 8) <= 1


@pytest.mark.parametrize("extents", EXTENTS)
@pytest.mark.parametrize("kind", GATES)
def test_recurrent_vjp_is_the_complex_step(kind, extents):
    """Back-propagation through time gives the derivatives by the input and by all three parameters."""
    a = recurrent_arguments(extents, GATES[kind])
    cotangent = np.random.default_rng(1).normal(size=states_of(kind, a).shape)

    def gradients(m):
        if kind == "lstm":
            trace = lstm(m["x"], m["w"], m["u"], m["b"])
            return dict(zip(a, lstm_vjp(cotangent, m["x"], m["w"], m["u"], trace), strict=True))
        return dict(zip(a, simple_rnn_vjp(cotangent, m["x"], m["w"], m["u"], states_of(kind, m)), strict=True))

    expected = derivatives(lambda m: np.sum(cotangent * states_of(kind, m)), a)
    assert measured_use(gradients, a, expected, ROUNDINGS_PER_LAYER * 4 * extents[1], 16) <= 1


def test_one_lstm_step_is_the_equation():
    """i, f, o = σ(x W + h U + b), g = tanh(·), c' = f c + i g, h' = o tanh(c'), gate by gate in 50 digits."""
    a = recurrent_arguments((1, 2, 2, 3), 4)
    trace, units = lstm(a["x"], a["w"], a["u"], a["b"]), 3
    first_h, first_c = mpfs(trace.states[0, 0]), mpfs(trace.cells[0, 0])
    with mp.workdps(50):
        z = mpfs(a["x"][0, 1]).dot(mpfs(a["w"])) + first_h.dot(mpfs(a["u"])) + mpfs(a["b"])
        cells, states = [], []
        for j in range(units):
            i, f, o = (1 / (1 + mp.exp(-z[gate * units + j])) for gate in (0, 1, 3))
            g = mp.tanh(z[2 * units + j])
            cells.append(f * first_c[j] + i * g)
            states.append(o * mp.tanh(cells[-1]))
    # Six products and sums of terms at most |z| large feed each gate; slopes are at most 1; twenty more roundings follow.
    size = float(np.abs(a["x"][0, 1]) @ np.abs(a["w"]).max(axis=1) + np.abs(a["u"]).sum(axis=0).max() + np.abs(a["b"]).max())
    allowed = UNIT_ROUNDOFF["float64"] * (4 * 6 * size + 20 * (1 + np.abs(trace.cells).max()))
    for actual, expected in ((trace.cells[0, 1], cells), (trace.states[0, 1], states)):
        assert budget_use(distance(actual, np.array(expected, dtype=object)), allowed) <= 1
    assert all(isinstance(x, mpf) for x in states)


@pytest.mark.parametrize("extents", EXTENTS)
def test_bidirectional_cell_is_that_of_torch(extents):
    """Both directions stand side by side in the order of time, and the summary is the last state of each."""
    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    cell = CELLS["bidirectional"](extents[2], extents[3], 1)
    rng = np.random.default_rng(3)
    a = {"x": rng.normal(size=extents[:3]), **{n: rng.normal(0.0, 0.8, s) for n, s in cell.shapes.items()}}
    weights = [a[name] for name in cell.shapes]
    states = torch_states(torch, "lstm", a["x"], [weights[:3], weights[3:]])
    summary = np.concatenate([states[:, -1, : extents[3]], states[:, 0, extents[3] :]], axis=1)

    def run(m):
        return dict(zip(("states", "summary"), cell.forward(m, m["x"]), strict=True))

    assert measured_use(run, a, {"states": states, "summary": summary}, ROUNDINGS_PER_LAYER * 2 * extents[1], 8) <= 1


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("extents", EXTENTS[:4])
def test_cell_vjp_is_the_complex_step(kind, extents):
    """Every cell sends the cotangent of its summary back into its input and all its parameters."""
    cell = CELLS[kind](extents[2], extents[3], 3)
    rng = np.random.default_rng(4)
    a = {"x": rng.normal(size=extents[:3]), **{n: rng.normal(0.0, 0.8, s) for n, s in cell.shapes.items()}}
    cotangent = rng.normal(size=(extents[0], cell.features))

    def gradients(m):
        x_bar, results = cell.backward(m, m["x"], cotangent)
        return {"x": x_bar, **results}

    expected = derivatives(lambda m: np.sum(cotangent * cell.forward(m, m["x"])[1]), a)
    assert measured_use(gradients, a, expected, ROUNDINGS_PER_LAYER * 4 * extents[1], 16) <= 1


@pytest.mark.parametrize("extents", KERNELS)
def test_convolution_is_that_of_torch_and_scipy(extents):
    """F.conv1d on the padded sequence, and scipy's correlation of every pair of channels, give the same T steps."""
    a, width = kernel_arguments(extents), extents[-1]
    left = (width - 1) // 2
    padded = np.pad(a["x"], ((0, 0), (left, width - 1 - left), (0, 0)))
    by_scipy = np.zeros((*extents[:2], extents[3])) + a["b"]
    for b, e, f in np.ndindex(extents[0], extents[2], extents[3]):
        by_scipy[b, :, f] += signal.correlate(padded[b, :, e], a["k"][:, e, f], mode="valid", method="direct")[: extents[1]]
    roundings, length = ROUNDINGS_PER_LAYER, extents[2] * width
    assert measured_use(lambda m: {"z": conv1d(m["x"], m["k"], m["b"])}, a, {"z": by_scipy}, roundings, length) <= 1

    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    channels, kernel = (torch.tensor(v.transpose(t).copy()) for v, t in ((padded, (0, 2, 1)), (a["k"], (2, 1, 0))))
    by_torch = torch.nn.functional.conv1d(channels, kernel, torch.tensor(a["b"])).numpy().transpose(0, 2, 1)
    assert measured_use(lambda m: {"z": conv1d(m["x"], m["k"], m["b"])}, a, {"z": by_torch}, roundings, length) <= 1


@pytest.mark.parametrize("extents", KERNELS)
def test_convolution_vjp_is_the_complex_step(extents):
    """The cotangents of x, kernel and bias are the derivatives, the padding left out."""
    a = kernel_arguments(extents)
    cotangent = np.random.default_rng(1).normal(size=(*extents[:2], extents[3]))
    expected = derivatives(lambda m: np.sum(cotangent * conv1d(m["x"], m["k"], m["b"])), a)

    def gradients(m):
        return dict(zip(a, conv1d_vjp(cotangent, m["x"], m["k"]), strict=True))

    assert measured_use(gradients, a, expected, ROUNDINGS_PER_LAYER, extents[0] * extents[1]) <= 1


@pytest.mark.parametrize("shape", [(3, 5, 2), (1, 4, 3), (4, 1, 2), (2, 5, 1)])
def test_pooling_takes_the_maximum_and_sends_back_to_it(shape):
    """The pooled value is amax over time, and its cotangent goes to where the complex step finds it, to the first of equals."""
    x, rng = np.random.default_rng(2).normal(size=shape), np.random.default_rng(3)
    cotangent = rng.normal(size=(shape[0], shape[2]))
    assert np.array_equal(global_max_pooling(x), x.max(axis=1))
    expected = derivatives(lambda m: np.sum(cotangent * global_max_pooling(m["x"])), {"x": x})
    assert measured_use(lambda m: {"x": global_max_pooling_vjp(cotangent, m["x"])}, {"x": x}, expected, 2, 1) <= 1
    equal = global_max_pooling_vjp(cotangent, np.zeros(shape))
    assert np.array_equal(equal[:, 0], cotangent)
    assert not equal[:, 1:].any()


def test_embedding_takes_rows_and_gathers_cotangents():
    """Row i of the table stands for id i, and the table's cotangent sums over repeated ids, zero where an id is absent."""
    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    ids, rng = np.array([[1, 1, 0], [4, 1, 4]]), np.random.default_rng(0)
    table, cotangent = rng.normal(size=(6, 2)), rng.normal(size=(2, 3, 2))
    assert np.array_equal(embedding(ids, table), torch.nn.functional.embedding(torch.tensor(ids), torch.tensor(table)).numpy())
    expected = derivatives(lambda m: np.sum(cotangent * embedding(ids, m["table"])), {"table": table})
    assert measured_use(lambda m: {"table": embedding_vjp(cotangent, ids, m["table"])}, {"table": table}, expected, 4, 6) <= 1
    assert not embedding_vjp(cotangent, ids, table)[[2, 3, 5]].any()


@pytest.mark.parametrize("shape", [(4, 3), (1, 5), (3, 2), (2, 1)])
@pytest.mark.parametrize("size", [1.0, 30.0, 900.0])
def test_softmax_cross_entropy_is_that_of_torch_and_scipy(shape, size):
    """F.cross_entropy and scipy's log_softmax give the same numbers, far beyond the overflow of e^z too."""
    torch = pytest.importorskip("torch", reason="the PyTorch oracle needs PyTorch")
    rng = np.random.default_rng(shape[0])
    logits, labels = size * rng.normal(size=shape), rng.integers(0, shape[1], (shape[0], 1))
    expected = {
        "log": special.log_softmax(logits, axis=1),
        "loss": torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(labels[:, 0])).numpy(),
    }

    def run(m):
        return {"log": log_softmax(m["z"]), "loss": softmax_cross_entropy(labels, m["z"])}

    assert measured_use(run, {"z": logits}, expected, ROUNDINGS_PER_LAYER * 2, logits.size) <= 1


@pytest.mark.parametrize("shape", [(4, 3), (1, 5), (3, 2), (2, 1)])
@pytest.mark.parametrize("size", [1.0, 30.0])
def test_softmax_cross_entropy_vjp_is_the_complex_step(shape, size):
    """The cotangent of the logits is (softmax − one-hot) / B."""
    rng = np.random.default_rng(shape[0])
    logits, labels = size * rng.normal(size=shape), rng.integers(0, shape[1], (shape[0], 1))
    expected = derivatives(lambda m: softmax_cross_entropy(labels, m["z"]), {"z": logits})
    actual = softmax_cross_entropy_vjp(labels, logits)
    # The terms added are the softmax and 1; a logit moves the softmax by at most itself, twice.
    scale = (special.softmax(logits, axis=1) * (1 + 2 * np.abs(logits).max()) + 1) / len(logits)
    allowed = 2 * allowed_error(scale, "float64", ROUNDINGS_PER_LAYER * 2, logits.size)
    assert budget_use(np.abs(actual - expected["z"]), allowed) <= 1
