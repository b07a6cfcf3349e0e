"""Intake: what was handed in, read and checked without running any of it.

A submission is a `.py` file, a notebook, a folder, or a zip of one of these. In a folder the entry is `submission.py`, else
`submission.ipynb`, else its only `.py`, else its only `.ipynb` file; a single folder around everything is looked through. A folder
without submission.py and submission.ipynb that is named by the teacher is a folder of many. One that cannot be accepted becomes a
`Refused` and never stops the others.
"""

from __future__ import annotations

import hashlib
import importlib.util
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from conformance.errors import Inadmissible, NothingHandedIn, UnreadableNotebook
from conformance.grading.intake.file_names import folder_names, is_junk
from conformance.grading.intake.folders_and_zips import Caps, Files, read_file, read_folder, read_zip
from conformance.grading.intake.notebooks import to_source
from conformance.grading.intake.python_sources import read_sources, refuse_source
from conformance.respondent.printable import listed, one_line, syntax_error
from conformance.targets.written_in import Written

ENTRY = "submission.py"
_NOTEBOOK = "submission.ipynb"
_TOLD = "--framework says so"


@dataclass(frozen=True)
class Source:
    """Something handed in, not yet looked into. `name` is safe as the name of a folder, and unique; `handed_in` is what it was called."""

    name: str
    path: Path
    handed_in: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """What will be graded. `hash` is of the files alone, so a new name or new notebook outputs do not change it.

    `problem` says why the entry is no Python, if it is none: then nothing in it can be asked. `because` says why it is taken to be of its
    framework, `doubtful` that it imports others too, `told` that whoever started the program says so; `others` are functions of another.
    """

    name: str
    hash: str
    files: Mapping[str, bytes]
    entry: str
    framework: str | None
    notes: tuple[str, ...] = ()
    handed_in: str = ""
    problem: str | None = None
    because: str = ""
    doubtful: bool = False
    told: bool = False
    others: Mapping[str, Written] = field(default_factory=dict[str, Written])


@dataclass(frozen=True)
class Refused:
    """What cannot be graded, and why. `grader_error` marks a mistake of this program, which is never the student's."""

    name: str
    reason: str
    grader_error: bool = False
    handed_in: str = ""


def find(paths: Sequence[Path], single: bool = False, argument: str = "paths") -> tuple[Source, ...]:
    """Everything that was handed in, with its name; nothing is read yet. With `single`, every path is one submission, whatever is in
    it. `argument` is what the paths are called in messages.

    Raises:
        NothingHandedIn: a path that is not there, or a folder without anything in it.
    """
    name_of_path: dict[Path, str] = {}
    children_of_a_class: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise NothingHandedIn(f"{argument}: expected a file or folder, got {str(path)!r}, which is not there")
        resolved = path.resolve()  # whoever starts the grader may name a link; a student may not
        if single or not resolved.is_dir() or any(_is_file(resolved / entry) for entry in (ENTRY, _NOTEBOOK)):
            name_of_path.setdefault(resolved, resolved.name)
            continue
        children = sorted(child for child in resolved.iterdir() if not is_junk(child.name))
        if not children:
            raise NothingHandedIn(f"{argument}: expected a folder with submissions, got {str(path)!r}, which is empty")
        for child in children:
            name_of_path.setdefault(child, child.name)
        children_of_a_class.update(children)
    names, original_names = folder_names(list(name_of_path.values())), _called(list(name_of_path))
    return tuple(
        Source(name, path, handed_in, () if single or path in children_of_a_class else _beside_the_entry(path))
        for name, path, handed_in in zip(names, name_of_path, original_names, strict=True)
    )


def remarks(paths: Sequence[Path], single: bool = False) -> tuple[str, ...]:
    """What whoever starts the grader may not have meant: a class that is taken for one submission, and files that are left out."""
    sentences = []
    for path in (path for path in paths if not single and path.is_dir()):
        if any(_is_file(path / entry) for entry in (ENTRY, _NOTEBOOK)):
            beside = _beside_the_entry(path.resolve())
            sentences += [f"{path}: {note}; to grade each by itself, name every file" for note in beside]
            continue
        hidden = sorted(
            c.name for c in path.iterdir() if c.name.startswith(".") and not c.name.startswith("._") and _could_be_submission(c)
        )
        if hidden:
            sentences.append(f"{path}: left out {listed(hidden)}, since a name that begins with a dot is hidden")
    return tuple(one_line(sentence) for sentence in sentences)


def take(source: Source, caps: Caps | None = None, framework: str | None = None) -> Submission | Refused:
    """Read one submission; whatever is wrong with it becomes a `Refused`. A framework that is named is not read from it."""
    try:
        submission = _submission(source, caps or Caps())
        if framework is None:
            return submission
        return replace(submission, framework=framework, because=_TOLD, doubtful=True, told=True, others=MappingProxyType({}))
    except (Inadmissible, UnreadableNotebook) as problem:
        return Refused(source.name, one_line(str(problem)), handed_in=source.handed_in)
    except OSError as error:
        return Refused(source.name, f"it cannot be read: {error.strerror}", handed_in=source.handed_in)
    except Exception as error:  # a mistake here must not cost a student anything, nor the rest of the class its grades
        return Refused(source.name, f"the grader failed to read it ({type(error).__name__})", True, source.handed_in)


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the sorted names and the contents, each with its length before it."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _submission(source: Source, caps: Caps) -> Submission:
    files = _without_wrapper(_read(source.path, caps))
    entry = _entry(files)
    notes = list(source.notes)
    if entry == ENTRY and _NOTEBOOK in files:
        notes.append(f"{ENTRY} was taken and {_NOTEBOOK} left aside")
    if entry.endswith(".ipynb"):
        code, left_out = to_source(files[entry])
        notes += [f"the code cells of {entry} were taken", *left_out]
        files = {name: content for name, content in files.items() if not name.endswith(".ipynb")} | {ENTRY: code.encode()}
        entry = ENTRY
    for name, content in files.items():
        if name.endswith(".py"):
            refuse_source(name, content, caps)
    reading, problem = read_sources(files, entry), None
    if reading.problem is not None:
        called = source.path.name if source.path.suffix.lower() == ".py" else entry
        problem = f"{called} does not import: {syntax_error(reading.problem, called)}"
    return Submission(
        source.name,
        content_hash({ENTRY if name == entry else name: content for name, content in files.items()}),
        MappingProxyType(files),
        entry,
        reading.whole.framework if reading.whole is not None else None,
        (*notes, *reading.notes),
        source.handed_in,
        problem,
        reading.whole.because if reading.whole is not None else "",
        reading.whole is not None and reading.whole.doubtful,
        others=MappingProxyType(reading.others),
    )


def _read(path: Path, caps: Caps) -> Files:
    kind = path.lstat().st_mode
    if stat.S_ISLNK(kind):
        raise Inadmissible("it is a symbolic link, expected a file or folder")
    if stat.S_ISDIR(kind):
        return read_folder(path, caps)
    if not stat.S_ISREG(kind):
        raise Inadmissible("it is a pipe, socket or device, expected a file or folder")
    match path.suffix.lower():
        case ".py":
            return {_name_in_messages(path): read_file(path, caps.source_bytes)}
        case ".ipynb":
            return {_NOTEBOOK: read_file(path, caps.file_bytes)}
        case ".zip":
            return read_zip(read_file(path, caps.archive_bytes), caps)
        case suffix:
            raise Inadmissible(
                f"expected a .py, .ipynb or .zip file or a folder, got {f'a {suffix} file' if suffix else 'a file without suffix'}"
            )


def _name_in_messages(path: Path) -> str:
    """That of the file, so that messages name what was handed in; not where it would be imported in the place of a package."""
    usable = path.suffix == ".py" and path.stem.isidentifier() and importlib.util.find_spec(path.stem) is None
    return path.name if usable else ENTRY


def _without_wrapper(files: Files) -> Files:
    """The files without the one folder that lies around all of them."""
    first = {name.partition("/")[0] for name in files}
    if len(first) == 1 and all("/" in name for name in files):
        return _without_wrapper({name.partition("/")[2]: content for name, content in files.items()})
    return files


def _entry(files: Files) -> str:
    for name in (ENTRY, _NOTEBOOK):
        if name in files:
            return name
    for suffix in (".py", ".ipynb"):
        own = [name for name in files if name.endswith(suffix) and "/" not in name]
        if len(own) == 1:
            return own[0]
        if own:
            raise Inadmissible(f"expected {ENTRY}, or one {suffix} file, got {len(own)}: {listed(sorted(own))}")
    raise Inadmissible(f"expected {ENTRY} or {_NOTEBOOK}, got {'no file at all' if not files else 'neither'}")


def _called(paths: Sequence[Path]) -> list[str]:
    """What each was called when it was handed in, with the folder where names alone do not tell them apart."""
    count = Counter(path.name for path in paths)
    names = (path.name if count[path.name] == 1 else f"{path.parent.name}/{path.name}" for path in paths)
    return ["".join(c if c.isprintable() else ascii(c)[1:-1] for c in name) for name in names]


def _beside_the_entry(path: Path) -> tuple[str, ...]:
    """A sentence, where a folder is one submission because of its entry and holds what could be submissions too."""
    if path.is_symlink() or not path.is_dir():
        return ()
    entry = next((name for name in (ENTRY, _NOTEBOOK) if _is_file(path / name)), None)
    neighbours = sorted(
        c.name for c in path.iterdir() if c.name not in (ENTRY, _NOTEBOOK) and not is_junk(c.name) and _could_be_submission(c)
    )
    if entry is None or not neighbours:
        return ()
    return (
        one_line(f"a folder with {entry} is one submission, and {listed(neighbours)} belong{'s' * (len(neighbours) == 1)} to it"),
    )


def _could_be_submission(path: Path) -> bool:
    return path.suffix.lower() in (".py", ".ipynb", ".zip") and _is_file(path)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
