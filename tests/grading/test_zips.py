"""Hostile archives: each is refused in one line, before anything is unpacked beyond the caps, and nothing is written."""

from __future__ import annotations

import io
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import Inadmissible
from conformance.grading.intake.file_names import checked
from conformance.grading.intake.folders_and_zips import Caps, read_zip
from conformance.grading.intake.submissions import Refused, Source, Submission, take
from tests.grading import zips

_GOOD = {"submission.py": b"x = 1\n"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "damaged"),
        (b"PK\x05\x06" + bytes(18), "got no file at all"),
        (zips.packed(_GOOD)[:-30], "damaged"),
        (zips.packed(_GOOD | {"../evil.py": b""}), "leads out of the submission: ../evil.py"),
        (zips.packed(_GOOD | {"a/../../evil.py": b""}), "leads out of the submission"),
        (zips.packed(_GOOD | {"/etc/cron.d/evil": b""}), "absolute or not portable: /etc/cron.d/evil"),
        (zips.packed(_GOOD | {"C:/evil": b""}), "absolute or not portable: C:/evil"),
        (zips.packed(_GOOD | {"..\\evil": b""}), "absolute or not portable"),
        (zips.packed(_GOOD | {"a//b": b""}), "not portable: a//b"),
        (zips.packed(_GOOD | {"./submission.py": b""}), "not portable: ./submission.py"),
        (zips.packed(_GOOD | {"a:stream": b""}), "not portable"),
        (zips.packed(_GOOD | {"a\x1b[31m": b""}), "cannot be shown"),
        (zips.packed(_GOOD | {"x" * 300: b""}), "longer than 240 bytes"),
        (zips.packed(_GOOD | {"/".join("abcdefghi"): b""}), "more than 8 folders deep"),
        (zips.renamed(b"submission.pyX", b"submission.py\0"), "NUL"),
        (zips.renamed(b"submissionx.py", b"submission\xff.py"), "not UTF-8"),
        (zips.packed(_GOOD | {"Submission.py": b""}), "beside submission.py, which is the same where case does not count"),
        (zips.packed(_GOOD | {"caf\u00e9": b"", "cafe\u0301": b""}), "the same where case does not count"),
        (zips.packed(_GOOD | {"a": b"", "a/b": b""}), "a is both a file and a folder"),
        (zips.repeated("submission.py", 2), "the file submission.py is there twice"),
        (zips.special("link", stat.S_IFLNK), "link is a symbolic link"),
        (zips.special("pipe", stat.S_IFIFO), "pipe is a named pipe"),
        (zips.special("device", stat.S_IFBLK), "device is a device"),
        (zips.flagged(0x1), "the zip is encrypted"),
        (zips.flagged(0x40), "the zip is encrypted"),
        (zips.packed(_GOOD, zipfile.ZIP_BZIP2), "packed by a method that is not read"),
        (zips.packed(_GOOD, zipfile.ZIP_LZMA), "packed by a method that is not read"),
        (zips.packed({f"{n}.py": b"" for n in range(201)}), "more than 200 files"),
        (zips.repeated("submission.py", 5000), "more than 200 files"),
        (zips.packed(_GOOD | {"big": bytes(17 * 2**20)}, zipfile.ZIP_STORED), "big is larger than 16 MiB"),
        (zips.packed(_GOOD | {f"{n}": bytes(12 * 2**20) for n in range(3)}), "unpacks to more than"),
        (zips.packed(_GOOD | {"bomb": bytes(15 * 2**20)}), "unpacks to more than"),
        (zips.overlapping(40, bytes(2**20)), "the zip"),
        (zips.lying(10, b"x = 1\n" * 1000), "damaged"),
    ],
)  # fmt: skip
def test_a_hostile_archive_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    """And the reason says which hostility it is."""
    (tmp_path / "a.zip").write_bytes(data)
    result = take(Source("a", tmp_path / "a.zip"))
    assert isinstance(result, Refused), result
    assert not result.grader_error
    assert expected in result.reason
    assert result.reason.isprintable()
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.slow
def test_a_bomb_takes_no_more_memory_than_its_cap() -> None:
    """1 GiB in 1 MiB: unpacking stops at the cap."""
    bomb = zips.packed({"submission.py": bytes(2**30 // 4)})
    tracemalloc.start()
    try:
        with pytest.raises(Inadmissible):
            read_zip(bomb, Caps(file_bytes=2**20, total_bytes=2**20))
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_old_tools_that_do_not_say_utf8_are_understood(tmp_path: Path) -> None:
    """Some archives hold UTF-8 without the flag that says so."""
    data = zips.packed({"submission.py": b"x = 1\n", "notesXX.txt": b""}).replace(b"notesXX", "notesé".encode())
    (tmp_path / "a.zip").write_bytes(data)
    result = take(Source("a", tmp_path / "a.zip"))
    assert isinstance(result, Submission), result
    assert "notesé.txt" in result.files


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.binary(max_size=40), max_size=5), st.data())
def test_whatever_is_in_an_archive_comes_out_unchanged_or_not_at_all(files: dict[str, bytes], data: st.DataObject) -> None:
    """Names are relative, lead nowhere, and hold what was packed under them; damaged archives are refused."""
    try:
        archive = zips.packed(files)
    except (ValueError, UnicodeEncodeError):  # a name that zipfile itself cannot write
        return
    damaged = bytearray(archive)
    if data.draw(st.booleans()):
        position = data.draw(st.integers(0, len(archive) - 1))
        damaged[position] ^= data.draw(st.integers(1, 255))
    try:
        result = read_zip(bytes(damaged), Caps())
    except Inadmissible:
        return
    for name, content in result.items():
        assert checked(name) == name
        assert not Path(name).is_absolute()
        assert ".." not in Path(name).parts
        if bytes(damaged) == archive:
            assert content == files[name]


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    """Whatever follows the first letters of an archive."""
    for content in (data, b"PK\x03\x04" + data, data + b"PK\x05\x06" + bytes(18)):
        try:
            read_zip(content, Caps())
        except Inadmissible:
            continue


def test_an_archive_that_cannot_be_told_from_a_good_one_is_good() -> None:
    """The checks refuse nothing of an ordinary archive with folders."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("work")
        archive.writestr("work/submission.py", b"x = 1\n")
        archive.writestr("work/데이터.txt", b"1")
    assert read_zip(buffer.getvalue(), Caps()) == {"work/submission.py": b"x = 1\n", "work/데이터.txt": b"1"}
