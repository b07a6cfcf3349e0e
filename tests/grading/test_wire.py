"""What is sent arrives bit for bit; what is not what the rules say is refused, however it is cut."""

from __future__ import annotations

import json
import math
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from conformance.respondent import wire
from conformance.respondent.packed_values import Foreign, Malformed
from conformance.respondent.responses import Output, TimedOut
from conformance.workers.channel import Broken, CapturedOutput, Channel, Ended
from conformance.workers.replies import read_answers, read_import

_DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")
_TEXT = st.text(st.characters(), max_size=8) | st.lists(st.integers(0xD800, 0xDFFF).map(chr), max_size=4).map("".join)
_ARRAYS = st.sampled_from(_DTYPES).flatmap(lambda name: arrays.arrays(name, arrays.array_shapes(min_dims=0, min_side=0)))
_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | _TEXT
_VALUES = st.recursive(
    _PLAIN
    | _ARRAYS
    | _ARRAYS.map(lambda array: Output(array, array.dtype.name, "cpu"))
    | _ARRAYS.filter(np.size).map(lambda a: a.flat[0]),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(_TEXT | st.integers(), inner),
    max_leaves=8,
)


def identical(a: Any, b: Any) -> bool:
    """The same types and the same bits, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, Output):
        return (a.dtype, a.device) == (b.dtype, b.device) and identical(a.array, b.array)
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, dict):
        return identical(list(a.items()), list(b.items()))
    return a == b


def there_and_back(value: Any, number: int = 7) -> Any:
    data = wire.frame(number, value)
    header, _ = wire.LENGTHS.unpack(data[: wire.LENGTHS.size])
    split = wire.LENGTHS.size + header
    result, body = wire.parse(data[wire.LENGTHS.size : split], data[split:])
    assert result == number
    return body


@given(_VALUES)
def test_values_arrive_bit_for_bit(value: Any):
    assert identical(there_and_back(value), value)


@pytest.mark.parametrize("text", ["\ud800", "\ud83d\ude00", "😀", "a\0b"])
def test_two_lone_surrogates_do_not_become_one_character(text: str):
    assert there_and_back({text: text}) == {text: text}


def test_every_bit_of_a_nan_arrives():
    nans = np.array([0x7FF8000000000001, 0xFFF0DEADBEEF0001], np.uint64).view(np.float64)
    assert identical(there_and_back([nans, float("nan"), -0.0, math.inf]), [nans, float("nan"), -0.0, math.inf])


def test_a_widened_bfloat16_keeps_its_name():
    answer = Output(np.ones(2, np.float32), "bfloat16", "cpu")
    assert identical(there_and_back(answer), answer)


def test_arrays_in_other_orders_arrive_with_the_same_numbers():
    array = np.arange(12.0).reshape(3, 4)
    for given_array in (array.T, array[::2, ::-1], array.astype(">f8"), np.asfortranarray(array)):
        assert np.array_equal(there_and_back(given_array), given_array)


@pytest.mark.parametrize("thing", [object(), {1}, b"bytes", 1j, np.array([object()]), np.array([1j]), type("Sly", (int,), {})(3)])
def test_what_has_no_place_on_the_wire_arrives_as_a_name(thing: Any):
    """It equals nothing, and no type of the sender's is made."""
    copy = there_and_back(thing)
    assert isinstance(copy, Foreign)
    assert type(copy).__name__ == type(thing).__name__


def header(body: Any = None, table: Any = (), **more: Any) -> bytes:
    return json.dumps({"id": 1, "arrays": table, "body": body} | more).encode()


MALFORMED = {
    "no JSON": (b"\xff\x00", b""),
    "not an object": (b"[1]", b""),
    "too deep for JSON": (b"[" * 200_000, b""),
    "nested too deep": (header(eval("[" * 200 + "]" * 200)), b""),
    "another key": (header(more=1), b""),
    "an id that is no number": (header(id="1"), b""),
    "a table that is none": (header(table={}), b""),
    "a dtype of objects": (header({"a": 0}, [["object", [1]]]), bytes(8)),
    "a negative axis": (header({"a": 0}, [["float64", [-1]]]), bytes(8)),
    "an axis that is true": (header({"a": 0}, [["float64", [True]]]), bytes(8)),
    "a hundred axes": (header({"a": 0}, [["float64", [1] * 100]]), bytes(8)),
    "too few numbers": (header({"a": 0}, [["float64", [2]]]), bytes(8)),
    "too many numbers": (header({"a": 0}, [["float64", [1]]]), bytes(16)),
    "an empty shape of absurd size": (header({"a": 0}, [["float64", [0, 2**39, 2**39]]]), b""),
    "an array that is not there": (header({"a": 3}), b""),
    "an array by a negative index": (header({"a": -1}, [["float64", [1]]]), bytes(8)),
    "an unknown tag": (header({"z": 1}), b""),
    "two tags": (header({"a": 0, "t": []}), b""),
    "a key that has no hash": (header({"d": [[[1], 2]]}), b""),
    "a float of three bytes": (header({"x": "00ff00"}), b""),
    "text that is no text": (header({"s": "00"}), b""),
    "a foreign thing without a name": (header({"f": 3}), b""),
    "float64 that claims to be float32": (header({"o": [0, "float32", "cpu"]}, [["float64", [1]]]), bytes(8)),
    "an array without a type": (header({"o": [0, None, "cpu"]}, [["float64", [1]]]), bytes(8)),
    "an unknown device": (header({"o": [0, "float64", "abacus"]}, [["float64", [1]]]), bytes(8)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_frames_are_refused(name: str):
    with pytest.raises(Malformed):
        wire.parse(*MALFORMED[name])


@given(st.binary(max_size=200), st.binary(max_size=64))
def test_no_bytes_raise_anything_but_malformed(first: bytes, second: bytes):
    try:
        wire.parse(first, second)
    except Malformed:
        return


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3), lambda i: st.lists(i) | st.dictionaries(st.sampled_from("xstdagof"), i)
    )
)
def test_no_json_raises_anything_but_malformed(body: Any):
    try:
        wire.parse(header(body, [["float64", [1]]]), bytes(8))
    except Malformed:
        return


_JSON = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["Returned", "Raised", "TimedOut", "value"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["response", "names", "value"]), inner),
)


@given(_JSON)
def test_no_body_raises_anything_but_malformed(body: Any):
    for read in (read_import, lambda body: read_answers(body, ("value",))):
        try:
            read(body)
        except Malformed:
            continue


@pytest.mark.parametrize(
    "body",
    [
        [["value", ["Passed", 1.0]]],
        [["value", ["Returned", [1]]]],
        [["value", ["Returned", {1: 2}]]],
        [["value", ["TimedOut", 10**400]]],
        [["value", ["Raised", "Error"]]],
        [["value", ["ProtocolError", "changed its input 'x'"]]],
        [["value", ["ProtocolError", "changed its input 'x'", "changed its input"]]],
        [["value", ["ProtocolError", "changed its input 'x'", 7]]],
        [["value", ["Crashed", "exit code 0"]]],
        [["value", ["Returned", {}]], ["value", ["Returned", {}]]],
        [["gradient", ["Returned", {}]]],
        {"value": ["Returned", {}]},
        [],
    ],
)
def test_what_is_no_answer_is_refused(body: Any):
    with pytest.raises(Malformed):
        read_answers(body, ("value",))


class Peer:
    """The other end of a channel, to misbehave at."""

    def __init__(self) -> None:
        ours, self.socket = socket.socketpair()
        reading, self.output = os.pipe()
        self.captured = CapturedOutput(reading, 100)
        self.channel = Channel(ours, self.captured)

    def reply(self, action: Callable[[int, socket.socket], None]) -> None:
        """Run `action` with the id of the next question."""

        def answer() -> None:
            asked = wire.read(self.socket.fileno())
            if asked is not None:
                action(asked[0], self.socket)

        threading.Thread(target=answer, daemon=True).start()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    os.close(made.output)
    made.channel.close()
    made.socket.close()


def test_a_reply_is_the_body_of_the_frame(peer: Peer):
    peer.reply(lambda number, other: other.sendall(wire.frame(number, ["yes"])))
    assert peer.channel.ask(5, "question", 2.0) == ["yes"]


VIOLATIONS: dict[str, tuple[Callable[[int, socket.socket], Any], str]] = {
    "another id": (lambda number, other: other.sendall(wire.frame(number + 1, 1)), "not asked"),
    "trailing bytes": (lambda number, other: other.sendall(wire.frame(number, 1) + b"x"), "more than its answer"),
    "twice": (lambda number, other: other.sendall(wire.frame(number, 1) * 2), "more than its answer"),
    "a huge header": (lambda number, other: other.sendall(b"\xff\xff\xff\xff\0\0\0\0"), "more than"),
    "a huge payload": (lambda number, other: other.sendall(b"\0\0\0\x02\xff\xff\xff\xff{}"), "more than"),
    "nonsense": (lambda number, other: other.sendall(wire.LENGTHS.pack(3, 0) + b"abc"), "no header"),
    "half a frame": (lambda number, other: other.sendall(wire.frame(number, 1)[:-3]), "did not return"),
    "nothing": (lambda number, other: None, "did not return"),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations_are_responses(peer: Peer, name: str):
    action, words = VIOLATIONS[name]
    peer.reply(action)
    with pytest.raises(Broken, match=words):
        peer.channel.ask(5, "question", 0.2)


def test_a_reply_before_the_question_is_a_violation(peer: Peer):
    peer.socket.sendall(wire.frame(5, 1))
    with pytest.raises(Broken, match="before it was asked"):
        peer.channel.ask(5, "question", 1.0)


def test_the_deadline_is_for_the_whole_reply(peer: Peer):
    """A byte every few milliseconds does not prolong it."""

    def drip(number: int, other: socket.socket) -> None:
        other.sendall(wire.LENGTHS.pack(1000, 0))
        for _ in range(1000):
            try:
                other.sendall(b" ")
            except OSError:
                return
            time.sleep(0.01)

    peer.reply(drip)
    started = time.monotonic()
    with pytest.raises(Broken) as broken:
        peer.channel.ask(5, "question", 0.3)
    assert broken.value.response == TimedOut(0.3)
    assert time.monotonic() - started < 2.0


def test_a_peer_that_does_not_listen_is_late(peer: Peer):
    with pytest.raises(Broken, match="did not return"):
        peer.channel.ask(5, np.zeros(10**6), 0.3)


def test_hanging_up_is_the_end(peer: Peer):
    peer.reply(lambda number, other: other.close())
    with pytest.raises(Ended):
        peer.channel.ask(5, "question", 1.0)


def test_output_is_kept_up_to_the_limit_and_never_blocks_the_writer(peer: Peer):
    def chatter(number: int, other: socket.socket) -> None:
        for _ in range(64):
            os.write(peer.output, b"x" * 2**16)
        other.sendall(wire.frame(number, "done"))

    peer.reply(chatter)
    assert peer.channel.ask(5, "question", 5.0) == "done"
    assert peer.captured.kept == b"x" * 100
    assert peer.captured.dropped > 2**20
