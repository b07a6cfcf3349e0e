"""Every error that a user can cause. The message says in one line what was expected and what came; a command ends with it and exit code 2.

`conformance.commands.process` catches them, in one place. What runs beside foreign code has its own, of which nobody outside hears:
this file is not among what a worker is given.
"""

from __future__ import annotations

import os
from collections.abc import Collection


class UserError(Exception):
    """Something that the user gave cannot be used."""

    @property
    def line(self) -> str:
        """What a command says of it."""
        return str(self)


class UnknownChoice(UserError, ValueError):
    """The user named something that does not exist; the message says what does."""


class UnusableTarget(UserError, ValueError):
    """The user named a module that cannot be used; the message says why."""


class UnusableReference(UserError, ValueError):
    """A file of specifications that cannot be used; the message names file and function, what was expected and what came."""


class NotRun(UserError, RuntimeError):
    """Nothing could be judged here; the message says why."""


class UnknownCase(UserError, ValueError):
    """No such id, or a file that is not a case; the message says which."""


class UnreadableData(UserError, ValueError):
    """Data that are not there or not what they should be; one line that names the file, what was expected and what was found."""

    def __init__(self, source: str | os.PathLike[str], expected: str, found: str) -> None:
        super().__init__(f"{os.fspath(source)}: expected {expected}, found {found}")

    @property
    def line(self) -> str:
        return f"data: {self}"


class UnwritableFile(UserError, ValueError):
    """A file that the user named cannot be written; the message says why."""


class UnwritableReport(UserError, ValueError):
    """The report folder cannot be written; the message says why."""


class UnreadableReport(UserError, ValueError):
    """No finished report, a damaged one, or reports that do not go together; the message says why."""


class UnusableRatchet(UserError, ValueError):
    """A file of recorded budget use that cannot be read, or was recorded of other cases; the message says which and why, in one line."""


class BadVectors(UserError, ValueError):
    """A vector file that cannot be used; the message says which and why, in one line."""


class UnusablePrograms(UserError, ValueError):
    """A folder of exported programs that cannot be used or written; the message says which and why, in one line."""


class UnknownClaim(UserError, ValueError):
    """No claim of that name; the message says which is near."""


class TooFewImages(UserError, ValueError):
    """Fewer images than the experiments can work with; the message says how many they need."""


class InvalidAssignment(UserError, ValueError):
    """The file is no assignment; `problems` has one line each."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class UnusableSecret(UserError, ValueError):
    """The file of the secret cannot be used; the message is one line."""


class NothingHandedIn(UserError, ValueError):
    """A path that the teacher named does not exist or holds nothing; the message says which."""


class Inadmissible(UserError, ValueError):
    """Something in a submission cannot be accepted; the message says what, in one line."""


class UnreadableNotebook(UserError, ValueError):
    """It is no notebook, or holds what is no Python; the message says which."""


class UnusableFiles(UserError, ValueError):
    """The files of a submission cannot be put into a worker; the message names the file and says why."""


class NoIsolation(UserError, ValueError):
    """This machine cannot build the walls; the message is one sentence and says what would."""


class UnusableCluster(UserError, ValueError):
    """There is no cluster at the address, nothing to speak to it with, or it cannot grade; the message is one line."""


class UnreadableGrade(UserError, ValueError):
    """A file is no grade; the message says why."""


class UnusablePath(UserError, ValueError):
    """A path that would stand in a shell command and is not plain; the message says what is."""


class CannotBuild(UserError, ValueError):
    """The wheel cannot be made here; the message says why."""


class BrokenCatalogue(UserError, ValueError):
    """A file of the catalogue of mistakes says what cannot be understood; the message names file, entry and key."""
