"""Own user, mount, process, network and IPC namespaces without bubblewrap, through the same calls of the kernel.

Runs as a program of its own, which becomes the worker: `python -c … folder interpreter arguments…`.
"""

from __future__ import annotations

import os
import signal

from conformance.grading.sandbox.inside import kernel
from conformance.grading.sandbox.inside.mounts import mounts_of
from conformance.grading.sandbox.inside.sandbox_layout import DEVICES, MACHINE, SUBMISSION, SandboxLayout


def main(place: str, command: list[str]) -> None:
    """Leave the machine and become `command`."""
    leave(SandboxLayout.read(place))
    os.execv(command[0], command)


def leave(layout: SandboxLayout) -> None:
    """Into own namespaces, onto an own read-only root with nothing but the worker's folder, the interpreter and the libraries.

    Returns in a new process, the first of its process namespace; the old one waits for it and takes its exit code over.
    """
    user, group = os.getuid(), os.getgid()
    shared = kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | shared)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    child = os.fork()
    if child:
        os.closerange(0, 4096)  # the judge sees the end of the fork server by the end of its socket
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    _build_root(layout)


def _build_root(layout: SandboxLayout) -> None:
    root = f"{layout.place}/root"
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("root", root, "tmpfs", kernel.MS_NOSUID, "size=4m,mode=755")
    _bind(layout.place, root + layout.inside, kernel.MS_BIND)
    mounts = mounts_of(layout)
    for path in (*mounts.shown, *DEVICES):
        _bind(path, root + layout.seen(path))
    for path, cover in mounts.covers:
        if os.path.exists(target := root + layout.seen(path)):  # else there is nothing left to cover
            kernel.mount(f"{layout.place}/{cover}", target, None, kernel.MS_BIND)
    os.makedirs(f"{root}/proc")
    kernel.mount("proc", f"{root}/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    for path in MACHINE:
        if path.startswith("/sys"):
            _bind(path, root + path)
    for folder in ("/tmp", SUBMISSION):
        os.makedirs(root + folder, exist_ok=True)
    kernel.pivot_into(root)
    kernel.make_read_only("/")
    kernel.mount("home", layout.home, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=16m")


def _bind(source: str, target: str, flags: int = kernel.MS_BIND | kernel.MS_REC) -> None:
    if not os.path.exists(source):
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a"):
            pass
    kernel.mount(source, target, None, flags)
