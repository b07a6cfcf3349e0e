"""Writing files so that nobody ever reads half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to `path` in one step; on an error the old file stays."""
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write `content` to `path` in one step, with these permissions; on an error the old file stays."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, mode)  # mkstemp gives 0600, which would keep a report from its readers
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def make_private(folder: Path) -> None:
    """Create the folder and its parents; git is told to leave it alone if it is new."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / ".gitignore", "*\n")
