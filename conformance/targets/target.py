"""What is under test: a module, in a framework, on a device, in a dtype, in a mode.

`impl_tf` and `impl_torch` are found by themselves; installed third-party packages through the entry point group
`conformance.targets` (name = module); anything else by the name of an importable module or the path of a file or folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from conformance.errors import UnknownChoice, UnusableTarget
from conformance.respondent import frameworks
from conformance.respondent.frameworks import DEVICES, DTYPES, MODES, Facts, every_device, has_numbers
from conformance.respondent.printable import in_brackets, message_of, place_of
from conformance.targets.sources import file_of, is_path, read, sources
from conformance.targets.written_in import Written
from reference.specification import catalogue

ENTRY_POINTS = "conformance.targets"
UNKNOWN = "unknown"  # the framework of what cannot be imported
_PLAIN, UNSAID = "numpy", "it imports no framework"


@dataclass(frozen=True)
class Target:
    """One thing under test. `module` is what the user wrote: a module's name or a path.

    `told` says that the user named the framework, which otherwise is read from the source. `broken` says why an installed package
    that nobody named cannot be imported: it is reported, and the others run. Of a module that mixes frameworks, `of` names the
    specifications that are judged in this one; None stands for all. `because` says why it is judged in it.
    """

    module: str
    framework: str
    device: str = "cpu"
    dtype: str = "float32"
    mode: str = "eager"
    told: bool = False
    broken: str | None = None
    of: frozenset[str] | None = None
    because: str = field(default="", compare=False)

    def judges(self, spec: str) -> bool:
        """Whether the specification is judged in this target's framework."""
        return self.of is None or spec in self.of

    @property
    def name(self) -> str:
        """The module's short name, for tables."""
        path = Path(self.module)
        return self.module if not is_path(self.module) else path.stem if path.suffix == ".py" else path.name

    @property
    def label(self) -> str:
        return f"{self.name} {self.framework} {self.device} {self.dtype} {self.mode}"


def discover() -> dict[str, str]:
    """Targets that need not be named: name -> module. Own implementations, then entry points."""
    modules = {name: name for name in frameworks.own_packages() if importlib.util.find_spec(name) is not None}
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        modules.setdefault(point.name, point.value)
    return modules


def check_choices(name: str, values: Sequence[str], choices: Sequence[str]) -> tuple[str, ...]:
    """Return `values`, or refuse the first that is not among `choices`."""
    for value in values:
        if value not in choices:
            raise UnknownChoice(f"{name}: expected one of {', '.join(choices)}; got {value!r}")
    return tuple(dict.fromkeys(values))


def refuse_nowhere(devices: Sequence[str], of: Collection[str]) -> None:
    """Refuse a device that none of the frameworks has. Hardware that is not here is no mistake: it is reported as not run."""
    known = [frameworks.facts(name) for name in dict.fromkeys(of)]
    for device in devices:
        if known and device not in DEVICES and not any(device in framework.on_request for framework in known):
            has = "; ".join(f"{framework.title} has {', '.join(_devices(framework))}" for framework in known)
            raise UnknownChoice(f"device: expected one that a target's framework has; got {device!r}, where {has}")


def _devices(framework: Facts) -> tuple[str, ...]:
    return (*framework.devices, *framework.on_request)


def breakage(module: str) -> str | None:
    """Why an installed package that registers itself cannot be used; None if it can. Imports it, if its framework is here."""
    try:
        if frameworks.missing_framework(framework_of(module)) is None:
            load_module(module)
    except UnusableTarget as error:
        return f"{str(error).removeprefix('target: ')}; an installed package registers it"
    return None


def expand(
    modules: Sequence[str],
    devices: Sequence[str],
    dtypes: Sequence[str],
    modes: Sequence[str],
    framework: str | None = None,
    breakage: Callable[[str], str | None] = breakage,
) -> Iterator[Target]:
    """Every combination for the modules (all discovered ones if none is named) and devices (all of the framework's if none).

    `framework` is that of the named modules; None means to read it from their sources. What installed packages register is imported by
    `breakage`.

    Raises:
        UnknownChoice: no such device, dtype, mode or framework, a device that no target's framework has, or a framework without a named
            module.
        UnusableTarget: a named module, or one of this project, that cannot be used. What a package registered is `broken` instead.
    """
    check_choices("device", devices, every_device())
    dtypes = check_choices("dtype", dtypes, DTYPES)
    modes = check_choices("mode", modes, MODES)
    check_choices("framework", () if framework is None else (framework,), tuple(frameworks.spellings()))
    if framework is not None and not modules:
        raise UnknownChoice(f"framework: expected a --target beside it whose framework is {framework}, got none")
    targets = discover()
    shares: list[tuple[str, str | None, Written, frozenset[str] | None]] = []
    for name in modules or targets:
        module = targets.get(name, name)
        broken = None if modules or name in frameworks.own_packages() else breakage(module)
        shares += [(module, broken, written, of) for written, of in _shares(module, framework, broken)]
    refuse_nowhere(devices, [written.framework for _, broken, written, _ in shares if broken is None])
    for module, broken, written, of in shares:
        usual = ("cpu",) if broken else frameworks.facts(written.framework).devices
        for device in dict.fromkeys(devices) or usual:
            for mode in modes:
                for dtype in dtypes:
                    told = framework is not None
                    yield Target(module, written.framework, device, dtype, mode, told, broken, of, written.because)


def _shares(module: str, framework: str | None, broken: str | None) -> Iterator[tuple[Written, frozenset[str] | None]]:
    """Every framework that the module is judged in, and which specifications in it, None for all."""
    if broken is not None:
        yield Written(UNKNOWN, ""), None
    elif framework is not None:
        sources(module)  # refuses what is not there
        yield Written(frameworks.spellings()[framework], ""), None
    else:
        whole, others = written_in(module)
        yield whole, frozenset(catalogue()).difference(others) if others else None
        for other in dict.fromkeys(written.framework for written in others.values()):
            of = frozenset(name for name, written in others.items() if written.framework == other)
            yield next(written for written in others.values() if written.framework == other), of


def obstacle(target: Target) -> str | None:
    """Why the target cannot run here at all; None if it can. What this returns is reported as "not run"."""
    if target.broken is not None:
        return target.broken
    missing = frameworks.missing_framework(target.framework) or foreign_device(target)
    if missing is not None:
        return missing
    try:
        adapter = frameworks.load(target.framework)
    except frameworks.NotSupported as reason:
        return str(reason)
    return adapter.missing_device(target.device)


def foreign_device(target: Target) -> str | None:
    """That the device is another framework's own; None if it is not. Imports nothing."""
    known = frameworks.facts(target.framework)
    if target.device in (*DEVICES, *_devices(known)):
        return None
    return f"{known.title} has no device {target.device}; it has {', '.join(_devices(known))}"


def lacking(target: Target) -> str | None:
    """What its framework does not have; None if it has all that the target needs."""
    known = frameworks.facts(target.framework)
    if target.dtype not in known.dtypes:
        return f"{target.framework} has no {target.dtype}"
    if known.only_on.get(target.dtype, target.device) != target.device:
        return f"{target.framework} computes in {target.dtype} on {known.only_on[target.dtype]} alone"
    if not has_numbers(target.device) and target.mode != MODES[0]:
        return f"{target.framework} is asked on {target.device} in {MODES[0]} mode alone"
    return None if target.mode in known.modes else f"{target.framework} has no {target.mode} mode"


def load_module(module: str) -> ModuleType:
    """Import a target, with what it prints on import held back.

    Raises:
        UnusableTarget: no such module or file, or its import fails.
    """
    if not is_path(module):
        sources(module)  # refuses what is no importable module with Python source
    try:
        held_back = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        with held_back[0], held_back[1]:
            return _from_path(Path(module)) if is_path(module) else importlib.import_module(module)
    except (UnusableTarget, KeyboardInterrupt):
        raise
    except BaseException as error:  # a target may raise anything on import, SystemExit included
        message = f"{type(error).__name__}: {message_of(error)}{in_brackets(place_of(error))}"
        raise UnusableTarget(f"target: {module} does not import: {message}") from error


def written_in(module: str) -> tuple[Written, dict[str, Written]]:
    """Which framework a module is written in, NumPy if nothing says one, and which of its functions in another. Nothing is executed."""
    own = frameworks.own_packages().get(module)
    if own is not None:
        return Written(own, ""), {}
    whole, others = read(module).of_everything(catalogue())
    return whole or Written(_PLAIN, UNSAID), others


def framework_of(module: str) -> str:
    """Which framework a module is written in."""
    return written_in(module)[0].framework


def _from_path(path: Path) -> ModuleType:
    file = file_of(path)
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
    folder, modules_before = str(file.parent.resolve()), set(sys.modules)
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
        for name_beside in sys.modules.keys() - modules_before:
            beside = getattr(sys.modules[name_beside], "__file__", None) or ""
            if not name_beside.startswith(name) and Path(beside).is_relative_to(folder):
                del sys.modules[name_beside]
    return module
