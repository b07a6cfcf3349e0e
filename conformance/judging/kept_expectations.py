"""What the reference says of costly cases, kept between runs of `verify`.

Rules of this file:

* An entry is found by all that it follows from: the sources of what is asked and of what is right, the version of NumPy, everything that
  the case holds. What changes is another entry, so that none is ever out of date.
* An entry that cannot be read is made anew, and where nothing can be kept nothing is; either is said once.
* Grading keeps nothing: whoever is graded might find it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from conformance.cases.case import Case
from conformance.cases.kinds import kind_of
from conformance.files import write_bytes_atomically
from conformance.judging.expectation import Expectation, Expected, expect
from conformance.targets.environment import suite
from reference.specification import Array, Quantity, Spec

# Bytes; entries that nobody has read for longest make room.
MOST = 1 << 30
_SUFFIX = ".safetensors"
_MASKS = ("comparable", "overflowing", "lost")
_ACCEPTED = "accepted/"


def usual_folder() -> Path:
    """Where a user's programs keep what can be made again."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "autoencoder-conformance" / "expectations"


class KeptExpectations:
    """The entries in a folder, which is made where it is missing; with None for a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._sources = "" if folder is None else suite()

    def expect(self, spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
        """As `expect`. What takes no longer than looking it up is not kept."""
        if self._folder is None or not (kind_of(spec).measured or spec.as_written is not None):
            return expect(spec, case)
        path = self._folder / f"{_key(self._sources, spec, case)}{_SUFFIX}"
        try:
            return _read(path)
        except FileNotFoundError:
            pass
        except Exception:  # whatever a damaged file leads to
            _say(f"kept expectations: {path} cannot be read, so it is made anew")
        expectation = expect(spec, case)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_bytes_atomically(path, _written(expectation))
        except OSError as error:
            _say(f"kept expectations: nothing can be written to {self._folder} ({error.strerror}); --fresh does without")
            self._folder = None
        return expectation

    def make_room(self, most: int = MOST) -> None:
        """Remove what nobody has read for longest, until there are no more bytes than `most`."""
        with contextlib.suppress(OSError):  # another run may be at it
            entries = [(path, path.stat()) for path in self._folder.glob(f"*{_SUFFIX}")] if self._folder is not None else []
            room = most - sum(stat.st_size for _, stat in entries)
            for path, stat in sorted(entries, key=lambda entry: entry[1].st_mtime):
                if room >= 0:
                    break
                path.unlink(missing_ok=True)
                room += stat.st_size


def _key(sources: str, spec: Spec, case: Case) -> str:
    accepted = [form.name for form in spec.accepted]
    content = sources, np.__version__, _of_file(spec.file), accepted, case.spec, case.dtype, dict(case.inputs), case.cotangent
    return str(joblib.hash(content))


@cache
def _of_file(file: str | None) -> bytes:
    return b"" if file is None else Path(file).read_bytes()


def _written(expectation: Mapping[Quantity, Expectation]) -> bytes:
    arrays, names = dict[str, Array](), list[tuple[str, str, str]]()
    for quantity, named in expectation.items():
        for name, expected in named.items():
            assert isinstance(expected, Expected)
            fields = {"value": expected.value, "allowed": expected.allowed, **{mask: getattr(expected, mask) for mask in _MASKS}}
            fields |= {f"{_ACCEPTED}{form}": budget for form, budget in expected.accepted.items()}
            arrays |= {f"{len(names)}/{field}": np.array(x, order="C") for field, x in fields.items() if x is not None}
            names.append((quantity, name, expected.dtype))
    return save(arrays, {"names": json.dumps(names)})


def _read(path: Path) -> Mapping[Quantity, Expectation]:
    with safe_open(path, framework="np") as file:
        arrays: dict[str, Array] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (it is no mapping)
        names = json.loads(file.metadata()["names"])
    os.utime(path)
    fields: dict[str, dict[str, Array]] = {}
    for key, array in arrays.items():
        number, _, field = key.partition("/")
        fields.setdefault(number, {})[field] = array
    expectation: dict[Any, dict[str, Expected]] = {}
    for number, (quantity, name, dtype) in enumerate(names):
        own = fields[str(number)]
        accepted = {field.removeprefix(_ACCEPTED): x for field, x in own.items() if field.startswith(_ACCEPTED)}
        masks = {mask: own.get(mask) for mask in _MASKS}
        expectation.setdefault(quantity, {})[name] = Expected(own["value"], own["allowed"], dtype, accepted=accepted, **masks)
    return expectation


@cache
def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
