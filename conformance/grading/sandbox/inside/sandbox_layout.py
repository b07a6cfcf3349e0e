"""What a worker has around it, as data that the judge writes and the worker reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

WORKER, LIBRARIES, STANDARD, SUBMISSIONS, HOME = "worker", "libraries", "standard", "submissions", "home"
# What covers files of the machine that a worker must not see.
EMPTY_FOLDER, EMPTY_FILE = "empty", "empty_file"
# Where the worker's folder is seen from inside, if the worker has a file system of its own.
INSIDE = "/room"
SUBMISSION = "/submission"
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
# What TensorFlow, PyTorch and the C library ask of the machine: how many processors, how much memory.
MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/devices/system/node")


@dataclass(frozen=True)
class SandboxLayout:
    """The walls around a worker.

    place      the folder as the judge sees it: the worker's own files, one folder per submission
    readable   every file and folder of the interpreter and the libraries, without this project
    packages   folders of the standard library and of packages, in the order of sys.path
    nearly_whole   folders of which nearly everything is readable
    namespaces own user, mount, process, network and IPC namespaces made by the worker itself
    mounted    it has a file system of its own, made by the worker itself or by bubblewrap
    landlock, seccomp   whether these are used
    """

    place: str
    readable: tuple[str, ...]
    packages: tuple[str, ...]
    nearly_whole: tuple[str, ...]
    namespaces: bool
    mounted: bool
    landlock: bool
    seccomp: bool

    @property
    def inside(self) -> str:
        """The folder as the worker sees it."""
        return INSIDE if self.mounted else self.place

    @property
    def home(self) -> str:
        """Where libraries may write while they are imported. A child sees its own /tmp instead, or cannot write there."""
        return "/tmp" if self.mounted else f"{self.place}/{HOME}"

    def seen(self, path: str) -> str:
        """Where the worker finds a file of the machine: at the same place, unless its private /tmp is there."""
        return f"/outside{path}" if self.mounted and path.startswith("/tmp/") else path

    def path(self) -> list[str]:
        """sys.path of the worker."""
        return [f"{self.inside}/{WORKER}", *map(self.seen, self.packages)]

    def write(self) -> None:
        text = json.dumps(asdict(self))
        (Path(self.place) / "layout.json").write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, place: str) -> SandboxLayout:
        stored: dict[str, Any] = json.loads((Path(place) / "layout.json").read_text(encoding="utf-8"))
        for name in ("readable", "packages", "nearly_whole"):
            stored[name] = tuple(stored[name])
        return cls(**stored)
