"""What is the same for every submission of a class: the assignment, the secret behind the seeds, and who asks."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from conformance.errors import UnusableSecret
from conformance.files import write_bytes_atomically
from conformance.grading.assignment.assignment import Assignment, AssignmentTask, Part
from conformance.targets import environment

_BYTES = 32
_LARGEST_FILE = 65_536
# A student's own check: everybody can tell the cases of every file, and nothing is decided by them.
PUBLIC = b"public"


@dataclass(frozen=True)
class SeededAssignment:
    """The assignment, the secret of the course, and whether only the public parts are asked."""

    assignment: Assignment
    secret: bytes
    public_only: bool = False

    @property
    def seed_id(self) -> str:
        """Tells two secrets apart and gives neither away."""
        return "public" if self.secret == PUBLIC else hashlib.sha256(b"seed id\0" + self.secret).hexdigest()[:12]

    @cached_property
    def assignment_hash(self) -> str:
        """Of what the assignment says; comments and spaces do not count."""
        return hashlib.sha256(self.assignment.model_dump_json().encode()).hexdigest()

    @cached_property
    def version(self) -> str:
        """Of this project."""
        return environment.own_version()

    def seed(self, submission_hash: str, spec: str, dtype: str) -> int:
        """HMAC-SHA256(secret, submission, check): without the secret nobody can tell the cases, with it they are the same again."""
        message = "\0".join((submission_hash, spec, dtype)).encode()
        return int.from_bytes(hmac.digest(self.secret, message, hashlib.sha256)[:8], "big")

    def parts(self, task: AssignmentTask) -> tuple[Part, ...]:
        """The parts that are asked."""
        return tuple(part for part in task.points if not self.public_only or part in task.public)


def read_secret(path: Path) -> bytes:
    """The secret in a file.

    Raises:
        UnusableSecret: it cannot be read, or is empty or too large.
    """
    try:
        with path.open("rb") as file:
            secret = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UnusableSecret(f"seed-file: {os.fspath(path)!r} cannot be read: {error.strerror}") from error
    if not secret.strip():
        raise UnusableSecret(f"seed-file: expected a secret, found {os.fspath(path)!r} empty")
    if len(secret) > _LARGEST_FILE:
        raise UnusableSecret(f"seed-file: expected at most {_LARGEST_FILE} bytes, got more in {os.fspath(path)!r}")
    return secret


def kept_secret(path: Path) -> bytes:
    """The secret in a file that is made if it is not there, readable by its owner alone."""
    if not path.exists():
        write_bytes_atomically(path, secrets.token_hex(_BYTES).encode() + b"\n", mode=0o600)
    return read_secret(path)
