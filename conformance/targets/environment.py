"""What is installed here and on which devices it can compute."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from conformance.respondent import frameworks
from conformance.respondent.responses import NotSupported
from conformance.targets.target import breakage, discover

# Beside those of the frameworks.
_PACKAGES = ("safetensors", "scikit-learn")
_ROOT = Path(__file__).parents[2]
_SUITE = (
    _ROOT / "reference",
    *(_ROOT / "conformance" / name for name in ("cases", "derivation", "judging", "respondent", "tolerance.py")),
)
_CARDS = ("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")


@dataclass(frozen=True)
class Availability:
    """One framework on one device; `reason` says why it cannot be used, None if it can. `version` says what an unusual device is, too."""

    framework: str
    device: str
    version: str | None
    reason: str | None


@dataclass(frozen=True)
class Registered:
    """A target that an installed package registers; `reason` says why it cannot be used, None if it can."""

    name: str
    module: str
    reason: str | None


def versions() -> dict[str, str]:
    """Versions of Python and of every package whose version can change a figure."""
    versions = {"python": platform.python_version()}
    # NumPy first: the others need it.
    of_frameworks = (package for name in sorted(frameworks.names()) for package in frameworks.facts(name).versions)
    for package in (*of_frameworks, *_PACKAGES):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def own_version() -> str:
    """Version of this project, or "source" where it is not installed."""
    try:
        return importlib.metadata.version("autoencoder-conformance")
    except importlib.metadata.PackageNotFoundError:
        return "source"


def suite() -> str:
    """A digest of what is asked and of what is right: of the sources from which cases and expectations come, line ends apart."""
    digest = hashlib.sha256()
    for path in sorted(path for place in _SUITE for path in ([place] if place.is_file() else place.rglob("*.py"))):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def machine(devices: Collection[str] = ()) -> str:
    """Operating system and processor, as a report should say them; with "cuda" among the `devices` its cards and their driver."""
    cards = dict.fromkeys(_cards() if "cuda" in devices else ())
    return ", ".join([f"{platform.system()} {platform.machine()}", *cards])


def _cards() -> list[str]:
    """As NVIDIA's own tool names them; none where it is missing or does not answer."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(_CARDS, capture_output=True, text=True, timeout=20, check=True)
        names = (line.split(", ") for line in answer.stdout.splitlines())
        return [f"{name}, driver {driver}" for name, driver in names]
    return []


def availability() -> list[Availability]:
    """Every framework on every device it knows. Imports the frameworks."""
    rows = []
    for name in sorted(frameworks.names()):
        try:
            adapter = frameworks.load(name)
        except NotSupported as reason:
            rows.append(Availability(name, "cpu", None, str(reason)))
            continue
        known = frameworks.facts(name)
        for device in (*known.devices, *known.on_request):
            version = ": ".join([adapter.version(), *([known.on_request[device]] if device in known.on_request else [])])
            rows.append(Availability(name, device, version, adapter.missing_device(device)))
    return rows


def registered_targets() -> list[Registered]:
    """What installed packages register beside the implementations of this project. Imports them."""
    own = frameworks.own_packages()
    return [Registered(name, module, breakage(module)) for name, module in discover().items() if name not in own]
