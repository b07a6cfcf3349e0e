"""Bad arguments: what the reference refuses a package refuses, by an error of the same kind that begins with the same argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from conformance.cases.case import draw
from conformance.cases.drawing import Recipe, defaults_of
from conformance.cases.kinds import kind_of
from conformance.cases.profiles import ORDINARY
from conformance.judging.conduct import bad_values
from conformance.judging.conduct.sides import Side
from reference.domains import Bits, Choice, Domain, Ids, Reals, Whole
from reference.specification import Spec

_ARRAYS = (Reals, Ids, Bits)
_LENGTH = 3
# Refused where numbers are read, which is not everywhere: reading them costs a wait for the device.
_READ = ("NaN", "numbers below 0", "a number past 1", "a number below 0")
# Which error is right depends on what else a package can make an array of.
_KINDS = ("ValueError", "TypeError")
_NO_ARRAYS = ("a text", "a number")


@dataclass(frozen=True)
class PairedCall:
    """One call on both sides.

    names     of the arguments: a refusal begins with one of them
    call      what is done with a side
    both      whether a package has to take what the reference takes; where it may refuse more it is False
    read      whether it is refused only where numbers are read
    loose     whether either kind of error is right
    equal     whether the answers, plain values, are compared too
    """

    sentence: str
    names: frozenset[str]
    call: Callable[[Side], object]
    both: bool = True
    read: bool = False
    loose: bool = False
    equal: bool = False


@dataclass(frozen=True)
class Refusal:
    """The kind of an error, and the name that its message begins with."""

    error: str
    begins: str


def refusal_of(call: Callable[[], object]) -> Refusal | None:
    """How a call is refused; None if it is answered."""
    try:
        with np.errstate(all="ignore"):
            call()
    except (ValueError, TypeError) as error:
        beginning = re.match(r"\w+", str(error))
        return Refusal(type(error).__name__, "" if beginning is None else beginning.group())
    except Exception as error:
        return Refusal(type(error).__name__, "")
    return None


def problem_of(paired_call: PairedCall, package: Side, reference: Side) -> str | None:
    """What a package does otherwise than the reference; None if nothing."""
    expected = refusal_of(lambda: paired_call.call(reference))
    if expected is None and not paired_call.both:
        return None
    actual = refusal_of(lambda: paired_call.call(package))
    if expected is None and actual is None:
        same = not paired_call.equal or paired_call.call(package) == paired_call.call(reference)
        return None if same else f"{paired_call.sentence}: expected the reference's answer, got another"
    if expected is None:
        return None if actual is None else f"{paired_call.sentence}: expected an answer, got {actual.error}"
    if actual is None:
        return None if paired_call.read else f"{paired_call.sentence}: expected {expected.error}, got an answer"
    if actual.error != expected.error and not (paired_call.loose and actual.error in _KINDS):
        return f"{paired_call.sentence}: expected {expected.error}, got {actual.error}"
    if expected.begins in paired_call.names and actual.begins not in paired_call.names and not paired_call.loose:
        return f"{paired_call.sentence}: expected a sentence that begins with the argument, got one with {actual.begins!r}"
    return None


def paired_calls(spec: Spec, dtype: str) -> Iterator[PairedCall]:
    """Those of a specification, whatever it is."""
    case = draw(spec, dtype, Recipe(ORDINARY, _LENGTH))
    if kind_of(spec).trained:
        yield from _of_constructor(spec, case.model.configuration)
        yield from _of_batches(spec, case.model.configuration, case.model.batch, case.model.calls)
    elif kind_of(spec).called:
        yield from _of_function(spec, case.inputs)
    else:
        yield from _of_tokenizer(spec)


def _of_function(spec: Spec, inputs: Mapping[str, Any]) -> Iterator[PairedCall]:
    inputs = {**defaults_of(spec), **inputs}
    for sentence, changed, flags in _changed(spec.inputs, inputs):
        yield PairedCall(f"{spec.name} with {sentence}", frozenset(inputs), lambda side, c=changed: side.call(spec, c), **flags)


def _of_tokenizer(spec: Spec) -> Iterator[PairedCall]:
    options = [{name: value} for name, domain in spec.inputs.items() for value in bad_values.of_option(domain)]
    for given in [each for each in options if each.keys() <= {"lower", "oov_token", "num_chars"}] + bad_values.TOKENS:
        yield PairedCall(f"{spec.name} with {given!r}", frozenset(given), lambda side, o=given: side.build_plain(spec, o))
    for texts in (*bad_values.of_option(spec.inputs["texts"]), ["a<OOV>"], ["<", "OOV>"], bad_values.MANY_TEXTS):
        for method in ("fit", "encode"):

            def call(side: Side, texts: Any = texts, method: str = method) -> object:
                answer = getattr(_fitted(side, spec), method)(texts)
                return answer if method == "encode" else list(answer.vocabulary.items())

            yield PairedCall(f"{spec.name}().{method}({texts!r})", _TEXTS, call, equal=True)
    for sequences in bad_values.ROWS_OF_IDS:

        def decode(side: Side, sequences: Any = sequences) -> object:
            return _fitted(side, spec).decode(sequences)

        yield PairedCall(f"{spec.name}().decode({sequences!r})", _TEXTS, decode, loose=True, equal=True)
    yield PairedCall(f"{spec.name}().encode before fit", _TEXTS, lambda side: side.build_plain(spec, {}).encode(["a"]))
    yield PairedCall(f"{spec.name}().decode before fit", _TEXTS, lambda side: side.build_plain(spec, {}).decode([[1]]))
    yield PairedCall(f"{spec.name}(oov_token='b').fit", _TEXTS, lambda side: side.build_plain(spec, {"oov_token": "b"}).fit(["ab"]))


_TEXTS = frozenset({"texts", "sequences", "oov_token"})


def _fitted(side: Side, spec: Spec) -> Any:
    return side.build_plain(spec, {}).fit(["abc"])


def _of_constructor(spec: Spec, configuration: Mapping[str, Any]) -> Iterator[PairedCall]:
    configuration = {**defaults_of(spec), **configuration}
    domains = {**spec.inputs, "seed": Whole(0, 9)}
    for name, domain in domains.items():
        for value in bad_values.of_option(domain):
            changed = {**configuration, name: value}
            yield PairedCall(
                f"{spec.name} with {name} = {value!r}", frozenset(domains), lambda side, c=changed: side.build(spec, c)
            )
    choices = {name: domain.options for name, domain in spec.inputs.items() if isinstance(domain, Choice)}
    for row in product(*choices.values()):
        changed = {**configuration, **dict(zip(choices, row, strict=True))}
        options = ", ".join(f"{name} = {value!r}" for name, value in zip(choices, row, strict=True))
        yield PairedCall(f"{spec.name} with {options}", frozenset(domains), lambda side, c=changed: side.build(spec, c))


def _of_batches(
    spec: Spec, configuration: Mapping[str, Any], batch: Mapping[str, Any], calls: Mapping[str, Mapping[str, Any]]
) -> Iterator[PairedCall]:
    model = spec.evaluate(**configuration)
    domains, methods = model.batch_domains(), model.method_domains()
    asked = {**dict.fromkeys(("activations", "loss_terms", "gradients", "inference"), (domains, batch))}
    asked |= {name: (methods[name], arguments) for name, arguments in calls.items()}
    # One model a side: what is refused leaves it as it was.
    built: dict[int, Any] = {}
    for method, (domain_of, arguments) in asked.items():
        for sentence, changed, flags in _changed(domain_of, arguments):

            def call(side: Side, method: str = method, changed: Mapping[str, Any] = changed) -> object:
                if id(side) not in built:
                    built[id(side)] = side.build(spec, configuration)
                return getattr(built[id(side)], method)(**side.given(changed))

            yield PairedCall(f"{spec.name}.{method} with {sentence}", frozenset(arguments), call, **flags)


def _changed(domains: Mapping[str, Domain], good: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, bool]]]:
    """Sentence, all arguments of which one is exchanged, and what a `PairedCall` says of it."""

    def flags(what: str) -> dict[str, bool]:
        return {"both": False, "read": what in _READ, "loose": what in _NO_ARRAYS}

    arrays = [name for name, domain in domains.items() if isinstance(domain, _ARRAYS)]
    for name, domain in domains.items():
        if isinstance(domain, _ARRAYS):
            for what, value in bad_values.of_array(domain, good[name], len(arrays) == 1):
                yield f"{name}: {what}", {**good, name: value}, flags(what)
            if name == arrays[0] and len(arrays) > 1 and all(good[n].shape == good[name].shape for n in arrays):
                for what, value in bad_values.of_array(domain, good[name], True):
                    yield f"all of {', '.join(arrays)}: {what}", {**good, **dict.fromkeys(arrays, value)}, flags(what)
        else:
            for value in bad_values.of_option(domain):
                yield f"{name} = {value!r}", {**good, name: value}, {}
