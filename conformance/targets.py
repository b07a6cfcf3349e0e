"""What is under test: a module, in a framework, on a device, in a dtype, in a mode.

`impl_tf` and `impl_torch` are found by themselves; installed third-party packages through the entry point group
`conformance.targets` (name = module); anything else by the name of an importable module or the path of a file or folder.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from conformance import frameworks
from conformance.frameworks import DEVICES, DTYPES, MODES
from conformance.printable import message_of, one_line

OWN = {"impl_tf": "tensorflow", "impl_torch": "torch"}
ENTRY_POINTS = "conformance.targets"
_ROOTS = {"tensorflow": "tensorflow", "tf_keras": "tensorflow", "keras": "tensorflow", "torch": "torch", "numpy": "numpy"}


class UnknownChoice(ValueError):
    """The user named something that does not exist; the message says what does."""


class UnusableTarget(ValueError):
    """The user named a module that cannot be used; the message says why."""


@dataclass(frozen=True)
class Target:
    """One thing under test. `module` is what the user wrote: a module's name or a path."""

    module: str
    framework: str
    device: str = "cpu"
    dtype: str = "float32"
    mode: str = "eager"

    @property
    def name(self) -> str:
        """The module's short name, for tables."""
        path = Path(self.module)
        return self.module if not _is_path(self.module) else path.stem if path.suffix == ".py" else path.name

    @property
    def label(self) -> str:
        return f"{self.name} {self.framework} {self.device} {self.dtype} {self.mode}"


def discover() -> dict[str, str]:
    """Targets that need not be named: name -> module. Own implementations, then entry points."""
    found = {name: name for name in OWN if importlib.util.find_spec(name) is not None}
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        found.setdefault(point.name, point.value)
    return found


def check_choices(name: str, given: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return `given`, or refuse the first that is not among `known`."""
    for value in given:
        if value not in known:
            raise UnknownChoice(f"{name}: expected one of {', '.join(known)}; got {value!r}")
    return tuple(dict.fromkeys(given))


def expand(modules: Sequence[str], devices: Sequence[str], dtypes: Sequence[str], modes: Sequence[str]) -> Iterator[Target]:
    """Every combination for the modules (all discovered ones if none is named) and devices (all of the framework's if none)."""
    check_choices("device", devices, DEVICES)
    dtypes = check_choices("dtype", dtypes, DTYPES)
    modes = check_choices("mode", modes, MODES)
    known = discover()
    for module in modules or known:
        module = known.get(module, module)
        try:
            framework = framework_of(module)
        except UnusableTarget as error:
            if modules:
                raise
            raise UnusableTarget(f"{error}; an installed package registers it as a target, name others by --target") from error
        for device in dict.fromkeys(devices) or (("cpu",) if framework == "numpy" else DEVICES):
            for mode in modes:
                for dtype in dtypes:
                    yield Target(module, framework, device, dtype, mode)


def obstacle(target: Target) -> str | None:
    """Why the target cannot run here at all; None if it can. What this returns is reported as "not run"."""
    missing = frameworks.missing_framework(target.framework)
    if missing is not None:
        return missing
    try:
        adapter = frameworks.load(target.framework)
    except frameworks.NotSupported as reason:
        return str(reason)
    return adapter.missing_device(target.device)


def load_module(module: str) -> ModuleType:
    """Import a target, with what it prints on import held back.

    Raises:
        UnusableTarget: no such module or file, or its import fails.
    """
    if not _is_path(module):
        _sources(module)  # refuses what is no importable module with Python source
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return _from_path(Path(module)) if _is_path(module) else importlib.import_module(module)
    except (UnusableTarget, KeyboardInterrupt):
        raise
    except BaseException as error:  # a target may raise anything on import, SystemExit included
        place = _last_line_in(error, module)
        raise UnusableTarget(f"target: {module} does not import: {type(error).__name__}: {message_of(error)}{place}") from error


def framework_of(module: str) -> str:
    """Which framework a module is written in: the one its source imports. Nothing is executed."""
    if module in OWN:
        return OWN[module]
    roots: list[str] = []
    for file in _sources(module):
        try:
            with tokenize.open(file) as text:  # obeys the encoding that the file declares
                tree = ast.parse(text.read())
        except (SyntaxError, UnicodeDecodeError, ValueError) as error:
            line = f" ({file.name}, line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else f" ({file.name})"
            said = message_of(error) if not isinstance(error, SyntaxError) else one_line(error.msg)
            raise UnusableTarget(f"target: {module} does not import: {type(error).__name__}: {said}{line}") from error
        except OSError as error:
            raise UnusableTarget(f"target: {module} cannot be read: {error.strerror}") from error
        roots += [name.partition(".")[0] for node in ast.walk(tree) for name in _imported(node)]
    found = {_ROOTS[root] for root in roots if root in _ROOTS}
    for framework in ("tensorflow", "torch"):
        if framework in found:
            return framework
    return "numpy"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def _is_path(module: str) -> bool:
    return module.endswith(".py") or "/" in module or "\\" in module


def _file(path: Path) -> Path:
    """The Python file that a path stands for: itself, or the __init__.py of a folder."""
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file():
        raise UnusableTarget(f"target: expected a Python file or a package folder, got {str(path)!r}, which is neither")
    return file


def _sources(module: str) -> list[Path]:
    """The source of the module; for a package, of all files beside its __init__.py. Nothing is executed."""
    file = _file(Path(module)) if _is_path(module) else _found(module)
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]


def _found(module: str) -> Path:
    """The source file of an importable module. Parents of a dotted name are searched, not imported."""
    parent, *children = module.split(".")
    spec = None
    # find_spec raises for what is no name at all.
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(parent) if parent else None
        for child in children:
            parent = f"{parent}.{child}"
            places = spec.submodule_search_locations if spec is not None else None
            spec = importlib.machinery.PathFinder.find_spec(parent, places) if child and places else None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise UnusableTarget(f"target: expected the name of an importable module or a path, got {module!r}")
    return Path(spec.origin)


def _from_path(path: Path) -> ModuleType:
    file = _file(path)
    # The name carries the path's hash, so that two submissions with the same file name do not meet.
    name = (
        f"{file.stem if file.name != '__init__.py' else path.name}_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:8]}"
    )
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UnusableTarget(f"target: expected a Python file, got {str(path)!r}")
    module = importlib.util.module_from_spec(spec)
    folder, known = str(file.parent.resolve()), set(sys.modules)
    sys.modules[name] = module
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(folder)
        # Files beside the target are its own: another target may have files of the same name.
        for other in sys.modules.keys() - known:
            beside = getattr(sys.modules[other], "__file__", None) or ""
            if not other.startswith(name) and Path(beside).is_relative_to(folder):
                del sys.modules[other]
    return module


def _last_line_in(error: BaseException, module: str) -> str:
    """Where in the target's own file the error arose."""
    traceback, line = error.__traceback__, None
    while traceback is not None:
        if Path(traceback.tb_frame.f_code.co_filename).name == Path(module).name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return f" (line {line})" if line else ""
