"""The fork server: it imports a framework once, and forks a child for every submission. Runs inside the walls.

It runs no foreign code. It has one socket to the judge, SOCK_SEQPACKET, over which the judge sends
    {"open": name, "target": ..., "limits": ...} with three handles: the child's channel, its output, where to say how it ended
    {"end": name}                                which kills the child
and it says {"ready": ...} once. When the socket ends, it ends, and its children with it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.grading.sandbox.inside import submission_process
from conformance.grading.sandbox.inside.confinement import Machine, confine_fork_server
from conformance.grading.sandbox.inside.sandbox_layout import SandboxLayout
from conformance.respondent import frameworks

_LONGEST_MESSAGE = 2**16


@dataclass
class _ForkServer:
    layout: SandboxLayout
    framework: frameworks.Framework
    control: socket.socket
    machine: Machine
    children: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # name -> process id, its handle, where to report

    def serve(self) -> None:
        while True:
            handles = {handle: name for name, (_, handle, _) in self.children.items()}
            ready, _, _ = select.select([self.control.fileno(), *handles], [], [])
            for handle in handles.keys() & set(ready):
                self._report(handles[handle])
            if self.control.fileno() in ready:
                message, passed, _, _ = socket.recv_fds(self.control, _LONGEST_MESSAGE, 3)
                if not message:
                    return
                request = json.loads(message)
                if "open" in request:
                    self._open(request, passed)
                elif request["end"] in self.children:
                    self._kill(request["end"])

    def _open(self, request: dict[str, Any], passed: list[int]) -> None:
        channel, output, report = passed
        address_space = self.machine.address_space()
        process = os.fork()
        if process == 0:
            try:
                submission_process.run(self.layout, self.framework, request, channel, output, self.machine, address_space)
            finally:
                os._exit(0)
        os.close(channel)
        os.close(output)
        self.children[request["open"]] = process, os.pidfd_open(process), report

    def _kill(self, name: str) -> None:
        process = self.children[name][0]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):  # it may not have become the leader of a group yet
            os.kill(process, signal.SIGKILL)

    def _report(self, name: str) -> None:
        """Collect a child that has ended, whatever it left in its group, and say how."""
        process, handle, report = self.children.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        _, status, usage = os.wait4(process, 0)
        ending = {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": usage.ru_utime + usage.ru_stime,
            "kilobytes": usage.ru_maxrss,
        }
        with contextlib.suppress(BrokenPipeError):
            os.write(report, json.dumps(ending).encode())
        os.close(handle)
        os.close(report)


@dataclass
class _Absent:
    """A finder of modules that finds some packages missing."""

    packages: frozenset[str]

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextlib.contextmanager
def _without(packages: frozenset[str]) -> Iterator[None]:
    """Importing as if the packages were not installed; afterwards a submission can import them."""
    finder = _Absent(packages)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def main(place: str, name: str, control: int, models: bool) -> None:
    """Import the framework inside the walls, and serve."""
    layout = SandboxLayout.read(place)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    machine = Machine()
    confine_fork_server(layout)
    gc.disable()  # imports make millions of objects that all stay; looking for garbage among them takes a quarter of the time
    with socket.socket(fileno=control) as judge:
        with _without(frameworks.facts(name).left_out):
            framework = frameworks.load(name)
            framework.before_forks(models)
        # What exists now is never collected, so that children do not copy pages only to count references.
        gc.freeze()
        gc.enable()
        judge.send(json.dumps({"ready": framework.version()}).encode())
        _ForkServer(layout, framework, judge, machine).serve()
