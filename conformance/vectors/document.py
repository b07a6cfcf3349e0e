"""A vector file as a JSON document: what stands in it, its words, its hash."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.cases.case import KNOWN, REAL
from conformance.cases.kinds import kind_of
from conformance.cases.profiles import PROFILES
from conformance.faults.catalogue import entries
from conformance.judging.expectation import Expectation, Expected
from conformance.targets import environment
from conformance.vectors.encoding import encode, encode_array, rounded_down
from conformance.vectors.vector import Vector, VectorFile
from reference.specification import Array, Spec, catalogue

FORMAT = "conformance vectors"
SCHEMA = 2

FLAGS = {
    KNOWN: "a published answer, or one that can be derived by hand",
    **{profile.name: profile.sentence for profile in PROFILES},
    "shrunk": "made smaller by the harness from a case that some implementation failed",
    "promoted": "an implementation really failed this case; it is kept when the file is made anew",
    REAL: "scanned digits or a multilingual text",
}

COMPARISON = (
    "An array answers an array of the same names, dtype and shape; values stand row by row. "
    "Where comparable is 0 an element has only to be finite. Elsewhere NaN answers NaN and nothing else; "
    "an infinity answers the same infinity, or a number of the same sign where may_be_infinite is 1; "
    "a finite element may be off by allowed at most. What is called exact is compared exactly."
)


def document(file: VectorFile, weights: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole document with its hash. `weights` names the safetensors file beside it and its hash."""
    spec = catalogue()[file.spec]
    flags = {flag for vector in file.vectors for flag in vector.case.flags}
    content = {
        "format": FORMAT,
        "schema": SCHEMA,
        "spec": spec.name,
        "kind": spec.kind,
        "dtype": file.dtype,
        "equation": spec.equation,
        "source": spec.source,
        "defaults": _defaults(spec),
        "provenance": _provenance(spec, file.dtype),
        "comparison": COMPARISON,
        "flags": {flag: sentence for flag, sentence in FLAGS.items() if flag in flags},
        "faults": {
            name: {"kind": entry.kind, "sentence": entry.sentence} for name, entry in entries().items() if name in file.kills
        },
        "weights": None if weights is None else dict(weights),
        "cases": [_case(vector, file.dtype) for vector in file.vectors],
    }
    return {**content, "sha256": content_hash(content)}


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over the document without its hash in canonical form (RFC 8785): keys sorted, no white space, UTF-8."""
    content_without_hash = {key: value for key, value in content.items() if key != "sha256"}
    canonical = json.dumps(content_without_hash, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def text_of(content: Mapping[str, Any]) -> str:
    """The document as it is written: a line for every entry and every case, so that differences can be read."""
    lines = [f"{_line(key)}: {_line(value)}" for key, value in content.items() if key != "cases"]
    cases = ",\n".join(map(_line, content["cases"]))
    return "{\n" + ",\n".join([*lines, f'"cases": [\n{cases}\n]']) + "\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _defaults(spec: Spec) -> dict[str, Any]:
    """What an argument is that a case does not name; of a tokenizer and a model the arguments with which it is built."""
    parameters = inspect.signature(spec.evaluate).parameters.values()
    return {p.name: encode(p.default, "float64") for p in parameters if p.default is not p.empty}


def _provenance(spec: Spec, dtype: str) -> dict[str, Any]:
    exact = spec.error_scale is not None
    versions = environment.versions()
    return {
        "oracle": "the NumPy reference of this project" + (", computing in binary64" if exact or kind_of(spec).measured else ""),
        "held_against": "mpmath with 50 digits and a second source, by the tests in tests/reference, not by this file"
        if exact
        else "independent second sources, by the tests in tests/reference, not by this file",
        "inputs": f"numbers of {dtype}, exact",
        "numbers": "shortest decimal that gives the same binary64 number back (at most 17 digits)",
        "allowed": "error budget of an implementation that computes in the dtype, 4 digits, rounded down",
        "hash": "sha256 over this document without the key sha256, in the canonical form of RFC 8785",
        "made_by": f"conformance vectors export --spec {spec.name}",
        "versions": {"conformance": environment.own_version(), "python": versions["python"], "numpy": versions["numpy"]},
    }


def _case(vector: Vector, dtype: str) -> dict[str, Any]:
    case, inputs = vector.case, vector.case.inputs
    if case.holds_model:
        beside: dict[str, Any] = {"prefix": f"{case.id}/", "names": list(case.model.weights)}
        inputs = replace(case.model, weights=beside).named()
    return {
        "id": case.id,
        "flags": list(case.flags),
        "kills": list(vector.kills),
        "inputs": encode(inputs, dtype),
        "cotangent": None if case.cotangent is None else encode_array(case.cotangent, dtype),
        "expected": {quantity: _expectation(expectation) for quantity, expectation in vector.expected.items()},
    }


def _expectation(expectation: Expectation) -> dict[str, Any]:
    return {
        name: _array(answer) if isinstance(answer, Expected) else {"exact": encode(answer, "float64")}
        for name, answer in expectation.items()
    }


def _array(answer: Expected) -> dict[str, Any]:
    value, allowed = np.asarray(answer.value), np.broadcast_to(answer.allowed, np.shape(answer.value))
    content = {**encode_array(value, answer.dtype), "allowed": [rounded_down(x) for x in allowed.ravel().tolist()]}
    if answer.comparable is not None:
        content["comparable"] = _bits(np.broadcast_to(answer.comparable, value.shape))
    if answer.infinite is not None:  # said of every element, so that a checker need not know the largest number of the dtype
        content["may_be_infinite"] = _bits(answer.infinite)
    return content


def _bits(mask: Array) -> list[int]:
    return np.asarray(mask).astype(int).ravel().tolist()
