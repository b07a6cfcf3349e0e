"""Zip archives, good ones and such as no honest tool makes."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Mapping


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An ordinary archive of the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def renamed(old: bytes, new: bytes, content: bytes = b"x = 1\n") -> bytes:
    """An archive whose one file has a name that zipfile would not write; both must be equally long."""
    assert len(old) == len(new)
    return packed({old.decode("latin-1"): content}, zipfile.ZIP_STORED).replace(old, new)


def special(name: str, kind: int, content: bytes = b"/etc/passwd") -> bytes:
    """An archive with a link, pipe or device, and a good entry beside it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("submission.py", b"x = 1\n")
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (kind | stat.S_IRWXU) << 16
        archive.writestr(info, content)
    return buffer.getvalue()


def repeated(name: str, count: int) -> bytes:
    """The same name many times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice is the point
        for _ in range(count):
            archive.writestr(zipfile.ZipInfo(name), b"x = 1\n")
    return buffer.getvalue()


def flagged(bit: int) -> bytes:
    """An archive whose entry claims a flag, in both of its headers."""
    data = bytearray(packed({"submission.py": b"x = 1\n"}, zipfile.ZIP_STORED))
    central = data.index(b"PK\x01\x02")
    for position in (6, central + 8):
        flags = struct.unpack_from("<H", data, position)[0]
        struct.pack_into("<H", data, position, flags | bit)
    return bytes(data)


def lying(claimed: int, content: bytes) -> bytes:
    """An archive that says its file is smaller than it is."""
    data = bytearray(packed({"submission.py": content}))
    central = data.index(b"PK\x01\x02")
    for position in (22, central + 24):
        struct.pack_into("<I", data, position, claimed)
    return bytes(data)


def overlapping(count: int, content: bytes) -> bytes:
    """An archive whose many entries share one body: small on disk, large in memory."""
    data = packed({"submission.py": content})
    central = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[central:end]
    entries = entry + b"".join(entry.replace(b"submission.py", f"submissi{n:02}.py".encode()) for n in range(count - 1))
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, count, count, len(entries))
    return data[:central] + entries + bytes(tail)
