"""The levels: which walls each one has, and in what words it is recorded."""

from __future__ import annotations

from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.inside import landlock, system_call_filter

_REACH = "it could open no file but the libraries and itself, and reach no network and no process."
_SENTENCES = {
    "bubblewrap": f"The submission ran inside bubblewrap: {_REACH}",
    "landlock": f"The submission ran under Landlock and a filter of system calls: {_REACH}",
    "namespaces": f"The submission ran in namespaces of its own under a filter of system calls: {_REACH}",
    "process": "The submission ran with resource limits only: it could read files and use the network like the user who graded it.",
}
_OWN_ROOT = ("own user, mount, process, network and IPC namespaces", "read-only root", "private /tmp")


def isolation(level: str, own_root: bool) -> Isolation:
    """The value for a level; `own_root`: it has namespaces and a file system of its own."""
    layers: list[str] = []
    if level != "process":
        layers += _OWN_ROOT if own_root else ()
        version = landlock.version()
        layers += [f"Landlock {version}"] if version and level != "namespaces" else []
        layers += ["seccomp", "no privileges"]
    layers += ["resource limits", "clean environment", "process group"]
    return Isolation(level, tuple(layers), _SENTENCES[level])


def layout_walls(walls: Isolation) -> dict[str, bool]:
    """The walls as a layout takes them."""
    own_root = set(_OWN_ROOT) <= set(walls.layers)
    return {
        "namespaces": own_root and walls.level != "bubblewrap",
        "mounted": own_root,
        "landlock": any(layer.startswith("Landlock") for layer in walls.layers),
        "seccomp": "seccomp" in walls.layers,
    }


def candidates(level: str | None) -> list[Isolation]:
    """What to try, best first; without walls nothing is tried."""
    if not system_call_filter.available():
        return []
    levels = [isolation("bubblewrap", True)]
    if landlock.version():
        levels += [isolation("landlock", True), isolation("landlock", False)]
    levels += [isolation("namespaces", True)]
    return [candidate for candidate in levels if level in (None, candidate.level)]
