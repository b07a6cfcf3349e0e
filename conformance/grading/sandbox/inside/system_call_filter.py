"""A filter of system calls as raw BPF: what is not listed in syscalls.py is refused. Runs in workers."""

from __future__ import annotations

import errno
import os
import struct

from conformance.grading.sandbox.inside import kernel
from conformance.grading.sandbox.inside.allowed_system_calls import ARCHITECTURES, CLONE3, numbers

# <linux/bpf_common.h>: load a word, jump if equal, if at least, if any bit is set, return
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
# offsets in struct seccomp_data
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_CLONE_THREAD = 0x10000
_NAMESPACES = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWCGROUP
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
) | kernel.CLONE_NEWNET
_PRCTL = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: what thread libraries and allocators use
_IOCTL = (
    0x5401,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # is it a terminal, how large, how much is there to read, blocking, close on exec
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032)  # not F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY: they send signals


def available(machine: str | None = None) -> bool:
    """Whether the table has this architecture."""
    return (machine or os.uname().machine) in ARCHITECTURES


def program(machine: str, pid: int) -> bytes:
    """The filter for a process that may signal nobody but itself, `pid`."""
    known = numbers(machine)
    conditional = {
        "clone": [*_argument(0), (_ANY_BIT, 0, 2, _CLONE_THREAD), (_ANY_BIT, 1, 0, _NAMESPACES), *_verdicts()],
        "kill": _among(0, (pid,)),
        "tgkill": _among(0, (pid,)),
        "prctl": _among(0, _PRCTL),
        "ioctl": _among(1, _IOCTL),
        "fcntl": _among(1, _FCNTL),
        "prlimit64": _among(0, (0, pid)),
    }
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine][0]),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for name, number in known.items():
        body = conditional.get(name, [(_RETURN, 0, 0, _ALLOW)])
        code += [(_EQUAL, 0, len(body), number), *body]
    code += [
        (_AT_LEAST, 0, 1, CLONE3),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def install() -> None:
    """Filter this process from now on; there is no way back."""
    kernel.set_filter(program(os.uname().machine, os.getpid()))


def _argument(index: int) -> list[tuple[int, int, int, int]]:
    """Load the lower half of an argument: the kernel reads these as int or unsigned int."""
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * index)]


def _verdicts() -> list[tuple[int, int, int, int]]:
    return [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]


def _among(index: int, values: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Allow the call if the argument is one of the values."""
    count = len(values)
    tests = [(_EQUAL, count - 1 - i, 1 if i == count - 1 else 0, value) for i, value in enumerate(values)]
    return [*_argument(index), *tests, *_verdicts()]
