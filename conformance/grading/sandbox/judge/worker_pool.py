"""Workers: one fork server a framework, and in it one disposable process for every submission that is open."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from types import TracebackType

from conformance.errors import UnusableFiles
from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.inside.resource_limits import ResourceLimits
from conformance.grading.sandbox.inside.sandbox_layout import SUBMISSIONS
from conformance.grading.sandbox.judge.fork_server_client import BrokenWorker, ForkServerClient
from conformance.grading.sandbox.judge.isolation_levels import layout_walls
from conformance.grading.sandbox.judge.remote_subject import RemoteSubject
from conformance.grading.sandbox.judge.worker_files import create_worker_files, remove_worker_files
from conformance.respondent.frameworks import names
from conformance.targets.target import Target
from conformance.workers.channel import Broken, CapturedOutput, Channel, Ended

# The walls are up within milliseconds; on a machine that is busy with other things it takes longer.
_SECONDS_TO_SHUT_IN = 30.0


class Workers:
    """Fork servers, started when first asked for. Safe to use from several threads.

    isolation   what `probe` found
    limits      for every submission
    jobs        how many submissions may be open at once; `open` waits for its turn
    models      whether models will be trained: what that needs is then imported once, and not by every submission
    device      where those are asked that are opened from now on; no worker sees a card

    Raises:
        ValueError: `jobs` is not a positive whole number.
        BrokenWorker: from `open`, if a worker cannot be started or shut in.
    """

    def __init__(self, isolation: Isolation, limits: ResourceLimits | None = None, jobs: int = 1, models: bool = False) -> None:
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            raise ValueError(f"jobs: expected a positive whole number, got {jobs!r}")
        self.isolation, self.limits, self._models = isolation, limits or ResourceLimits(), models
        self.device = "cpu"
        self._layout = create_worker_files(**layout_walls(isolation))
        self._turns = threading.BoundedSemaphore(jobs)
        self._lock = threading.Lock()
        self._servers: dict[str, ForkServerClient] = {}
        self._count = 0
        # bubblewrap ends with the thread that started it, so that thread has to live as long as the workers.
        self._starter = ThreadPoolExecutor(1, "workers")

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every worker, and remove its files."""
        for server in self._servers.values():
            server.end()
        self._servers.clear()
        self._starter.shutdown()
        remove_worker_files(self._layout)

    def start(self, framework: str) -> ForkServerClient:
        """The fork server for a framework, started if there is none, and not waited for."""
        if framework not in names():
            raise ValueError(f"framework: expected one of {', '.join(sorted(names()))}; got {framework!r}")
        with self._lock:
            server = self._servers.get(framework)
            if server is not None and server.ended:
                server.end()
            if server is None or server.ended:
                self._servers[framework] = self._start(framework)
            return self._servers[framework]

    def versions(self, framework: str) -> dict[str, str]:
        """The version of the framework, as its own worker says."""
        server = self._servers.get(framework)
        return {} if server is None else {framework: server.version}

    @property
    def place(self) -> str:
        """The folder that holds all that workers have of their own."""
        return self._layout.place

    @contextlib.contextmanager
    def open(
        self,
        framework: str,
        files: Mapping[str, bytes],
        entry: str = "submission.py",
        dtype: str = "float32",
        mode: str = "eager",
        spent: float = 0.0,
    ) -> Iterator[RemoteSubject]:
        """A fresh process that has imported the submission, or tried to; it ends with the block.

        Of the time that a submission may take in all, so many seconds are spent already.

        Raises:
            UnusableFiles: a file's name leads out of the folder, or `entry` is missing.
            BrokenWorker: the walls could not be built.
        """
        check_files(files, entry)
        with self._turns:
            with self._lock:
                self._count += 1
                name = str(self._count)
            folder = Path(self._layout.place) / SUBMISSIONS / name
            _write(folder, files)
            subject = None
            try:
                subject = self._open(framework, name, Target(entry, framework, self.device, dtype, mode), spent)
                yield subject
            finally:
                if subject is not None:
                    subject.close()
                shutil.rmtree(folder, ignore_errors=True)

    def _open(self, framework: str, name: str, target: Target, spent: float) -> RemoteSubject:
        server = self._running(framework)
        ours, theirs = socket.socketpair()
        output, output_end = os.pipe()
        report, reported = os.pipe()
        request = {
            "open": name,
            "entry": target.module,
            "name": target.name,
            "dtype": target.dtype,
            "device": target.device,
            "mode": target.mode,
            "limits": self.limits.to_json(),
        }
        try:
            server.send(request, [theirs.fileno(), output_end, reported])
        except BrokenWorker:
            for handle in (output, report):
                os.close(handle)
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(output_end)
            os.close(reported)
        captured = CapturedOutput(output, self.limits.output_bytes)
        channel = Channel(ours, captured)

        def kill() -> None:
            with contextlib.suppress(BrokenWorker):  # then it has ended with its parent
                server.send({"end": name})

        subject = RemoteSubject(target, self.limits, channel, captured, report, kill, spent)
        try:
            walls = channel.receive(0, _SECONDS_TO_SHUT_IN)
        except (Ended, Broken) as error:
            subject.close()
            raise BrokenWorker(
                f"the worker for {framework} did not get as far as the submission: {error or subject.output}"
            ) from error
        if walls != {"shut": True}:
            subject.close()
            raise BrokenWorker(f"the worker for {framework} could not build its walls: {walls['broken']}")
        subject.import_it()
        return subject

    def _running(self, framework: str) -> ForkServerClient:
        """The fork server, ready; a new one if the last has ended."""
        server = self.start(framework)
        server.ready()
        return server

    def _start(self, framework: str) -> ForkServerClient:
        return self._starter.submit(
            ForkServerClient, self._layout, framework, self.isolation.level == "bubblewrap", self._models
        ).result()


def check_files(files: Mapping[str, bytes], entry: str) -> None:
    """Refuse names that lead out of the folder. Raises UnusableFiles."""
    for name in files:
        path = PurePosixPath(name)
        if not name or "\0" in name or path.is_absolute() or ".." in path.parts or not path.parts:
            raise UnusableFiles(f"files: expected names inside the submission's folder, got {name!r}")
    if entry not in files:
        raise UnusableFiles(f"entry: expected one of {', '.join(map(repr, files)) or 'at least one file'}; got {entry!r}")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
