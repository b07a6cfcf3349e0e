"""The same files through few mounts: whole folders, and covers over what is hidden in them. Runs on both sides.

One mount for each of some 600 packages and modules takes bubblewrap a second for every worker: after each it reads the table of all.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

# A folder with fewer wanted entries is not mounted as a whole.
_MANY = 8


@dataclass(frozen=True)
class View:
    """What to mount: these paths, and over them an empty folder or file for each of those."""

    shown: tuple[str, ...]
    hidden_folders: tuple[str, ...]
    hidden_files: tuple[str, ...]


def view(readable: Collection[str]) -> View:
    """What shows all of these paths and nothing beside them that is no link.

    A link is not covered: what it leads to is there only where it is shown itself.
    """
    wanted, leading = frozenset(readable), frozenset(_leading_to(readable))
    whole = _outermost(_whole_folders(wanted, leading))
    covered = [entry for folder in whole for entry in _unwanted(folder, wanted, leading)]
    apart = [path for path in readable if not _is_within(path, whole)]
    targets = [os.path.realpath(path) for path in readable if os.path.islink(path) and path not in apart]
    return View(
        shown=(*whole, *apart, *dict.fromkeys(path for path in targets if not _is_within(path, [*whole, *apart]))),
        hidden_folders=tuple(entry.path for entry in covered if entry.is_dir()),
        hidden_files=tuple(entry.path for entry in covered if not entry.is_dir()),
    )


def _leading_to(paths: Iterable[str]) -> Iterator[str]:
    """Every folder on the way to one of the paths."""
    for path in paths:
        while (path := os.path.dirname(path)) != "/":
            yield path


def _whole_folders(wanted: Collection[str], leading: Collection[str]) -> Iterator[str]:
    """Folders with many wanted entries, and no more that are not."""
    entries: dict[str, int] = defaultdict(int)
    for path in wanted:
        entries[os.path.dirname(path)] += 1
    for folder, count in entries.items():
        if count >= _MANY and sum(1 for _ in _unwanted(folder, wanted, leading)) <= count:
            yield folder


def _unwanted(folder: str, wanted: Collection[str], leading: Collection[str]) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.path in leading:
                yield from _unwanted(entry.path, wanted, leading)
            elif entry.path not in wanted and not entry.is_symlink():
                yield entry


def _outermost(folders: Iterable[str]) -> list[str]:
    found: list[str] = []
    for folder in sorted(folders, key=lambda folder: f"{folder}/"):
        if not _is_within(folder, found):
            found.append(folder)
    return found


def _is_within(path: str, folders: Iterable[str]) -> bool:
    return any(f"{path}/".startswith(f"{folder}/") for folder in folders)
