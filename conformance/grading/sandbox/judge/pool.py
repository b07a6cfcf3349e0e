"""Workers: one warm process a framework, and in it one disposable process for every submission that is open."""

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
from conformance.grading.sandbox.inside.limits import Limits
from conformance.grading.sandbox.inside.room import SUBMISSIONS
from conformance.grading.sandbox.judge.channel import Broken, Channel, Ended, Output
from conformance.grading.sandbox.judge.fork_server import BrokenWorker, Warm
from conformance.grading.sandbox.judge.levels import room_walls
from conformance.grading.sandbox.judge.room_files import clear, furnish
from conformance.grading.sandbox.judge.subject import RemoteSubject
from conformance.respondent.frameworks import names
from conformance.targets.target import Target

# The walls are up within milliseconds; on a machine that is busy with other things it takes longer.
_SECONDS_TO_SHUT_IN = 30.0


class Workers:
    """Warm processes, started when first asked for. Safe to use from several threads.

    isolation   what `probe` found
    limits      for every submission
    jobs        how many submissions may be open at once; `open` waits for its turn
    models      whether models will be trained: what that needs is then imported once, and not by every submission

    Raises:
        ValueError: `jobs` is not a positive whole number.
        BrokenWorker: from `open` and `warm`, if a worker cannot be started or shut in.
    """

    def __init__(self, isolation: Isolation, limits: Limits | None = None, jobs: int = 1, models: bool = False) -> None:
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            raise ValueError(f"jobs: expected a positive whole number, got {jobs!r}")
        self.isolation, self.limits, self._models = isolation, limits or Limits(), models
        self._room = furnish(**room_walls(isolation))
        self._turns = threading.BoundedSemaphore(jobs)
        self._lock = threading.Lock()
        self._warm: dict[str, Warm] = {}
        self._count = 0
        # bubblewrap ends with the thread that started it, so that thread has to live as long as the workers.
        self._starter = ThreadPoolExecutor(1, "workers")

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every worker, and remove its files."""
        for warm in self._warm.values():
            warm.end()
        self._warm.clear()
        self._starter.shutdown()
        clear(self._room)

    def warm(self, *names: str) -> dict[str, str]:
        """Start the workers for these frameworks side by side, and wait for them; their versions."""
        started = [self.start(name) for name in names]
        return {name: warm.ready() for name, warm in zip(names, started, strict=True)}

    def start(self, framework: str) -> Warm:
        """The warm process for a framework, started if there is none, and not waited for."""
        if framework not in names():
            raise ValueError(f"framework: expected one of {', '.join(sorted(names()))}; got {framework!r}")
        with self._lock:
            known = self._warm.get(framework)
            if known is not None and known.ended:
                known.end()
            if known is None or known.ended:
                self._warm[framework] = self._start(framework)
            return self._warm[framework]

    def versions(self, framework: str) -> dict[str, str]:
        """The version of the framework, as its own worker says."""
        warm = self._warm.get(framework)
        return {} if warm is None else {framework: warm.version}

    @property
    def place(self) -> str:
        """The folder that holds all that workers have of their own."""
        return self._room.place

    def processes(self) -> dict[str, int]:
        """The process that was started for each framework."""
        return {name: warm.process for name, warm in self._warm.items()}

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
            folder = Path(self._room.place) / SUBMISSIONS / name
            _write(folder, files)
            subject = None
            try:
                subject = self._open(framework, name, Target(entry, framework, "cpu", dtype, mode), spent)
                yield subject
            finally:
                if subject is not None:
                    subject.close()
                shutil.rmtree(folder, ignore_errors=True)

    def _open(self, framework: str, name: str, target: Target, spent: float) -> RemoteSubject:
        warm = self._running(framework)
        ours, theirs = socket.socketpair()
        output, written = os.pipe()
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
            warm.send(request, [theirs.fileno(), written, reported])
        except BrokenWorker:
            for handle in (output, report):
                os.close(handle)
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(written)
            os.close(reported)
        captured = Output(output, self.limits.output_bytes)
        channel = Channel(ours, captured)

        def kill() -> None:
            with contextlib.suppress(BrokenWorker):  # then it has ended with its parent
                warm.send({"end": name})

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

    def _running(self, framework: str) -> Warm:
        """The warm process, ready; a new one if the last has ended."""
        warm = self.start(framework)
        warm.ready()
        return warm

    def _start(self, framework: str) -> Warm:
        return self._starter.submit(Warm, self._room, framework, self.isolation.level == "bubblewrap", self._models).result()


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
