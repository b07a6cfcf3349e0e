"""Where attacks are run: things of the test's own that they try to get at, and a look afterwards at what they got.

An attack may touch nothing but what is made here: a process that sleeps, a file with a mark, a file and a variable with a secret,
an empty folder for forged results, and a port that listens.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from conformance.cases.case import cases
from conformance.grading.sandbox.inside.resource_limits import MEBIBYTE, ResourceLimits
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.judging.expectation import expect
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import Prepared, judge
from conformance.respondent.responses import Returned
from reference.specification import catalogue

ATTACKS = Path(__file__).parent / "attacks"
REPOSITORY = Path(__file__).resolve().parents[2]
LIMITS = ResourceLimits(
    256 * MEBIBYTE, seconds_per_case=0.3, seconds_import=0.5, seconds_total=6.0, disk_bytes=MEBIBYTE, output_bytes=8192
)
SECRET_NAME = "COURSE_SECRET"
_SPEC = "vae_kl_loss"
_CASES = 6
# These do their work a moment after the judge has turned away.
_LATE = ("daemon",)

# What every attack imports. It holds no secret: only where things are.
_BAIT = """
import numpy as np

SENTINEL, MARKER, SECRET_FILE, RESULTS, PORT, REPOSITORY, PACKAGES, BOAST = {facts!r}

def boast(what):
    print(BOAST, what, flush=True)

def right(mean, log_var, reduction="mean"):
    each = 0.5 * (mean * mean + (np.expm1(log_var) - log_var)).sum(axis=1)
    return each if reduction == "none" else getattr(each, reduction)()

def wrong(mean, log_var, reduction="mean"):
    return 2 * right(mean, log_var, reduction)
"""
_HONEST = {
    "numpy": "import bait\nvae_kl_loss = bait.right\n",
    "torch": """
import torch

def vae_kl_loss(mean, log_var, reduction="mean"):
    each = 0.5 * (mean * mean + (torch.expm1(log_var) - log_var)).sum(axis=1)
    return each if reduction == "none" else getattr(each, reduction)()
""",
}


def names() -> list[str]:
    """Every attack: a file, or a folder with more than one."""
    return sorted(path.stem for path in ATTACKS.iterdir() if path.suffix == ".py" or (path / "submission.py").exists())


def framework_of(name: str) -> str:
    return "torch" if name.startswith("torch_") else "numpy"


@cache
def prepared(dtype: str) -> list[Prepared]:
    """A few cases, and what is right."""
    spec = catalogue()[_SPEC]
    return [(case, expect(spec, case)) for case in islice(cases(spec, dtype, 0, _CASES), _CASES)]


@dataclass
class AttackTargets:
    """What attacks try to get at."""

    folder: Path
    sentinel: subprocess.Popen[bytes]
    listener: socket.socket
    secret: str = field(default_factory=lambda: f"secret-{secrets.token_hex()}")
    boast: str = field(default_factory=lambda: f"boast-{secrets.token_hex()}")

    @property
    def marker(self) -> Path:
        return self.folder / "marker"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def reset(self) -> None:
        """Everything as it was before the first attack."""
        self.marker.unlink(missing_ok=True)
        self.marker.write_text("untouched")
        os.chmod(self.marker, 0o600)
        os.utime(self.marker, (10**9, 10**9))
        for path in self.results.iterdir():
            path.unlink()

    def bait(self) -> bytes:
        facts = (
            self.sentinel.pid,
            str(self.marker),
            str(self.folder / "secret"),
            str(self.results),
            self.listener.getsockname()[1],
            str(REPOSITORY),
            sysconfig.get_path("purelib"),
            self.boast,
        )
        return _BAIT.format(facts=facts).encode()

    def files(self, name: str) -> dict[str, bytes]:
        """The submission that makes an attack."""
        folder = ATTACKS / name
        paths = {str(p.relative_to(folder)): p for p in folder.rglob("*.py")} or {"submission.py": ATTACKS / f"{name}.py"}
        return {**{path: file.read_bytes() for path, file in paths.items()}, "bait.py": self.bait()}

    def damage(self) -> list[str]:
        """What is not as it was."""
        result = []
        if self.sentinel.poll() is not None:
            result.append("another process was ended")
            self.sentinel = _sentinel(self.secret)
        try:
            state = self.marker.stat()
            if (self.marker.read_text(), state.st_mode & 0o777, state.st_mtime, state.st_nlink) != ("untouched", 0o600, 10**9, 1):
                result.append("a foreign file was changed")
        except OSError:
            result.append("a foreign file was removed")
        if any(self.results.iterdir()):
            result.append("a result was forged")
        self.listener.setblocking(False)
        try:
            self.listener.accept()[0].close()
            result.append("the network was reached")
        except BlockingIOError:
            pass
        return result


def _sentinel(secret: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={SECRET_NAME: secret})


@contextmanager
def attack_targets(folder: Path) -> Iterator[AttackTargets]:
    """Make the things, and end them."""
    os.environ[SECRET_NAME] = secret = f"secret-{secrets.token_hex()}"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = AttackTargets(folder, _sentinel(secret), listener, secret)
        made.results.mkdir()
        (folder / "secret").write_text(made.secret)
        made.reset()
        try:
            yield made
        finally:
            made.sentinel.kill()
            made.sentinel.wait()
            del os.environ[SECRET_NAME]


@dataclass(frozen=True)
class Outcome:
    """What became of an attack: the verdicts, every word that reached the judge, and what it achieved."""

    verdicts: tuple[Verdict, ...]
    words: str
    achieved: tuple[str, ...]


def grade(workers: Workers, framework: str, files: dict[str, bytes]) -> tuple[tuple[Verdict, ...], str]:
    """As the judge does it: verdicts on the value, and all that was said."""
    dtype = "float64" if framework == "numpy" else "float32"
    with workers.open(framework, files, dtype=dtype) as subject:
        verdicts = ()
        if isinstance(subject.imported.response, Returned):
            judged = judge(subject, catalogue()[_SPEC], prepared(dtype), LIMITS.seconds_per_case)
            verdicts = tuple(verdict for verdict in judged if verdict.quantity == "value")
            reasons = [verdict.reason or "" for verdict in verdicts]
        else:
            reasons = [subject.imported.response.sentence]
        return verdicts, "\n".join([*reasons, subject.output])


def attack(workers: Workers, targets: AttackTargets, name: str) -> Outcome:
    """Run an attack twice, since it may look for what it left, and then look at what it did."""
    targets.reset()
    achieved: list[str] = []
    for _ in range(2 if name == "poison" else 1):
        verdicts, words = grade(workers, framework_of(name), targets.files(name))
        if name in _LATE:
            time.sleep(0.6)
        achieved += ["it passed"] if any(verdict.outcome == "passed" for verdict in verdicts) else []
        achieved += ["it learnt a secret"] if targets.secret in words else []
        achieved += [line for line in words.splitlines() if targets.boast in line]
    return Outcome(verdicts, words, tuple(dict.fromkeys([*achieved, *targets.damage()])))


def honest(workers: Workers, targets: AttackTargets, framework: str = "numpy") -> str:
    """The outcome of a submission that is right, or why it was not judged."""
    verdicts, words = grade(workers, framework, {"submission.py": _HONEST[framework].encode(), "bait.py": targets.bait()})
    return verdicts[0].outcome if verdicts else words
