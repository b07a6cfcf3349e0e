"""Finding what is under test, and saying in one line why it cannot be used."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from conformance.errors import UnknownChoice, UnusableTarget
from conformance.respondent.frameworks import DEVICES
from conformance.targets.target import Target, check_choices, discover, expand, framework_of, load_module, obstacle
from tests.harness.submissions import write


@pytest.fixture(autouse=True)
def _importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tmp_path` is on sys.path and current; what a test imports is forgotten after it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def _refusal(module: str) -> str:
    """What `load_module` or `framework_of` says, whichever refuses; always one line."""
    with pytest.raises(UnusableTarget) as caught:
        _ = framework_of(module), load_module(module)
    message = str(caught.value)
    assert message.startswith("target: ")
    assert "\n" not in message
    return message


def _install(folder: Path, name: str, module: str) -> None:
    """An installed distribution with one entry point, as pip would leave it."""
    info = folder / "third_party-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[conformance.targets]\n{name} = {module}\n")


def test_own_implementations_are_discovered() -> None:
    """`impl_torch` needs not be named, and discovery imports nothing."""
    assert discover()["impl_torch"] == "impl_torch"


def test_third_parties_are_discovered(tmp_path: Path) -> None:
    """An installed package is found by its entry point, under the name that it gives itself, and run without being named."""
    write(tmp_path, "import torch", "third_party_vae.py")
    _install(tmp_path, "theirs", "third_party_vae")
    assert discover()["theirs"] == "third_party_vae"
    modules = [t.module for t in expand(["theirs"], ["cpu"], ["float32"], ["eager"])]
    assert modules == ["third_party_vae"]
    assert "third_party_vae" in {t.module for t in expand([], ["cpu"], ["float32"], ["eager"])}


def test_a_third_party_does_not_replace_an_own_implementation(tmp_path: Path) -> None:
    """The name `impl_torch` stays ours."""
    _install(tmp_path, "impl_torch", "somewhere.else")
    assert discover()["impl_torch"] == "impl_torch"


def test_every_combination_once() -> None:
    """Module × device × mode × dtype, duplicates named twice counted once, every device of a framework that has devices."""
    combinations = list(expand(["impl_torch"], ["cpu", "cpu"], ["float32", "float64", "float32"], ["eager", "compiled"]))
    assert len(combinations) == len(set(combinations)) == 4
    assert [t.device for t in expand(["impl_torch"], [], ["float32"], ["eager"])] == list(DEVICES)


def test_numpy_has_no_devices(tmp_path: Path) -> None:
    """A NumPy module is asked on the cpu unless another device is demanded, which it then lacks."""
    path = write(tmp_path, "import numpy")
    assert [t.device for t in expand([path], [], ["float32"], ["eager"])] == ["cpu"]
    (demanded,) = expand([path], ["cuda"], ["float32"], ["eager"])
    assert "cuda" in (obstacle(demanded) or "")


@pytest.mark.parametrize("choice", ["device", "dtype", "mode"])
def test_unknown_choices_are_refused(choice: str) -> None:
    """The message names the option, what there is, and what was given."""
    given = {"device": ["tpu"], "dtype": ["float8"], "mode": ["lazy"]}
    options = [given[name] if name == choice else [] for name in ("device", "dtype", "mode")]
    with pytest.raises(UnknownChoice, match=rf"^{choice}: expected one of .*; got '{given[choice][0]}'$"):
        list(expand(["impl_torch"], *options))
    assert check_choices("device", ["cuda", "cpu", "cuda"], DEVICES) == ("cuda", "cpu")


@pytest.mark.parametrize("source", ["import numpy\nraise ValueError('broken')", "def f(:"])
def test_a_broken_third_party_is_an_obstacle(source: str, tmp_path: Path) -> None:
    """Unnamed it is a target that cannot run, with its reason; named it is refused."""
    write(tmp_path, source, "broken_vae.py")
    _install(tmp_path, "theirs", "broken_vae")
    (target,) = [t for t in expand([], ["cpu"], ["float32"], ["eager"]) if t.module == "broken_vae"]
    assert "broken_vae does not import" in (obstacle(target) or "")
    assert all(obstacle(t) is None for t in expand([], ["cpu"], ["float32"], ["eager"]) if t.module == "impl_torch")
    with pytest.raises(UnusableTarget, match="broken_vae"):
        _ = [load_module(t.module) for t in expand(["theirs"], ["cpu"], ["float32"], ["eager"])]


def test_a_file_a_folder_and_a_name(tmp_path: Path) -> None:
    """A target is a Python file, a package folder or the name of an importable module."""
    path = write(tmp_path, "answer = 1", "single.py")
    write(tmp_path, "from .inner import answer", "parcel/__init__.py")
    write(tmp_path, "answer = 2", "parcel/inner.py")
    assert load_module(path).answer == 1
    assert load_module(str(tmp_path / "parcel")).answer == 2
    assert load_module("./parcel").answer == 2
    assert load_module("parcel.inner").answer == 2
    assert load_module("single").answer == 1


def test_a_module_is_executed_once(tmp_path: Path) -> None:
    """Loading the same path again, however written, gives the same module."""
    path = write(tmp_path, "state = []")
    assert load_module(path) is load_module("./submission.py") is load_module("submission.py")


def test_names_for_tables() -> None:
    """The short name is the file's or folder's own, without path and extension."""
    names = {"impl_torch": "impl_torch", "a.b": "a.b", "sub/vae.py": "vae", "sub/vae": "vae", "sub/vae/": "vae", "sub/v1.2": "v1.2"}
    assert {module: Target(module, "numpy").name for module in names} == names


def test_two_files_of_the_same_name_do_not_meet(tmp_path: Path) -> None:
    """Two submissions called alike are two modules, also where both import a file of the same name beside them."""
    for name in ("ada", "bob"):
        write(tmp_path, f"owner = {name!r}", f"{name}/formulas_beside.py")
        write(tmp_path, "from formulas_beside import owner", f"{name}/submission.py")
    assert [load_module(str(tmp_path / name / "submission.py")).owner for name in ("ada", "bob")] == ["ada", "bob"]


def test_loading_leaves_the_import_path_as_it_was(tmp_path: Path) -> None:
    """The folder of a submission is on sys.path only while it is imported, also if the import fails."""
    before = list(sys.path)
    load_module(write(tmp_path, "x = 1", "one/submission.py"))
    _refusal(write(tmp_path, "raise ValueError", "two/submission.py"))
    _refusal(write(tmp_path, "import sys; sys.path.pop(0); raise ValueError('mine')", "three/submission.py"))
    assert sys.path == before


def test_printing_on_import_is_held_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a target prints while it is imported is not shown."""
    load_module(write(tmp_path, "print('passed')"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("source", "words"), [
    ("def f(:", ["SyntaxError", "line 1"]),
    ("x = 1\n\nraise KeyError('gone')", ["KeyError", "gone", "line 3"]),
    ("import no_such_package_anywhere", ["no_such_package_anywhere"]),
    ("from numpy import no_such_name", ["no_such_name"]),
    ("x = 1\nraise SystemExit(3)", ["SystemExit", "3"]),
    ("raise RuntimeError('first\\nsecond')", ["RuntimeError", "first"]),
    ("class Odd(BaseException): pass\nraise Odd('own kind')", ["Odd", "own kind"]),
    ("class Odd(Exception):\n    def __str__(self): raise TypeError('no words')\nraise Odd", ["Odd"]),
    ("from .beside import x", ["relative import"]),
    ("x = '\0'", ["null bytes"]),
])  # fmt: skip
def test_what_does_not_import_is_refused_in_one_line(source: str, words: list[str], tmp_path: Path) -> None:
    """Whatever happens on import, the message names the file, the error and, where it is known, the line."""
    path = write(tmp_path, source, "broken.py")
    message = _refusal(path)
    assert all(word in message for word in ["broken.py", "does not import", *words])


def test_the_line_of_a_syntax_error_is_that_of_its_file(tmp_path: Path) -> None:
    """In a package the file with the error is named, and the line is counted in it."""
    write(tmp_path, "one = 1\ntwo = 2\n", "parcel/__init__.py")
    write(tmp_path, "\ndef f(:\n", "parcel/second.py")
    message = _refusal(str(tmp_path / "parcel"))
    assert "second.py" in message
    assert "line 2" in message


@pytest.mark.parametrize(
    "module", ["no_such_module", "no_such.module", "no/such/file.py", "missing.py", "", ".", "..", ".relative", "a..b"]
)
def test_what_is_not_there_is_refused_in_one_line(module: str) -> None:
    """A name or a path that leads nowhere is repeated as it was given."""
    message = _refusal(module)
    assert "expected" in message
    assert repr(module) in message


def test_a_folder_that_is_no_package_is_refused(tmp_path: Path) -> None:
    """A folder without __init__.py is neither a file nor a package."""
    (tmp_path / "empty").mkdir()
    assert "empty" in _refusal(str(tmp_path / "empty"))


def test_a_module_inside_a_broken_package_is_refused(tmp_path: Path) -> None:
    """A dotted name whose package raises is refused like any other module that does not import."""
    write(tmp_path, "raise RuntimeError('broken parent')", "shell/__init__.py")
    write(tmp_path, "x = 1", "shell/inner.py")
    assert "broken parent" in _refusal("shell.inner")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are refused in one line, unless the file declares its encoding as Python asks."""
    (tmp_path / "bytes.py").write_bytes(b"x = '\xe9'\n")
    (tmp_path / "declared.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    assert "bytes.py" in _refusal(str(tmp_path / "bytes.py"))
    assert framework_of("./declared.py") == "numpy"
    assert load_module("./declared.py").x == "é"


def test_what_is_no_source_is_refused() -> None:
    """A module without source (built in, or an extension) cannot be a target."""
    assert "sys" in _refusal("sys")
    assert "math" in _refusal("math") or "_math" in _refusal("math")


def test_a_byte_order_mark_is_not_an_error(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "marked.py").write_bytes(b"\xef\xbb\xbfimport torch\n")
    assert framework_of("./marked.py") == "torch"


def test_a_framework_that_is_missing_is_an_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not installed, or installed and broken: the reason says which, and the command that would help."""
    from conformance.respondent import frameworks

    real = frameworks.importlib.util.find_spec
    monkeypatch.setattr(frameworks.importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else real(name, *rest))
    reason = obstacle(Target("impl_torch", "torch"))
    assert reason is not None
    assert "not installed" in reason
    assert "pip install" in reason
    monkeypatch.undo()

    def broken(name: str) -> None:
        raise ImportError("libsomething.so is missing")

    frameworks.load.cache_clear()
    monkeypatch.setattr(frameworks.importlib, "import_module", broken)
    reason = obstacle(Target("impl_torch", "torch"))
    monkeypatch.undo()
    frameworks.load.cache_clear()
    assert reason == "torch is installed but does not import: libsomething.so is missing"


@pytest.mark.parametrize("told", [None, "numpy"])
def test_a_file_of_data_is_refused_before_it_is_read(told: str | None, tmp_path: Path) -> None:
    """At once and in one line, with its size and what there may be; also where nothing has to be read for the framework."""
    (tmp_path / "huge.py").write_bytes(b"x = [" + b"0.123," * 8_000_000 + b"]\n")
    write(tmp_path, "from huge import x", "beside.py")
    for name in ("huge.py", "beside.py") if told is None else ("huge.py",):
        started = time.monotonic()
        with pytest.raises(
            UnusableTarget, match=rf"^target: {name} is too large: expected at most 4 MiB .*, got 45.8 MiB in huge.py"
        ):
            list(expand([name], ["cpu"], ["float32"], ["eager"], told))
        assert time.monotonic() - started < 2
