"""Attacks without walls, to show that they are attacks: `python -m tests.grading.attacks_without_walls NAME…` prints what each achieves.

They run inside a sandbox of the test's own: user, process, network, IPC and mount namespaces in which everything is read-only but an
empty /tmp, with bounds on memory and on the number of processes. When its first process ends, everything in it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path

from conformance.grading.sandbox.inside import kernel
from conformance.grading.sandbox.inside.resource_limits import MEBIBYTE
from conformance.grading.sandbox.judge.isolation_probe import probe
from conformance.grading.sandbox.judge.worker_pool import Workers
from tests.grading import attack_targets

_SECONDS = 100


def main(names: list[str]) -> None:
    enter()
    with (
        attack_targets.attack_targets(Path(tempfile.mkdtemp())) as targets,
        Workers(probe("process"), attack_targets.LIMITS) as workers,
    ):
        print(json.dumps({name: attack_targets.attack(workers, targets, name).achieved for name in names}))


def enter() -> None:
    """Into the sandbox; returns in its first process."""
    user, group = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path(f"/proc/self/{name}").write_text(text)
    first = os.fork()
    if first:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]))
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.alarm(_SECONDS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    _empty_tmp()
    _loopback_up()
    resource.setrlimit(resource.RLIMIT_DATA, (2048 * MEBIBYTE, 2048 * MEBIBYTE))
    resource.setrlimit(resource.RLIMIT_NPROC, (200, 200))


def _empty_tmp() -> None:
    """Everything read-only, and an empty /tmp over the old one, but for what Python itself has there."""
    needed = {"/".join(path.split("/")[:3]) for path in (*sys.path, sys.prefix, os.getcwd()) if path.startswith("/tmp/")}
    handles = {path: os.open(path, os.O_PATH) for path in needed if os.path.isdir(path)}
    here = os.getcwd()
    kernel.make_read_only("/")
    kernel.mount("tmp", "/tmp", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=256m")
    for path, handle in handles.items():
        os.mkdir(path)
        kernel.mount(f"/proc/self/fd/{handle}", path, None, kernel.MS_BIND | kernel.MS_REC)
        os.close(handle)
    os.chdir(here)
    os.environ["TMPDIR"] = tempfile.tempdir = "/tmp"


def _loopback_up() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


if __name__ == "__main__":
    main(sys.argv[1:])
