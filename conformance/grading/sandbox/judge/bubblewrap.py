"""The command line of bubblewrap around a worker: every namespace unshared, and a root with its folder, the interpreter and libraries."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from conformance.grading.sandbox.inside.mounts import mounts_of
from conformance.grading.sandbox.inside.sandbox_layout import DEVICES, MACHINE, SUBMISSION, SandboxLayout


def executable() -> str | None:
    """Where bubblewrap is; None if it is not installed."""
    return shutil.which("bwrap")


def command(layout: SandboxLayout, environment: Mapping[str, str]) -> list[str]:
    """What to put before the command of the worker.

    CAP_SYS_ADMIN is one inside the new user namespace only; the child mounts its private /tmp with it and drops it before foreign code runs.
    """
    found = executable()
    assert found is not None
    words = [found, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-add", "CAP_SYS_ADMIN", "--as-pid-1"]
    mounts = mounts_of(layout)
    for path in mounts.shown:
        words += ["--ro-bind", path, layout.seen(path)]
    for path, cover in mounts.covers:
        words += ["--ro-bind", f"{layout.place}/{cover}", layout.seen(path)]
    for path in DEVICES:
        words += ["--dev-bind", path, path]
    words += ["--proc", "/proc"]
    for path in MACHINE:
        if path.startswith("/sys") and os.path.exists(path):
            words += ["--ro-bind", path, path]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    words += ["--ro-bind", layout.place, layout.inside, "--tmpfs", layout.home, "--dir", SUBMISSION, "--remount-ro", "/"]
    return words
