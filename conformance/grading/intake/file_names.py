"""Names that students choose: which file names are accepted inside a submission, and under which name a submission is filed."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from conformance.errors import Inadmissible
from conformance.respondent.printable import one_line

_LONGEST_NAME = 240  # bytes of a whole path inside a submission
_LONGEST_FOLDER = 80  # bytes of the folder that a grade is written to; file systems allow 255
_DEEPEST = 8
# What desktops, editors and tools leave behind; never part of a submission.
_JUNK = frozenset({"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "venv", "node_modules"})
# Every file that a run writes beside the folders of the submissions: no folder has one of these names.
SECRET, ASSIGNMENT = "seed", "assignment.toml"
GRADES, CLASS_MARKDOWN, CLASS_HTML, NBGRADER, OTTER = "grades.csv", "class.md", "class.html", "nbgrader.csv", "final_grades.csv"
OF_THE_RUN = frozenset({SECRET, ASSIGNMENT, GRADES, CLASS_MARKDOWN, CLASS_HTML, NBGRADER, OTTER})
# Suffixes of these, and of what teachers and tools put beside the folders of the submissions.
_OURS = (".html", ".md", ".csv", ".json", ".jsonl", ".xml", ".lock", ".tmp", ".toml")
_DEVICES_OF_WINDOWS = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


def checked(name: str) -> str:
    """The relative path of a file inside a submission, or Inadmissible: nothing leads out of the submission or hides what it is."""
    display = one_line(name.encode("utf-8", "backslashreplace").decode("utf-8"))[:80]
    if any("\ud800" <= c <= "\udfff" for c in name):
        raise Inadmissible(f"a file name is not UTF-8: {display}")
    if name.startswith("/") or name[1:2] == ":" or "\\" in name:
        raise Inadmissible(f"a file name is absolute or not portable: {display}")
    if not name or not name.isprintable():
        raise Inadmissible(f"a file name is empty or has characters that cannot be shown: {display!r}")
    parts = name.split("/")
    if ".." in parts:
        raise Inadmissible(f"a file name leads out of the submission: {display}")
    if "" in parts or "." in parts or any(":" in part or part.endswith((" ", ".")) for part in parts):
        raise Inadmissible(f"a file name is not portable: {display}")
    if len(name.encode()) > _LONGEST_NAME or len(parts) > _DEEPEST:
        raise Inadmissible(f"a file name is longer than {_LONGEST_NAME} bytes or lies more than {_DEEPEST} folders deep: {display}")
    return name


def is_junk(name: str) -> bool:
    """Whether a path is what a desktop, an editor or a tool left behind, or hidden."""
    return any(part.startswith(".") or part.lower() in _JUNK for part in PurePosixPath(name).parts)


def refuse_collisions(names: Sequence[str]) -> None:
    """Refuse the same name twice, names that are the same on some file systems, and a file where a folder stands."""
    names_by_folded_name: dict[str, str] = {}
    for name in names:
        earlier = names_by_folded_name.setdefault(_folded(name), name)
        if earlier is not name:
            place = "twice" if earlier == name else f"beside {earlier}, which is the same where case does not count"
            raise Inadmissible(f"the file {name} is there {place}")
    all_folded = set(names_by_folded_name)
    for name in names:
        for folder in PurePosixPath(_folded(name)).parents:
            if str(folder) in all_folded:
                raise Inadmissible(f"{folder} is both a file and a folder")


def folder_names(originals: Sequence[str]) -> tuple[str, ...]:
    """A name for every submission, in the same order: safe as a folder's name on every system, and no two alike.

    A name that only one submission has stays; submissions that share one all get a few digits of a hash of what they were called
    (say alice.py and alice.zip), so a name does not depend on who else handed in.

    >>> folder_names(["alice.py", "../bob.zip", "...", "con", "seed"])
    ('alice', 'bob', 'submission', 'con_', 'seed_')
    """
    safe_names = [_safe(original) for original in originals]
    counts = Counter(_folded(name) for name in safe_names)
    reserved: set[str] = {folded for folded, count in counts.items() if count == 1}
    folders = []
    for name, original in zip(safe_names, originals, strict=True):
        if counts[_folded(name)] > 1:
            digits = hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()
            stem = _cut(name, _LONGEST_FOLDER - 12)
            candidates = [f"{stem}-{digits[:6]}", *(f"{stem}-{digits[:6]}-{n}" for n in range(2, len(originals) + 3))]
            name = next(candidate for candidate in candidates if _folded(candidate) not in reserved)
            reserved.add(_folded(name))
        folders.append(name)
    return tuple(folders)


def _safe(original: str) -> str:
    """Letters, digits and a few signs of the last part of a path, without the suffix of a kind of submission."""
    last = unicodedata.normalize("NFC", original.replace("\\", "/").rstrip("/").rpartition("/")[2])
    for suffix in (".py", ".ipynb", ".zip"):
        last = last[: -len(suffix)] if last.lower().endswith(suffix) else last
    letters = "".join(c if c.isalnum() or c in "._-" or unicodedata.category(c) in ("Mn", "Mc") else "_" for c in last)
    name = _cut(letters, _LONGEST_FOLDER).strip("._-") or "submission"
    name = name.replace(".", "_") if name.lower().endswith(_OURS) else name
    is_reserved = _folded(name) in OF_THE_RUN or name.lower().partition(".")[0] in _DEVICES_OF_WINDOWS
    return f"{name}_" if is_reserved else name


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore")


def _folded(name: str) -> str:
    """Equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
