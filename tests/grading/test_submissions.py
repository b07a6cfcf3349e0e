"""Intake: every kind of submission is read, everything else is refused in one line, and nothing stops a batch."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import NothingHandedIn
from conformance.grading.intake import submissions
from conformance.grading.intake.file_names import folder_names
from conformance.grading.intake.folders_and_zips import Caps
from conformance.grading.intake.submissions import Refused, Source, Submission, content_hash, find, take
from tests.grading.test_notebooks import notebook
from tests.grading.zips import packed

SOURCE = b"import torch\n\nx = 1\n"
SMALL = Caps(file_bytes=1000, total_bytes=3000, archive_bytes=100_000, source_bytes=900, files=5)


def _taken(path: Path, caps: Caps | None = None) -> Submission:
    result = take(Source("name", path), caps)
    assert isinstance(result, Submission), result
    return result


def _reason(path: Path, caps: Caps | None = None) -> str:
    result = take(Source("name", path), caps)
    assert isinstance(result, Refused), result
    assert not result.grader_error
    assert "\n" not in result.reason
    return result.reason


def _write(path: Path, content: bytes = SOURCE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_every_kind_of_the_same_submission_is_the_same(tmp_path: Path) -> None:
    """A file, a folder, a zip, a zip of a folder: equal content, hash and framework; a file keeps its name, which messages say."""
    kinds = [
        _write(tmp_path / "one.py"),
        _write(tmp_path / "two" / "submission.py").parent,
        _write(tmp_path / "three.zip", packed({"submission.py": SOURCE})),
        _write(tmp_path / "four.zip", packed({"folder/submission.py": SOURCE, "__MACOSX/folder/._submission.py": b"junk"})),
        _write(tmp_path / "five" / "inside" / "submission.py").parent.parent,
    ]
    for path in kinds:
        submission = _taken(path)
        name = "one.py" if path.suffix == ".py" else "submission.py"
        assert (dict(submission.files), submission.entry, submission.framework, submission.notes) == (
            {name: SOURCE},
            name,
            "torch",
            (),
        )
        assert submission.hash == content_hash({"submission.py": SOURCE})


def test_a_notebook_becomes_its_code(tmp_path: Path) -> None:
    """Alone, in a folder, in a zip; and the notes say so."""
    book = notebook("%matplotlib inline\nimport keras")
    for path in (
        _write(tmp_path / "a.ipynb", book),
        _write(tmp_path / "b" / "work.ipynb", book).parent,
        _write(tmp_path / "c.zip", packed({"submission.ipynb": book})),
    ):
        submission = _taken(path)
        assert dict(submission.files) == {"submission.py": b"# cell 1\npass\nimport keras\n"}
        assert submission.framework == "tensorflow"
        assert submission.notes[-1] == "cell 1: left out 1 line that is no Python: %matplotlib inline"


def test_files_beside_the_entry_are_kept(tmp_path: Path) -> None:
    """Modules and data that the entry may read; the framework may be imported there."""
    folder = _write(tmp_path / "s" / "submission.py", b"from layers import dense\n").parent
    _write(folder / "layers.py", b"import tensorflow as tf\n")
    _write(folder / "weights.safetensors", b"\0\1")
    _write(folder / ".git" / "config", b"secret")
    _write(folder / "submission.ipynb", notebook("1"))
    submission = _taken(folder)
    assert sorted(submission.files) == ["layers.py", "submission.ipynb", "submission.py", "weights.safetensors"]
    assert submission.framework == "tensorflow"
    assert submission.notes == ("submission.py was taken and submission.ipynb left aside",)
    with pytest.raises(TypeError):
        submission.files["x"] = b""  # type: ignore[index]


def test_an_entry_of_another_name_is_found_if_it_is_the_only_one(tmp_path: Path) -> None:
    """Two are refused, because nobody should guess."""
    folder = _write(tmp_path / "s" / "vae.py").parent
    assert _taken(folder).entry == "vae.py"
    _write(folder / "other.py")
    assert _reason(folder) == "expected submission.py, or one .py file, got 2: other.py, vae.py"


def test_a_file_named_as_a_package_does_not_stand_in_its_place(tmp_path: Path) -> None:
    """`import torch` inside torch.py would import the submission itself; names that Python cannot import become the usual one too."""
    for name in ("torch.py", "random.py", "my work.py", "loss.PY"):
        assert set(_taken(_write(tmp_path / name)).files) == {"submission.py"}


def test_the_hash_is_of_names_and_contents() -> None:
    """Neither moves into the other, and the order does not matter."""
    different = [{"a": b"bc"}, {"ab": b"c"}, {"a": b"b", "c": b""}, {"a": b"", "b": b"c"}, {}]
    assert len({content_hash(files) for files in different}) == len(different)
    assert content_hash({"a": b"1", "b": b"2"}) == content_hash({"b": b"2", "a": b"1"})


def test_what_cannot_be_parsed_is_still_taken(tmp_path: Path) -> None:
    """What is no Python says so once, by the name that it was handed in under; what only a parser cannot read is noted."""
    broken = _taken(_write(tmp_path / "a.py", b"import torch\ndef f(:"))
    assert broken.problem == "a.py does not import: SyntaxError: invalid syntax (a.py, line 2)"
    assert (broken.framework, broken.notes) == (None, ())
    deep = _taken(_write(tmp_path / "a.py", b"x = " + b"-" * 100_000 + b"1"))
    assert (deep.framework, deep.notes, deep.problem) == (None, ("a.py is nested too deeply",), None)


def test_a_file_beside_that_is_no_python_is_noted(tmp_path: Path) -> None:
    """Nobody knows whether the entry imports it, so it is no obstacle."""
    folder = _write(tmp_path / "s" / "submission.py", b"import torch").parent
    _write(folder / "draft.py", b"def f(:")
    submission = _taken(folder)
    assert (submission.framework, submission.problem) == ("torch", None)
    assert submission.notes == ("SyntaxError: invalid syntax (draft.py, line 1)",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x = '\xff'", "a.py is not UTF-8"),
        ("x = 1".encode("utf-16"), "a.py contains a NUL character"),
        (b"\xff\xfex", "a.py is not UTF-8"),
        (b"# coding: utf-7\nx = 1", "a.py declares the encoding utf-7, expected UTF-8"),
        (b"# coding: latin-1\nx = 1", "a.py declares the encoding iso-8859-1, expected UTF-8"),
        (b"# coding: nonsense\nx = 1", "a.py is not UTF-8"),
        (b"x = 1\0", "a.py contains a NUL character"),
        (b"#" * 2**21, "a.py is larger than 1 MiB"),
    ],
)  # fmt: skip
def test_source_that_is_not_what_it_looks_like_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    """Other encodings, NUL and very large files."""
    assert _reason(_write(tmp_path / "a.py", content)) == expected


def test_links_pipes_sockets_and_devices_are_refused(tmp_path: Path) -> None:
    """At the top and inside, without opening any of them."""
    secret = _write(tmp_path / "secret" / "submission.py")
    (tmp_path / "link.py").symlink_to(secret)
    (tmp_path / "linked").symlink_to(secret.parent)
    os.mkfifo(tmp_path / "pipe.py")
    assert _reason(tmp_path / "link.py") == "it is a symbolic link, expected a file or folder"
    assert _reason(tmp_path / "linked") == "it is a symbolic link, expected a file or folder"
    assert _reason(tmp_path / "pipe.py") == "it is a pipe, socket or device, expected a file or folder"
    assert _reason(Path("/dev/null")) == "it is a pipe, socket or device, expected a file or folder"
    for number, make in enumerate((lambda p: p.symlink_to(secret), lambda p: p.symlink_to(secret.parent), os.mkfifo, _socket)):
        folder = _write(tmp_path / f"s{number}" / "submission.py").parent
        make(folder / "data")
        assert _reason(folder).startswith("data is a ")


def _socket(path: Path) -> None:
    os.chdir(path.parent)  # a socket's whole path may have 108 bytes only
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def test_large_and_many_files_are_refused(tmp_path: Path) -> None:
    """One too large, all too large together, too many, too deep."""
    folder = _write(tmp_path / "a" / "submission.py").parent
    _write(folder / "big", bytes(1001))
    assert _reason(folder, SMALL) == "big is larger than 1000 bytes"
    folder = _write(tmp_path / "b" / "submission.py").parent
    for number in range(3):
        _write(folder / f"{number}", bytes(1000))
    assert _reason(folder, SMALL) == "its files are larger than 3000 bytes together"
    folder = _write(tmp_path / "c" / "submission.py").parent
    for number in range(5):
        _write(folder / f"{number}", b"")
    assert _reason(folder, SMALL) == "it has more than 5 files"
    assert "more than 8 folders deep" in _reason(_write(tmp_path / "d" / "/".join("x" * 9) / "submission.py").parents[8])


def test_names_on_disk_that_hide_something_are_refused(tmp_path: Path) -> None:
    """Not UTF-8, control characters, two names that are one elsewhere."""
    for name, expected in ((b"\xff.txt", "is not UTF-8"), (b"a\nb", "cannot be shown"), (b"a\\b", "not portable"), (b"c:x", "not portable"),
                           (b"SUBMISSION.py", "the same where case does not count")):  # fmt: skip
        folder = _write(tmp_path / f"s{expected}" / f"{name.hex()}" / "submission.py").parent
        (folder / os.fsdecode(name)).write_bytes(b"")
        assert expected in _reason(folder)


def test_one_bad_submission_never_stops_a_batch(tmp_path: Path) -> None:
    """Every entry of a folder of many comes back under its own name, good ones as they are."""
    folder = tmp_path / "class"
    _write(folder / "alice.py")
    _write(folder / "bob.zip", b"not a zip")
    _write(folder / "carol" / "submission.py")
    _write(folder / "essay.docx")
    _write(folder / ".DS_Store")
    (folder / "dora.py").symlink_to(folder / "alice.py")
    (folder / "empty").mkdir()
    results = [take(source) for source in find([folder])]
    assert [(result.name, type(result)) for result in results] == [
        ("alice", Submission), ("bob", Refused), ("carol", Submission), ("dora", Refused), ("empty", Refused), ("essay.docx", Refused),
    ]  # fmt: skip
    reasons = [result.reason for result in results if isinstance(result, Refused)]
    assert reasons[1:] == [
        "it is a symbolic link, expected a file or folder",
        "expected submission.py or submission.ipynb, got no file at all",
        "expected a .py, .ipynb or .zip file or a folder, got a .docx file",
    ]


def test_a_mistake_of_the_grader_is_not_the_students(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is marked, and the batch goes on."""

    def broken(files: object, entry: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(submissions, "read_sources", broken)
    (result,) = map(take, find([_write(tmp_path / "a.py")]))
    assert result == Refused("a", "the grader failed to read it (ZeroDivisionError)", grader_error=True, handed_in="a.py")


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operating system says is what is said."""

    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = _write(tmp_path / "a.py")
    monkeypatch.setattr(os, "open", denied)
    assert _reason(path) == "a.py cannot be read: Permission denied"


def test_a_file_that_is_swapped_for_a_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the opening: the link is not opened."""
    path, secret = _write(tmp_path / "a.py"), _write(tmp_path / "secret")
    looked = path.lstat()
    path.unlink()
    path.symlink_to(secret)
    monkeypatch.setattr(Path, "lstat", lambda self: looked)
    assert _reason(path) == "a.py cannot be read: Too many levels of symbolic links"


def test_paths_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    """The teacher named them, so it is the teacher who hears of it."""
    with pytest.raises(NothingHandedIn, match="which is not there"):
        find([tmp_path / "x"])
    with pytest.raises(NothingHandedIn, match="which is empty"):
        find([tmp_path])


def test_the_same_path_twice_is_one_submission(tmp_path: Path) -> None:
    """And a folder and a file in it are not two."""
    path = _write(tmp_path / "class" / "a.py")
    assert len(find([path, path, path.parent])) == 1


def test_names_do_not_depend_on_who_else_handed_in() -> None:
    """Names that meet are told apart by a hash of what was handed in, in any order."""
    first = dict(zip(["alice.py", "alice.zip", "bob.py"], folder_names(["alice.py", "alice.zip", "bob.py"]), strict=True))
    second = dict(zip(["bob.py", "alice.zip", "alice.py"], folder_names(["bob.py", "alice.zip", "alice.py"]), strict=True))
    assert first == second
    assert first["bob.py"] == "bob"
    assert first["alice.py"] != first["alice.zip"]


_CHOSEN = st.one_of(
    st.text(max_size=90),
    st.sampled_from(["..", ".", "", "/", "a/../../b.py", "CON.py", "nul", "class.html", "grades.csv.py", "김민수.py", "A.py", "a.PY", "ａ.py",
                     "ß", "ss", "İ",
                     "x" * 300, "é" * 100, "e\u0301", "\u202e", "-rf", "~", "a b", "a\0b", "\ud800", "🙂" * 50]),
)  # fmt: skip


@given(st.lists(_CHOSEN, max_size=12))
def test_names_of_folders_are_safe_and_unique(originals: list[str]) -> None:
    """Whatever a student is called: no separator, no dot in front, no device, not what a report is called, short, and no two alike."""
    names = folder_names(originals)
    assert len(names) == len(originals)
    assert len({submissions_key(name) for name in names}) == len(names)
    for name in names:
        assert name
        assert name == Path(name).name
        assert not name.startswith((".", "-", "~"))
        assert name.isprintable()
        assert not set(name) & set('/\\:*?"<>| \0')
        assert len(name.encode()) <= 100
        assert not name.lower().endswith((".html", ".md", ".csv", ".json"))
        assert name.lower().partition(".")[0] not in ("con", "nul", "aux", "prn", "com1", "lpt1")


def submissions_key(name: str) -> str:
    """What a file system without case would take a name for."""
    return name.casefold()


def test_torch_code_beside_an_import_of_keras_is_torch(tmp_path: Path) -> None:
    """What the functions do decides, also through a file beside; who starts the program may say otherwise."""
    source = (
        b"from keras.utils import pad_sequences as pad\nfrom helper import kl\ndef vae_kl_loss(mean, log_var):\n    return kl(mean)"
    )
    folder = _write(tmp_path / "s" / "submission.py", source).parent
    _write(folder / "helper.py", b"import torch\ndef kl(x):\n    return torch.exp(x)")
    submission = _taken(folder)
    assert (submission.framework, submission.because, submission.doubtful, submission.told) == (
        "torch", "vae_kl_loss answers with torch (line 3 of helper.py)", True, False,
    )  # fmt: skip
    told = take(Source("name", folder), framework="tensorflow")
    assert isinstance(told, Submission)
    assert (told.framework, told.because, told.told, told.hash) == ("tensorflow", "--framework says so", True, submission.hash)
