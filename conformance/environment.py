"""What is installed here and on which devices it can compute."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import dataclass

from conformance import frameworks
from conformance.frameworks import DEVICES, FRAMEWORKS
from conformance.responses import NotSupported

_PACKAGES = ("numpy", "scipy", "tensorflow", "keras", "torch", "safetensors", "scikit-learn")


@dataclass(frozen=True)
class Availability:
    """One framework on one device; `reason` says why it cannot be used, None if it can."""

    framework: str
    device: str
    version: str | None
    reason: str | None


def versions() -> dict[str, str]:
    """Versions of Python and of every package whose version can change a figure."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def own_version() -> str:
    """Version of this project, or "source" where it is not installed."""
    try:
        return importlib.metadata.version("autoencoder-conformance")
    except importlib.metadata.PackageNotFoundError:
        return "source"


def machine() -> str:
    """Operating system and processor, as a report should say them."""
    return f"{platform.system()} {platform.machine()}"


def availability() -> list[Availability]:
    """Every framework on every device it knows. Imports the frameworks."""
    found = []
    for name in FRAMEWORKS:
        try:
            adapter = frameworks.load(name)
        except NotSupported as reason:
            found.append(Availability(name, "cpu", None, str(reason)))
            continue
        for device in DEVICES if name != "numpy" else ("cpu",):
            found.append(Availability(name, device, adapter.version(), adapter.missing_device(device)))
    return found
