"""The files of a submission, read into memory from a folder or a zip. Nothing is ever extracted to disk, and no link is followed."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from conformance.errors import Inadmissible
from conformance.grading.intake.file_names import checked, is_junk, refuse_collisions

_CENTRAL_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_MIB = 2**20
Files = dict[str, bytes]


@dataclass(frozen=True)
class Caps:
    """How large a submission may be. `ratio` is how many times its packed size a zip may unpack to."""

    file_bytes: int = 16 * _MIB
    total_bytes: int = 32 * _MIB
    archive_bytes: int = 32 * _MIB
    source_bytes: int = 1 * _MIB
    files: int = 200
    ratio: int = 200


def read_file(path: Path | str, most: int, folder: int | None = None) -> bytes:
    """The content of a regular file of at most `most` bytes; what a path names may change while it is looked at, an open file not."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    name = Path(path).name
    try:
        handle = os.open(path, flags, dir_fd=folder)
    except OSError as error:
        _unreadable(name, error)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Inadmissible(f"{name} is no regular file")
        try:
            data = file.read(most + 1)
        except OSError as error:
            _unreadable(name, error)
    if len(data) > most:
        raise Inadmissible(f"{name} is larger than {_size(most)}")
    return data


def read_folder(path: Path, caps: Caps) -> Files:
    """Every file below the folder; links, devices, pipes and sockets are refused, what tools left behind is passed over."""
    files: Files = {}
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)

    def visit(handle: int, before: str) -> None:
        for entry in _entries(handle, caps):
            if is_junk(entry):
                continue
            name = checked(before + entry)
            kind = os.stat(entry, dir_fd=handle, follow_symlinks=False).st_mode
            if stat.S_ISDIR(kind):
                inner = os.open(entry, flags, dir_fd=handle)
                try:
                    visit(inner, f"{name}/")
                finally:
                    os.close(inner)
            elif stat.S_ISREG(kind):
                space = caps.total_bytes - sum(map(len, files.values()))
                if len(files) >= caps.files:
                    raise Inadmissible(f"it has more than {caps.files} files")
                try:
                    files[name] = read_file(entry, min(caps.file_bytes, space), handle)
                except Inadmissible as problem:
                    if space < caps.file_bytes and "larger" in str(problem):
                        raise Inadmissible(f"its files are larger than {_size(caps.total_bytes)} together") from problem
                    raise
            else:
                raise Inadmissible(f"{name} is {_kind(kind)}, expected regular files and folders")

    try:
        handle = os.open(path, flags)
        try:
            visit(handle, "")
        finally:
            os.close(handle)
    except OSError as error:
        _unreadable(path.name, error)
    refuse_collisions(list(files))
    return files


def read_zip(data: bytes, caps: Caps) -> Files:
    """Every file of a zip archive. Sizes are counted while unpacking: what the archive says of them is not believed."""
    # zipfile makes an object of every entry before anybody can count them.
    if data.count(_CENTRAL_ENTRY) > 20 * caps.files:
        raise Inadmissible(f"the zip has more than {caps.files} files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpacked(archive, len(data), caps)
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, Inadmissible):
            raise
        raise Inadmissible(f"the zip is damaged or of a kind that is not read ({type(error).__name__})") from error


def _unpacked(archive: zipfile.ZipFile, packed: int, caps: Caps) -> Files:
    members = [(info, _member_name(info)) for info in archive.infolist()]
    for info, name in members:
        _refuse_member(info, name)
    members = [(info, name) for info, name in members if not info.is_dir() and not is_junk(name)]
    if len(members) > caps.files:
        raise Inadmissible(f"the zip has more than {caps.files} files")
    refuse_collisions([name for _, name in members])
    most = min(caps.total_bytes, max(_MIB, packed * caps.ratio))
    files: Files = {}
    bytes_left = most
    for info, name in members:
        space = min(caps.file_bytes, bytes_left)
        with archive.open(info) as member:
            content = member.read(space + 1)
        if len(content) > space:
            raise Inadmissible(
                f"{name} is larger than {_size(caps.file_bytes)}"
                if space == caps.file_bytes
                else f"the zip unpacks to more than {_size(most)}"
            )
        bytes_left -= len(content)
        files[name] = content
    return files


def _member_name(info: zipfile.ZipInfo) -> str:
    """The name as UTF-8 says it; zipfile reads the names of old tools as code page 437."""
    raw = info.orig_filename
    if "\0" in raw:
        raise Inadmissible("a file name in the zip contains a NUL character")
    if not info.flag_bits & _UTF8 and not raw.isascii():
        try:
            raw = raw.encode("cp437").decode("utf-8")
        except UnicodeError as error:
            raise Inadmissible(f"a file name in the zip is not UTF-8: {ascii(raw)[:80]}") from error
    name = checked(raw.rstrip("/") if raw.endswith("/") and raw != "/" else raw)
    return name


def _refuse_member(info: zipfile.ZipInfo, name: str) -> None:
    kind = info.external_attr >> 16
    if stat.S_IFMT(kind) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Inadmissible(f"{name} is {_kind(kind)}, expected regular files and folders")
    if info.flag_bits & _ENCRYPTED:
        raise Inadmissible("the zip is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Inadmissible(f"{name} is packed by a method that is not read, expected stored or deflated")


def _entries(handle: int, caps: Caps) -> Iterator[str]:
    """The names in a folder, in order; a folder of very many is refused before they are sorted."""
    names = []
    with os.scandir(handle) as entries:
        for entry in entries:
            names.append(entry.name)
            if len(names) > 20 * caps.files:
                raise Inadmissible(f"it has more than {caps.files} files")
    yield from sorted(names)


def _kind(mode: int) -> str:
    kinds = {stat.S_IFLNK: "a symbolic link", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _size(count: int) -> str:
    return f"{count / _MIB:.3g} MiB" if count >= _MIB else f"{count} bytes"


def _unreadable(name: str, error: OSError) -> NoReturn:
    raise Inadmissible(f"{name} cannot be read: {error.strerror}") from error
