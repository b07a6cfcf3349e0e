"""Vector files on disk: written in one step, and read with every claim about their own integrity checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from conformance.cases.case import Case
from conformance.errors import BadVectors
from conformance.files import write_atomically
from conformance.judging.expectation import Expectation, Expected
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.printable import one_line
from conformance.vectors.document import FORMAT, SCHEMA, content_hash, document, text_of
from conformance.vectors.encoding import decode, decode_array, read
from conformance.vectors.vector import Vector, VectorFile
from reference.models import weights as safetensors
from reference.specification import Array, catalogue


def write(file: VectorFile, folder: Path) -> Path:
    """Write the file, and the weights of its models beside it.

    Raises:
        BadVectors: the folder cannot be written.
    """
    path = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        weights = _write_weights(file, path.with_suffix(".safetensors"))
        write_atomically(path, text_of(document(file, weights)))
    except OSError as error:
        raise BadVectors(f"{folder}: cannot be written: {error.strerror}") from error
    return path


def load(path: Path) -> VectorFile:
    """Read a file.

    Raises:
        BadVectors: no such file, damaged, of another schema version, or one whose hash is not that of its content.
    """
    content = _content(path)
    try:
        weights = _read_weights(path, content["weights"])
        vectors = tuple(_vector(case, content, weights) for case in content["cases"])
        return VectorFile(content["spec"], content["dtype"], vectors)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        if isinstance(error, BadVectors):
            raise
        raise BadVectors(f"{path}: damaged: {type(error).__name__}: {one_line(str(error))}") from error


def _content(path: Path) -> dict[str, Any]:
    """The document, if it is one of ours and whole."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise BadVectors(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadVectors(f"{path}: damaged: it is no JSON ({one_line(str(error))})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadVectors(f"{path}: expected a file of {FORMAT}, got other JSON")
    if content.get("schema") != SCHEMA:
        raise BadVectors(
            f"{path}: expected schema version {SCHEMA}, got {content.get('schema')!r}; without it "
            "`conformance vectors export` makes the file anew"
        )
    try:
        actual = content_hash(content)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadVectors(f"{path}: damaged: {one_line(str(error))}") from error
    if content.get("sha256") != actual:
        raise BadVectors(f"{path}: damaged: expected the content whose sha256 is {content.get('sha256')!r}, got {actual}")
    if content.get("spec") not in catalogue():
        raise BadVectors(f"{path}: expected a specification that `conformance list` shows, got {content.get('spec')!r}")
    return content


def _write_weights(file: VectorFile, path: Path) -> dict[str, str] | None:
    """All models' weights under "<case id>/<parameter>", in the dtype in which they are exact."""
    dtype = np.float64 if file.dtype == "float64" else np.float32
    weights = {
        f"{vector.case.id}/{name}": value.astype(dtype)
        for vector in file.vectors
        if vector.case.holds_model
        for name, value in vector.case.model.weights.items()
    }
    if not weights:
        return None
    safetensors.save(path, weights)
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _read_weights(path: Path, entry: Mapping[str, str] | None) -> dict[str, Array]:
    if entry is None:
        return {}
    from safetensors.numpy import load as from_bytes

    if Path(entry["file"]).name != entry["file"]:
        raise BadVectors(f"{path}: expected weights in a file beside it, got {entry['file']!r}")
    beside = path.with_name(entry["file"])
    try:
        content = beside.read_bytes()
    except OSError as error:
        raise BadVectors(f"{beside}: cannot be read: {error.strerror}; the weights of {path.name} are in it") from error
    actual = hashlib.sha256(content).hexdigest()
    if actual != entry["sha256"]:
        raise BadVectors(f"{beside}: damaged: expected the sha256 {entry['sha256']} that {path.name} says, got {actual}")
    return {name: value.astype(np.float64) for name, value in from_bytes(content).items()}


def _vector(content: Mapping[str, Any], file: Mapping[str, Any], weights: Mapping[str, Array]) -> Vector:
    inputs = decode(content["inputs"])
    if ModelInputs.fit(inputs):
        model = ModelInputs.of(inputs)
        beside: Mapping[str, Any] = model.weights
        inputs = replace(model, weights={name: weights[f"{beside['prefix']}{name}"] for name in beside["names"]}).named()
    cotangent = None if content["cotangent"] is None else decode_array(content["cotangent"])
    case = Case(file["spec"], file["dtype"], inputs, cotangent, tuple(content["flags"]))
    if case.id != content["id"]:
        raise ValueError(f"case {content['id']!r} has the content of {case.id!r}")
    expected = {quantity: _expectation(expectation) for quantity, expectation in content["expected"].items()}
    if set(expected) != set(catalogue()[case.spec].quantities):
        raise ValueError(f"case {case.id!r} answers {', '.join(expected)}")
    return Vector(case, expected, tuple(content["kills"]))


def _expectation(content: Mapping[str, Any]) -> Expectation:
    return {name: decode(answer["exact"]) if "exact" in answer else _expected(answer) for name, answer in content.items()}


def _expected(content: Mapping[str, Any]) -> Expected:
    value = decode_array({key: content[key] for key in ("dtype", "shape", "values")})

    def mask(key: str) -> Array | None:
        return np.array(content[key], dtype=bool).reshape(value.shape) if key in content else None

    allowed = np.array([read(x) for x in content["allowed"]]).reshape(value.shape)
    return Expected(value, allowed, content["dtype"], mask("comparable"), mask("may_be_infinite"))
