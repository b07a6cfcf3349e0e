"""A wheel of this project, made from the files that are running: no network, no build tool, no index.

The implementations in TensorFlow and PyTorch are left out: a grader does not need them, and they are solutions of the assignments.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conformance.errors import CannotBuild

DISTRIBUTION = "autoencoder-conformance"
_PACKAGES = ("conformance", "reference")
_ROOT = Path(__file__).parents[3]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: equal files give an equal wheel


def build() -> tuple[str, bytes]:
    """File name and content of the wheel.

    Raises:
        CannotBuild: the project is not installed here, so its requirements are unknown.
    """
    try:
        installed = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise CannotBuild(f"wheel: expected {DISTRIBUTION} to be installed, found its source alone") from error
    metadata = installed.read_text("METADATA") or installed.read_text("PKG-INFO")
    if metadata is None or "Provides-Extra: grading" not in metadata:
        raise CannotBuild(f"wheel: expected {DISTRIBUTION} as installed from this source, found an older one; install it again")
    stem = f"{DISTRIBUTION.replace('-', '_')}-{installed.version}"
    files = {path.relative_to(_ROOT).as_posix(): path.read_bytes() for package in _PACKAGES for path in _files(_ROOT / package)}
    info = f"{stem}.dist-info"
    files |= {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: conformance\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": b"[console_scripts]\nconformance = conformance.__main__:main\n",
    }
    return f"{stem}-py3-none-any.whl", archive({**files, f"{info}/RECORD": _record(files, f"{info}/RECORD")})


def archive(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """A zip of the files, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = (0o100755 if name in executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive_file.writestr(info, files[name])
    return buffer.getvalue()


def constraints(extras: Collection[str]) -> str:
    """The versions that are installed here, of everything that this project requires with those extras, and what that requires."""
    waiting = [(DISTRIBUTION, frozenset(extras))]
    visited: set[tuple[str, frozenset[str]]] = set()
    pinned: dict[str, str] = {}
    while waiting:
        name, extras_of_name = waiting.pop()
        if (name, extras_of_name) in visited:
            continue
        visited.add((name, extras_of_name))
        try:
            installed = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if name != DISTRIBUTION:
            pinned[name] = installed.version.partition("+")[0]  # an index does not have local builds such as +cpu
        requirements = [Requirement(line) for line in installed.requires or ()]
        waiting += [
            (canonicalize_name(requirement.name), frozenset(requirement.extras))
            for requirement in requirements
            if _is_required(requirement, extras_of_name)
        ]
    return "".join(f"{name}=={pinned[name]}\n" for name in sorted(pinned))


def _is_required(requirement: Requirement, extras: Collection[str]) -> bool:
    """Whether it holds on this machine, by itself or with one of the extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _files(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    """What installers check: every file with its hash and size."""
    lines = []
    for name in sorted(files):
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(files[name])}\n")
    return ("".join(lines) + f"{own},,\n").encode()
