"""The same files through few mounts: whole folders, and covers over what is hidden in them. Runs on both sides.

One mount for each of some 600 packages and modules takes bubblewrap a second for every worker: after each it reads the table of all.

A cover goes when the file beneath it is replaced on the machine, by an update of a package for example, and a new file shows as soon as
it is there. So folders are mounted whole only where Landlock, besides, keeps a submission to what it may read.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from conformance.grading.sandbox.inside.sandbox_layout import EMPTY_FILE, EMPTY_FOLDER, SandboxLayout


@dataclass(frozen=True)
class Mounts:
    """What to mount: the paths that are shown, and over some of what they hold what covers it: (path, name in the worker's folder)."""

    shown: tuple[str, ...]
    covers: tuple[tuple[str, str], ...] = ()


def mounts_of(layout: SandboxLayout) -> Mounts:
    """What shows all that is readable and, of what lies beside it, names only.

    A link is not covered: what it leads to is there only where it is shown itself.
    """
    if not layout.landlock:
        return Mounts(layout.readable)
    readable, leading = frozenset(layout.readable), frozenset(_leading_to(layout.readable))
    inside = {folder: list(_entries(folder, leading)) for folder in layout.nearly_whole if os.path.isdir(folder)}
    folders = _outermost(folder for folder, entries in inside.items() if not _astray(layout, entries, readable, leading))
    apart = [path for path in layout.readable if not _is_within(path, folders)]
    targets = [os.path.realpath(path) for path in layout.readable if os.path.islink(path) and _is_within(path, folders)]
    covered = [entry for folder in folders for entry in inside[folder] if entry.path not in readable and _can_be_covered(entry)]
    return Mounts(
        shown=(*folders, *apart, *dict.fromkeys(path for path in targets if not _is_within(path, [*folders, *apart]))),
        covers=tuple((entry.path, EMPTY_FOLDER if entry.is_dir() else EMPTY_FILE) for entry in covered),
    )


def _leading_to(paths: Iterable[str]) -> Iterator[str]:
    """Every folder on the way to one of the paths."""
    for path in paths:
        while len(folder := os.path.dirname(path)) < len(path):
            yield folder
            path = folder


def _entries(folder: str, leading: Collection[str]) -> Iterator[os.DirEntry[str]]:
    """All that is in a folder; in place of a folder on the way to something wanted, what is in that."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.path in leading and not entry.is_symlink():
                yield from _entries(entry.path, leading)
            else:
                yield entry


def _astray(
    layout: SandboxLayout, entries: Iterable[os.DirEntry[str]], readable: Collection[str], leading: Collection[str]
) -> bool:
    """Whether a link would lead to another place inside than outside, so that its folder cannot be mounted whole."""
    for entry in entries:
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if entry.path in leading or (entry.path in readable and layout.seen(target) != target):
                return True
    return False


def _can_be_covered(entry: os.DirEntry[str]) -> bool:
    """No links, and nothing that is there for a moment only: what a compiling Python has not yet renamed."""
    return not entry.is_symlink() and ".pyc." not in entry.name


def _outermost(folders: Iterable[str]) -> list[str]:
    outermost: list[str] = []
    for folder in sorted(folders, key=lambda folder: f"{folder}/"):
        if not _is_within(folder, outermost):
            outermost.append(folder)
    return outermost


def _is_within(path: str, folders: Iterable[str]) -> bool:
    return any(f"{path}/".startswith(f"{folder}/") for folder in folders)
