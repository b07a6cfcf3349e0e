"""The judge's side of a fork server: starting it, asking it for a child, ending it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from typing import Any

from conformance.grading.sandbox.inside.sandbox_layout import WORKER, SandboxLayout
from conformance.grading.sandbox.judge import bubblewrap
from conformance.grading.sandbox.judge.worker_files import interpreter
from conformance.respondent.frameworks import facts, names
from conformance.respondent.printable import one_line

# Importing a framework takes seconds, on a busy machine more.
_SECONDS_TO_START, _SECONDS_TO_END = 120.0, 5.0
_LONGEST_MESSAGE = 2**16
# One thread each: cases are small, and only a process of one thread can be forked safely.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "USER": "student",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "MALLOC_ARENA_MAX": "2",
}
_PROGRAM = """
import sys
place, name, control, models, *path = sys.argv[1:]
sys.path[:] = path
sys.argv = ['']
from conformance.grading.sandbox.inside.fork_server import main
main(place, name, int(control), models == "models")
"""
_LEAVE = """
import sys
place, path, *command = sys.argv[1:]
sys.path.insert(0, path)
from conformance.grading.sandbox.inside.namespaces import main
main(place, command)
"""
# -I and -S: no variable, no user's folder and no path file leads back to this project; -B: nothing is written.
_ALONE = ("-I", "-S", "-B")


class BrokenWorker(RuntimeError):
    """The worker failed before foreign code ran, or could not be started: the grader's fault, never the submission's."""


class ForkServerClient:
    """A process in its walls that has imported one framework."""

    def __init__(self, layout: SandboxLayout, framework: str, with_bubblewrap: bool, models: bool) -> None:
        self.framework, self.version = framework, ""
        self._lock, self._waiting = threading.Lock(), threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = _ENVIRONMENT | _library_path()
        places = ["HOME", "TMPDIR"]
        for framework_facts in map(facts, names()):  # a submission may import another than its own
            environment |= framework_facts.environment
            places += framework_facts.home_variables
        environment |= dict.fromkeys(places, layout.home)
        with theirs:
            python = [layout.seen(interpreter()), *_ALONE, "-c", _PROGRAM]
            command = [*python, layout.inside, framework, str(theirs.fileno()), "models" if models else "formulas", *layout.path()]
            if with_bubblewrap:
                command = [*bubblewrap.command(layout, environment), *command]
            elif layout.namespaces:
                command = [interpreter(), *_ALONE, "-c", _LEAVE, layout.place, f"{layout.place}/{WORKER}", *command]
            self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                pass_fds=[theirs.fileno()],
                cwd=layout.place,
                start_new_session=True,  # an interrupt from the keyboard is the judge's business
            )

    @property
    def process(self) -> int:
        """The id of the process that was started; the fork server itself may be a child of it."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def ready(self) -> str:
        """Wait until the framework is imported; its version. Safe to call again, and from several threads. Raises BrokenWorker."""
        with self._waiting:
            if self.version:
                return self.version
            self._control.settimeout(_SECONDS_TO_START)
            try:
                message = self._control.recv(_LONGEST_MESSAGE)
            except OSError:  # late, or ended meanwhile
                message = b""
            if not message:
                self._stop()
                raise BrokenWorker(f"the worker for {self.framework} did not start: {self._complaint() or 'it gave no reason'}")
            self._control.settimeout(None)
            self.version = json.loads(message)["ready"]
            return self.version

    def send(self, request: dict[str, Any], handles: Sequence[int] = ()) -> None:
        """Ask for a child, or for the end of one. Raises BrokenWorker."""
        message = json.dumps(request).encode()
        try:
            with self._lock:
                socket.send_fds(self._control, [message], list(handles))
        except OSError as error:
            raise BrokenWorker(f"the worker for {self.framework} ended: {self._complaint() or error}") from error

    def end(self) -> None:
        """End the process and, with it, its children."""
        self._stop()
        self._complaints.close()

    def _stop(self) -> None:
        self._control.close()
        try:
            # At the end of its socket it ends by itself, and its namespaces with it.
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _complaint(self) -> str:
        """The last line that it wrote."""
        if self._complaints.closed:
            return ""
        self._complaints.seek(0)
        lines = self._complaints.read(2**20).decode(errors="replace").strip().splitlines()
        return one_line(lines[-1]) if lines else ""


def _library_path() -> dict[str, str]:
    """Interpreters that were moved find their own library by this variable; everything else of the environment stays behind."""
    value = os.environ.get("LD_LIBRARY_PATH")
    return {"LD_LIBRARY_PATH": value} if value else {}
