"""TensorFlow's second CPU: the same arithmetic on what is another device to TensorFlow, so that whatever is put on a fixed one shows.

It has to be asked for before TensorFlow computes anything. Nothing is placed softly, and a floating-point tensor that lies elsewhere is
not copied over in silence but refused; whole numbers, as shapes and axes are, TensorFlow itself keeps on the first CPU.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf

from conformance.respondent.plain_models import PlainModel
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom

SECOND = "cpu:1"
PLACES = {"cuda": "/GPU:0", SECOND: "/CPU:1"}
_RUNNING_NUMBER = re.compile(r"_\d+(?=/|$)")
_TOO_LATE = "TensorFlow has computed here already, so it cannot have a second CPU; in a process of its own it has one"


def second_cpu_is_missing() -> str | None:
    """Why there is no second CPU; None where it is there, or could be made."""
    cpu, *_ = tf.config.list_physical_devices("CPU")
    if len(tf.config.get_logical_device_configuration(cpu) or ()) < 2:
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        except RuntimeError:
            return _TOO_LATE
    return None


@contextlib.contextmanager
def on_second_cpu() -> Iterator[None]:
    """Within it everything is made and computed there, and nothing comes over from elsewhere unasked."""
    softly, policy = tf.config.get_soft_device_placement(), tf.config.experimental.get_device_policy()
    tf.config.set_soft_device_placement(False)
    tf.config.experimental.set_device_policy("silent_for_int32")
    try:
        with tf.device(PLACES[SECOND]):
            yield
    finally:
        tf.config.experimental.set_device_policy(policy)
        tf.config.set_soft_device_placement(softly)


def mixture(error: BaseException) -> NotAnAnswer | None:
    """That an operation was given tensors on several devices, if the error says so. In the words of TensorFlow: it has no class for it."""
    text = str(error) if isinstance(error, tf.errors.InvalidArgumentError) else ""
    if "conflicting devices" not in text and "from device" not in text:
        return None
    operation, wanted, actual = (_word_after(f"{words} ", text) for words in ("cannot compute", "expected to be on", "actually on"))
    places = f"{name_of(wanted)} and on {name_of(actual)}" if wanted and actual else "several devices"
    sentence = f"computes on another device than its input: {operation or 'an operation'} was given tensors on {places}"
    return NotAnAnswer(sentence, Symptom.WRONG_DEVICE)


def _word_after(words: str, text: str) -> str:
    return text.partition(words)[2].partition(" ")[0]


def name_of(place: str) -> str:
    """What this project calls a device of TensorFlow: that of `…/device:CPU:1` is cpu:1."""
    kind, _, number = place.rpartition("/")[2].removeprefix("device:").partition(":")
    if kind.upper() == "GPU":
        return "cuda"
    return "cpu" if number in ("", "0") else f"cpu:{number}"


def strays(model: Any, device: str) -> Mapping[str, str]:
    """The floating-point variables of a model that lie on another device. Whole numbers, as seeds and counters are, may lie anywhere."""
    variables = getattr(getattr(model, "model", None) if isinstance(model, PlainModel) else model, "variables", ())
    places = {}
    for variable in variables if isinstance(variables, list | tuple) else ():
        value = getattr(variable, "value", variable)
        value = value if isinstance(value, tf.Variable | tf.Tensor) else variable
        if isinstance(value, tf.Variable | tf.Tensor) and value.dtype.is_floating and name_of(value.device) != device:
            places[unnumbered(getattr(variable, "path", variable.name))] = name_of(value.device)
    return places


def unnumbered(path: str) -> str:
    """The path of a variable without the numbers that Keras gives to layers through the whole process, which say nothing."""
    return _RUNNING_NUMBER.sub("", path)
