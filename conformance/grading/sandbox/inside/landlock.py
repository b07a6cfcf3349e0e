"""Landlock: a process takes away its own right to open files, to use the network and to signal others. Runs in workers.

Landlock neither hides names (stat, readlink) nor stops chmod and the like; the filter of system calls refuses the latter.
Source: Documentation/userspace-api/landlock.rst of the Linux kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterable

from conformance.grading.sandbox.inside import kernel

_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
# Removing and making directories, files and links; no devices, sockets or pipes.
_CHANGE = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12
# Rights that exist since each version; up to the first all thirteen bits of version 1.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP, _SCOPES = 0b11, 0b11


def version() -> int:
    """The version that the kernel speaks; 0 without Landlock."""
    try:
        return kernel.syscall("landlock", _CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    except OSError:
        return 0


def restrict(
    readable: Iterable[str], writable: Iterable[str] = (), devices: Iterable[str] = (), listable: Iterable[str] = ()
) -> None:
    """Leave this process what is under the named paths, and nothing else, for good. A path that does not exist is passed over.

    Of what is `listable` only the names can be read.
    """
    spoken = version()
    rights = max(bits for since, bits in _RIGHTS.items() if since <= spoken)
    ruleset = struct.pack("=QQQ", rights, _TCP if spoken >= 4 else 0, _SCOPES if spoken >= 6 else 0)
    size = 8 if spoken < 4 else 16 if spoken < 6 else 24
    handle = kernel.syscall("landlock_create_ruleset", _CREATE, ruleset, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(handle, path, (_READ_FILE | _READ_DIR) & rights)
        for path in listable:
            _allow(handle, path, _READ_DIR & rights)
        for path in writable:
            _allow(handle, path, (_READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _REFER | _CHANGE) & rights)
        for path in devices:
            _allow(handle, path, (_READ_FILE | _WRITE_FILE) & rights)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, ctypes.c_int(handle), ctypes.c_uint32(0))
    finally:
        os.close(handle)


def _allow(handle: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
            rule = struct.pack("=Qi", rights, place)
            arguments = ctypes.c_int(handle), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0)
            kernel.syscall(f"landlock_add_rule {path}", _ADD_RULE, *arguments)
        finally:
            os.close(place)
