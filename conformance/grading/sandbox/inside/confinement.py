"""How a worker shuts itself in: first the fork server, then, more tightly, the child that holds one submission. Runs in workers."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from conformance.grading.sandbox.inside import kernel, landlock, resource_limits, system_call_filter
from conformance.grading.sandbox.inside.resource_limits import ResourceLimits
from conformance.grading.sandbox.inside.sandbox_layout import (
    DEVICES,
    HOME,
    LIBRARIES,
    MACHINE,
    STANDARD,
    SUBMISSION,
    SUBMISSIONS,
    WORKER,
    SandboxLayout,
)

_NODES = 4096
_COMMAND_LINE = "/proc/self/cmdline"


def confine_fork_server(layout: SandboxLayout) -> None:
    """Before a framework is imported. With an own root nothing is left to take away, and children still have to mount."""
    if layout.landlock and not layout.mounted:
        # A child takes all of /proc away but a few files; one of them bears a name that is not known yet.
        landlock.restrict((*layout.readable, layout.place, *MACHINE, "/proc"), (layout.home,), DEVICES)
    # Else a submission of the same user could read this process's memory.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def confine_submission(layout: SandboxLayout, name: str, bounds: ResourceLimits, machine: Machine, taken: int) -> str:
    """Leave this process its submission, the libraries and a private /tmp. Returns where the submission is.

    Raises:
        OSError: a wall could not be built. Foreign code must not run then.
    """
    place = f"{layout.inside}/{SUBMISSIONS}/{name}"
    os.umask(0o077)
    if layout.mounted:
        _mount_private(layout, place, bounds, machine)
        place = SUBMISSION
    resource_limits.apply(bounds, taken, own_users=layout.mounted)
    if layout.landlock:
        own = [f"{layout.inside}/{name}" for name in (WORKER, LIBRARIES, STANDARD, HOME)]
        if layout.mounted:
            readable, machine_files = map(layout.seen, layout.readable), ("/proc", *MACHINE)
            landlock.restrict((*readable, *machine_files, *own, place), ("/tmp",), DEVICES, map(layout.seen, layout.packages))
        else:
            landlock.restrict((*_apart(layout), *MACHINE, _pinned(_COMMAND_LINE), *own, place), (), DEVICES)
    if layout.mounted or layout.seccomp:
        kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if layout.seccomp:
        system_call_filter.install()
    return place


def _mount_private(layout: SandboxLayout, place: str, bounds: ResourceLimits, machine: Machine) -> None:
    """An own /tmp that ends with this process; the submission; nothing of other submissions and processes."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    bare = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmp", "/tmp", "tmpfs", bare, f"size={bounds.disk_bytes},nr_inodes={_NODES},mode=700")
    kernel.mount(place, SUBMISSION, None, kernel.MS_BIND)
    kernel.mount("none", f"{layout.inside}/{SUBMISSIONS}", "tmpfs", bare | kernel.MS_RDONLY, "size=4k")
    kernel.unmount("/proc")
    kernel.mount("proc", "/proc", "tmpfs", bare, "size=1m")
    # TensorFlow ends the process where it cannot learn its own command line.
    files = machine.files | {_COMMAND_LINE: b"python\0submission\0"}
    for path, content in files.items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_bytes(content)
    os.symlink(machine.executable, "/proc/self/exe")
    kernel.make_read_only("/proc")


def _pinned(path: str) -> str:
    """A file of /proc, held open: Landlock knows it by an inode, and the kernel makes a new one when it has forgotten the old."""
    os.open(path, os.O_PATH)
    return path


def _apart(layout: SandboxLayout) -> set[str]:
    """Few folders that cover all libraries and not the worker's folder, whose other submissions are nobody's business.

    The fork server has already given up everything else, so they may cover more than the libraries.
    """
    covers = set()
    for path in layout.readable:
        parts = path.split("/")
        for depth in range(2, len(parts) + 1):
            cover = "/".join(parts[:depth])
            if not f"{layout.place}/".startswith(f"{cover}/"):
                covers.add(cover)
                break
    return covers


class Machine:
    """What is to be known of the machine and of this process after /proc is gone."""

    def __init__(self) -> None:
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self.files = {path: Path(path).read_bytes() for path in MACHINE if path.startswith("/proc")}
        self.executable = os.readlink("/proc/self/exe")

    def address_space(self) -> int:
        """Bytes that this process takes."""
        return int(os.pread(self._statm, 200, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")
