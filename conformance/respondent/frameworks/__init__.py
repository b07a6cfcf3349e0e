"""One file a framework: what it is, and arrays in and out, devices, dtypes, modes and gradients.

To add a framework, write a file here with `FACTS`, of the file's name, and a class `Adapter` with the members of `Framework`. Nothing else
has to name it: every file of this package's search path, `__path__`, is found, but for those that begin with `plain_` or `placed_`. Who
adds a folder to that path calls `registry.cache_clear()` afterwards.

A framework is imported when its `Adapter` is made, so when a target asks for it, and not when its facts are read.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from conformance.respondent.responses import NotAnAnswer, NotSupported, Output

if TYPE_CHECKING:
    from conformance.respondent.plain_models import PlainModel, PlainRole

DTYPES = ("float64", "float32", "bfloat16", "float16", "tf32")
HALF_PRECISION = ("bfloat16", "float16")
MODES = ("eager", "compiled")
# What a machine may have; a framework may have others beside, for who names them.
DEVICES = ("cpu", "cuda")
_NO_ADAPTERS = ("plain_", "placed_")


@dataclass(frozen=True)
class Facts:
    """What is known of a framework without importing it.

    name, aliases   what the project calls it, and what else may be written for it on a command line
    title           as people write it
    roots           packages of which an import says that a file is written in it; the first must be installed
    package, extra  this project's implementation in it, and the extra of pyproject.toml that installs it
    companion       it is imported beside other frameworks too, so it counts only where there is no other
    devices         those of a machine that it computes on; each is asked where none is named
    on_request      others, asked where they are named: without a card they show what a card would. With what each is, for people
    numberless      those whose tensors have a shape, a dtype and a place, and no numbers
    only_on         dtypes that it computes in on one device alone, with that device
    versions        distributions whose version can change a figure
    automatic       it has gradients of its own; without, a target may offer `<name>_vjp`
    habits          methods and keywords, `.exp()` and `dim=`, that its arrays alone have: they speak for a function that names no framework

    Of starter files:

    imports         the lines that they begin with
    tensor, model   what its arrays are called, and what its models derive from; "" where it has no models of its own
    told_dtype      a model is told its dtype when it is built, not moved to it afterwards
    plain_penalty   a plain model can add a penalty to its loss itself

    precision       how what computes in another precision is brought to `{dtype}`, for whoever wrote it

    Of workers:

    left_out        packages that it imports only if they are there, and needs for nothing that a submission is asked
    environment     variables that are set before it is imported
    home_variables  variables that name a folder which it may write to
    """

    name: str
    title: str
    roots: tuple[str, ...]
    dtypes: tuple[str, ...]
    modes: tuple[str, ...]
    devices: tuple[str, ...]
    versions: tuple[str, ...]
    imports: str
    tensor: str
    model: str = ""
    aliases: tuple[str, ...] = ()
    package: str | None = None
    extra: str | None = None
    companion: bool = False
    automatic: bool = True
    habits: frozenset[str] = frozenset()
    told_dtype: bool = False
    plain_penalty: bool = False
    precision: str = ""
    left_out: frozenset[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict)
    home_variables: tuple[str, ...] = ()
    only_on: Mapping[str, str] = field(default_factory=dict)
    on_request: Mapping[str, str] = field(default_factory=dict)
    numberless: frozenset[str] = frozenset()

    @property
    def short(self) -> str:
        """The shortest of what may be written for it."""
        return min((self.name, *self.aliases), key=len)


class Framework(Protocol):
    """What the harness asks of a framework."""

    facts: Facts

    def version(self) -> str:
        """Version of the framework."""
        ...

    def missing_device(self, device: str) -> str | None:
        """Why `device` cannot be used; None if it can. One that has to be made before anything is computed is made."""
        ...

    def placed(self, device: str) -> AbstractContextManager[object]:
        """Within it everything lies on the device; on one that is asked on request, what meets a tensor that lies elsewhere raises."""
        ...

    def said_of_devices(self, error: BaseException) -> NotAnAnswer | NotSupported | None:
        """What an error that was raised within `placed` is because of the device; None if it is of another kind."""
        ...

    def strays(self, model: Any, device: str) -> Mapping[str, str]:
        """The parameters of a model that lie on another device, with that device."""
        ...

    def to_tensor(self, array: np.ndarray, dtype: str, device: str) -> Any:
        """A new tensor that shares no memory with `array`."""
        ...

    def to_output(self, value: Any) -> Output:
        """Read a tensor; raises NotAnAnswer for anything else."""
        ...

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function in the framework's compiled mode."""
        ...

    def value_and_gradients(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        tensors: Mapping[str, Any],
        cotangent: np.ndarray,
        dtype: str,
        device: str,
        vjp: Callable[..., Any] | None = None,
    ) -> tuple[Any, Callable[[], Mapping[str, Any]]]:
        """The value, and a thunk for the gradient of Σ cotangent · value by each tensor.

        `vjp` is the target's own gradient function, for a framework that has no automatic one.
        """
        ...

    def recording(self, on: bool) -> AbstractContextManager[object]:
        """Within it gradients are recorded, or are not: code may take another way where none are."""
        ...

    def computing_in(self, dtype: str) -> AbstractContextManager[object]:
        """Within it products of matrices are computed in `dtype`, where that is coarser than their numbers are stored."""
        ...

    def build(self, model: type, configuration: Mapping[str, Any], dtype: str, device: str, mode: str) -> Any:
        """A model of the class, on the device, in the dtype, its methods compiled if the mode says so.

        What stands for the class may be a function that returns a plain model; that has no methods to compile.
        """
        ...

    def plain(
        self, model: Any, builder: str, role: PlainRole, configuration: Mapping[str, Any], batch: Mapping[str, Any]
    ) -> PlainModel:
        """What a function of the name `builder` returned, made to answer as a class of the contract does.

        Raises NotAnAnswer if it is no model of the framework, NotSupported if the framework lets a plain model not say what is asked.
        """
        ...

    def before_forks(self, models: bool) -> None:
        """Do once, in a process that will be forked, what every child would do at its first call, and needs no thread for."""
        ...


@cache
def registry() -> Mapping[str, Facts]:
    """The facts of every adapter, in the order in which they count where a file imports several."""
    files = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith(_NO_ADAPTERS))
    facts = [importlib.import_module(f"{__name__}.{file}").FACTS for file in files]
    return {framework.name: framework for framework in sorted(facts, key=lambda framework: (framework.companion, framework.name))}


def names() -> tuple[str, ...]:
    """Every framework, in the order in which they count where a file imports several. Imports none of them."""
    return tuple(registry())


def facts(name: str) -> Facts:
    """What is known of the framework without importing it."""
    return registry()[name]


def every_device() -> tuple[str, ...]:
    """What may be written for a device: those of machines, and those that some framework has on request."""
    return tuple(dict.fromkeys([*DEVICES, *(device for framework in registry().values() for device in framework.on_request)]))


def has_numbers(device: str) -> bool:
    """Whether tensors on it hold numbers, so that values can be compared."""
    return not any(device in framework.numberless for framework in registry().values())


def spellings() -> dict[str, str]:
    """What may be written for a framework on the command line: that -> its name."""
    return {spelling: name for name, framework in registry().items() for spelling in (*framework.aliases, name)}


def roots() -> dict[str, str]:
    """A framework's own packages: package -> the framework."""
    return {root: name for name, framework in registry().items() for root in framework.roots}


def spoken_for() -> dict[str, str]:
    """Packages of which an import says that a file is written in a framework: its own, and this project's in it."""
    return roots() | own_packages()


def own_packages() -> dict[str, str]:
    """This project's implementations: package -> its framework."""
    return {framework.package: name for name, framework in registry().items() if framework.package is not None}


def leading(present: Collection[str]) -> str | None:
    """The framework that decides where there are several."""
    return next((name for name in names() if name in present), None)


def missing_framework(name: str) -> str | None:
    """Why the framework cannot be used, with the command that would install it; None if it can. Imports nothing."""
    framework = facts(name)
    if importlib.util.find_spec(framework.roots[0]) is None:
        install = framework.roots[0] if framework.extra is None else f".[{framework.extra}]"
        return f'{name} is not installed; python -m pip install -e "{install}" -c constraints.txt installs it'
    return None


@cache
def load(name: str) -> Framework:
    """Import the framework. Raises NotSupported if it is missing or broken."""
    reason = missing_framework(name)
    if reason is not None:
        raise NotSupported(reason)
    try:
        return importlib.import_module(f"{__name__}.{name}").Adapter()
    except ImportError as error:
        raise NotSupported(f"{name} is installed but does not import: {error}") from error
