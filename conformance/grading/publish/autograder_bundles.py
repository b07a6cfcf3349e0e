"""What a teacher uploads elsewhere: Gradescope's autograder.zip, and the files of a GitHub Classroom repository."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import UnusablePath
from conformance.grading.assignment.assignment import Assignment
from conformance.grading.publish.wheel import archive, build, constraints
from conformance.respondent.frameworks import facts

_BUNDLE = Path(__file__).parent / "bundle"
_SCRIPTS = ("setup.sh", "run_autograder")
_SEED_BYTES = 32
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")


def extras_of(assignment: Assignment) -> tuple[str, ...]:
    """The optional parts of this project that grading the assignment needs."""
    return ("grading", *(extra for name in assignment.frameworks if (extra := facts(name).extra) is not None))


def gradescope_bundle(
    assignment: Assignment, text: str, seed: bytes | None = None, wheels: Mapping[str, bytes] | None = None
) -> bytes:
    """autograder.zip: two scripts, this project as a wheel, the assignment, and versions of all that is required.

    Args:
        assignment, text: the assignment and the text of its file.
        seed: the secret of the course, from which every submission's cases follow; a fresh one if none is given.
        wheels: files of required packages, for an image that is built without an index.

    Raises:
        CannotBuild: no wheel of this project can be made here.
    """
    extras = extras_of(assignment)
    name, wheel = build()
    files = {
        **{script: (_BUNDLE / script).read_bytes() for script in _SCRIPTS},
        name: wheel,
        "assignment.toml": text.encode(),
        "extras.txt": ",".join(extras).encode(),
        "constraints.txt": constraints(extras).encode(),
        "seed": seed if seed is not None else f"{secrets.token_hex(_SEED_BYTES)}\n".encode(),
        "wheels/README": b"Wheels in this folder are preferred to those of an index.\n",
        **{f"wheels/{file}": content for file, content in (wheels or {}).items()},
    }
    return archive(files, executable=_SCRIPTS)


def classroom_files(assignment: Assignment, text: str, submission: str = "submission.py") -> dict[str, bytes]:
    """Files for the template repository of a GitHub Classroom assignment, by path. Nothing secret is among them.

    Raises:
        UnusablePath: a path of the submission that is not plain; it stands in a shell command.
        CannotBuild: no wheel of this project can be made here.
    """
    if not submission or not set(submission) <= _PLAIN or submission.startswith(("-", "/")) or ".." in submission.split("/"):
        raise UnusablePath(f"submission: expected a relative path of letters, digits, '.', '_' and '-', got {submission!r}")
    extras = extras_of(assignment)
    name, wheel = build()
    workflow = (_BUNDLE / "classroom.yml").read_text(encoding="utf-8")
    for key, value in (("wheel", name), ("extras", ",".join(extras)), ("submission", submission)):
        workflow = workflow.replace(f"{{{key}}}", value)
    return {
        ".github/workflows/conformance.yml": workflow.encode(),
        f".github/conformance/{name}": wheel,
        ".github/conformance/assignment.toml": text.encode(),
        ".github/conformance/constraints.txt": constraints(extras).encode(),
    }


def wheels_in(folder: Path) -> dict[str, bytes]:
    """The wheels of a folder, as `pip download -d FOLDER` leaves them."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.whl"))}
