"""A folder of programs: `manifest.json` says what is in it, and a file for each specification and dtype holds the programs and their arrays.

Every array is stored once a file, under the hash of its content: the programs of a model share weights and batches.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from conformance.errors import UnusablePrograms

FORMAT, SCHEMA = "conformance programs", 1
MANIFEST = "manifest.json"
_INDEX = "programs"
_ARRAYS = ("value", "allowed", "comparable", "infinite", "lost")


@dataclass(frozen=True)
class Result:
    """What one output of a program should be, and how far each of its elements may be from it.

    `comparable` masks elements that have no single right value, where only finiteness is asked; `infinite` those for which an infinity of
    the same sign is as right as the value, `lost` those for which NaN is, too. None stands for all, and for none.
    """

    quantity: str
    name: str
    dtype: str
    value: np.ndarray
    allowed: np.ndarray
    comparable: np.ndarray | None = None
    infinite: np.ndarray | None = None
    lost: np.ndarray | None = None


@dataclass(frozen=True)
class Program:
    """A program in XLA's HLO, serialized; the arrays it is given, in order; its outputs, in order. It may give more, which nobody reads."""

    case: str
    flags: tuple[str, ...]
    about: str
    code: bytes
    inputs: tuple[np.ndarray, ...]
    results: tuple[Result, ...]

    @property
    def quantities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(result.quantity for result in self.results))


@dataclass(frozen=True)
class ProgramFile:
    """The programs of one specification in one dtype."""

    spec: str
    dtype: str
    programs: tuple[Program, ...]

    @property
    def name(self) -> str:
        return f"{self.spec}.{self.dtype}.npz"


@dataclass(frozen=True)
class NotExported:
    """What an implementation offers and no program computes, and why."""

    spec: str
    dtype: str
    quantity: str
    subject: str
    reason: str


@dataclass(frozen=True)
class FileEntry:
    """A file of the folder as the manifest has it."""

    name: str
    spec: str
    dtype: str
    programs: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a folder, and how it was made.

    target    what a table calls what is judged
    module    the implementation, and the framework in which it is written
    version   of this project
    versions  of all that can change a figure, where it was exported
    """

    target: str
    module: str
    framework: str
    version: str
    versions: Mapping[str, str]
    seed: int
    files: tuple[FileEntry, ...] = ()
    not_exported: tuple[NotExported, ...] = ()
    folder: Path = field(default=Path(), compare=False)

    def read(self, entry: FileEntry) -> ProgramFile:
        """A file of the folder.

        Raises:
            UnusablePrograms: it is not what the manifest says.
        """
        path = self.folder / entry.name
        try:
            return ProgramFile(entry.spec, entry.dtype, _unpacked(_checked(path, entry.sha256)))
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            if isinstance(error, UnusablePrograms):
                raise
            raise UnusablePrograms(f"folder: expected programs in {str(path)!r}, got {type(error).__name__}: {error}") from error


def packed(programs: Sequence[Program]) -> bytes:
    """The programs as the content of a file."""
    arrays: dict[str, np.ndarray] = {}

    def kept(array: np.ndarray | None) -> str | None:
        if array is None:
            return None
        # Not np.ascontiguousarray, which makes a scalar a vector.
        array = np.asarray(array, order="C")
        content = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode() + array.tobytes()).hexdigest()[:16]
        arrays[content] = array
        return content

    def entry(result: Result) -> list[str | None]:
        arrays_of = [kept(getattr(result, name)) for name in _ARRAYS]
        return [result.quantity, result.name, result.dtype, *arrays_of]

    index = [
        {
            "case": program.case,
            "flags": list(program.flags),
            "about": program.about,
            "code": kept(np.frombuffer(program.code, np.uint8)),
            "inputs": [kept(array) for array in program.inputs],
            "results": [entry(result) for result in program.results],
        }
        for program in programs
    ]
    arrays[_INDEX] = np.frombuffer(json.dumps(index).encode(), np.uint8)
    return _zipped(arrays)


def manifest_text(manifest: Manifest) -> str:
    """The manifest as it stands in its file, with the hash of all that it says."""
    content = {"format": FORMAT, "schema": SCHEMA, **{k: v for k, v in asdict(manifest).items() if k != "folder"}}
    return json.dumps({**content, "sha256": _hash_of(content)}, indent=1) + "\n"


def read_folder(folder: Path) -> Manifest:
    """What is in the folder, every file of it checked.

    Raises:
        UnusablePrograms: there is none, it is empty, damaged, foreign or of another version of the format.
    """
    manifest = _manifest(folder)
    for entry in manifest.files:
        _checked(folder / entry.name, entry.sha256)
    return manifest


def _manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        raise UnusablePrograms(f"folder: expected a folder that `conformance programs export` wrote, got {what} at {str(folder)!r}")
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise UnusablePrograms(f"folder: expected {MANIFEST} in {str(folder)!r}, got none") from error
    except OSError as error:
        raise UnusablePrograms(f"folder: {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UnusablePrograms(f"folder: expected JSON in {str(path)!r}, got something else: it is damaged") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UnusablePrograms(f"folder: expected a manifest of {FORMAT} in {str(path)!r}, got other JSON")
    if content.get("schema") != SCHEMA:
        raise UnusablePrograms(f"folder: expected schema version {SCHEMA} in {str(path)!r}, got {content.get('schema')!r}")
    expected = content.pop("sha256", None)
    if expected != (actual := _hash_of(content)):
        raise UnusablePrograms(
            f"folder: expected the content whose sha256 is {expected!r} in {str(path)!r}, got {actual}: it is damaged"
        )
    del content["format"], content["schema"]
    try:
        files = tuple(FileEntry(**entry) for entry in content.pop("files"))
        not_exported = tuple(NotExported(**entry) for entry in content.pop("not_exported"))
        manifest = Manifest(**content, files=files, not_exported=not_exported, folder=folder)
    except (TypeError, KeyError) as error:
        raise UnusablePrograms(f"folder: expected a manifest in {str(path)!r}, got one with other fields: {error}") from error
    strange = [entry.name for entry in files if Path(entry.name).name != entry.name]
    if strange or not files:
        got = repr(strange[0]) if strange else "none"
        raise UnusablePrograms(f"folder: expected files beside {str(path)!r} in it, got {got}")
    return manifest


def _hash_of(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusablePrograms(f"folder: {str(path)!r} cannot be read: {error.strerror}; {MANIFEST} names it") from error
    if sha256 != (actual := hashlib.sha256(content).hexdigest()):
        raise UnusablePrograms(f"folder: expected the sha256 {sha256} of {str(path)!r}, got {actual}: it is damaged")
    return content


def _unpacked(content: bytes) -> tuple[Program, ...]:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return tuple(_programs(json.loads(arrays[_INDEX].tobytes()), arrays))


def _programs(index: Sequence[Mapping[str, Any]], arrays: Mapping[str, np.ndarray]) -> Iterator[Program]:
    loaded: dict[str, np.ndarray] = {}

    def array(key: str | None) -> Any:
        if key is not None and key not in loaded:
            loaded[key] = arrays[key]
        return None if key is None else loaded[key]

    for entry in index:
        results = tuple(
            Result(quantity, name, dtype, **dict(zip(_ARRAYS, map(array, keys), strict=True)))
            for quantity, name, dtype, *keys in entry["results"]
        )
        code, inputs = array(entry["code"]).tobytes(), tuple(array(key) for key in entry["inputs"])
        yield Program(entry["case"], tuple(entry["flags"]), entry["about"], code, inputs, results)


def _zipped(arrays: Mapping[str, np.ndarray]) -> bytes:
    """As `np.savez_compressed`, but the same bytes at any hour."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return content.getvalue()
