"""The process that holds one submission. Everything here may be changed by the submission, and nothing that it says is believed."""

from __future__ import annotations

import fcntl
import importlib.util
import io
import os
import signal
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

from conformance.grading.sandbox.inside.confinement import Machine, confine_submission
from conformance.grading.sandbox.inside.resource_limits import ResourceLimits
from conformance.grading.sandbox.inside.sandbox_layout import SandboxLayout
from conformance.respondent import wire
from conformance.respondent.deadline import Late, deadline
from conformance.respondent.frameworks import Framework
from conformance.respondent.interview import Question, Respondent, interview
from conformance.respondent.offers import kind_of_value, parameters_of
from conformance.respondent.plain_responses import as_plain, reply
from conformance.respondent.printable import in_brackets, message_of, one_line, place_of
from conformance.respondent.responses import Raised, Response, Returned, TimedOut

# The standard library's dictionary of modules is the one place where a submission's own name must not collide.
MODULE = "submission"
_CHANNEL = 3
_MOST_NAMES = 500
_SIGNALS = {getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGALRM", "SIGCHLD", "SIGPIPE")}


def run(
    layout: SandboxLayout,
    framework: Framework,
    request: dict[str, Any],
    channel: int,
    output: int,
    machine: Machine,
    address_space: int,
) -> None:
    """From the fork to the end: shut in, import, answer until the judge hangs up."""
    os.setsid()
    _keep_only(channel, output)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    try:
        place = confine_submission(layout, request["open"], ResourceLimits(**request["limits"]), machine, address_space)
    except Exception as error:
        wire.write(_CHANNEL, wire.frame(0, {"broken": f"{type(error).__name__}: {error}"}))
        return
    if (reason := framework.missing_device(request["device"])) is not None:
        wire.write(_CHANNEL, wire.frame(0, {"broken": reason}))
        return
    wire.write(_CHANNEL, wire.frame(0, {"shut": True}))
    # Set, not tried: where nothing can be written there is still a name to ask for.
    tempfile.tempdir = layout.home
    start = wire.read(_CHANNEL)
    if start is None:
        return
    module = types.ModuleType(MODULE)
    response = _import(module, place, request["entry"], request["limits"]["seconds_import"])
    wire.write(_CHANNEL, wire.frame(start[0], {"response": as_plain(response), "names": _offered(module)}))
    respondent = Respondent(module, request["name"], framework, request["dtype"], request["device"], request["mode"], place)
    while (frame := wire.read(_CHANNEL)) is not None:
        number, body = frame
        responses = interview(respondent, Question(**body["question"]), body["seconds"])
        _flush()
        wire.write(_CHANNEL, reply(number, responses))


def _keep_only(channel: int, output: int) -> None:
    """The channel, the output and nothing else: above all not the fork server's socket to the judge."""
    # First out of the way of the numbers that are about to be given out.
    channel, output = (fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, 2 * _CHANNEL) for handle in (channel, output))
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nowhere, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.dup2(channel, _CHANNEL, inheritable=False)
    os.closerange(_CHANNEL + 1, 2**16)
    # Kept, not closed: they are this process's standard streams.
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w", closefd=False), "utf-8", "backslashreplace", line_buffering=True)
        for number in (1, 2)
    )


def _import(module: types.ModuleType, place: str, entry: str, seconds: float) -> Response:
    """Run the submission as a module called `submission`."""
    path = Path(place) / entry
    module.__file__ = str(path)
    module.__spec__ = importlib.util.spec_from_file_location(MODULE, path)
    sys.modules[MODULE] = module
    sys.argv = [str(path)]
    sys.path.insert(0, str(path.parent))
    os.chdir(place)
    try:
        with deadline(seconds):
            exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), vars(module))
    except Late:
        return TimedOut(seconds)
    except BaseException as error:  # a submission may raise anything, SystemExit included
        # CPython's own message of a SyntaxError says where already.
        where = "" if isinstance(error, SyntaxError) else in_brackets(place_of(error, place))
        return Raised(type(error).__name__, one_line(f"{message_of(error)}{where}"))
    finally:
        _flush()
    return Returned({})


def _offered(module: types.ModuleType) -> list[list[Any]]:
    """Name, kind and signature of what the module defines; at most so many that no reader minds."""
    names: list[list[Any]] = []
    for name, value in list(vars(module).items())[:_MOST_NAMES]:
        if type(name) is not str or name.startswith("__") or type(value) is types.ModuleType:
            continue
        kind = kind_of_value(value)
        names.append([name, kind, parameters_of(value) if kind != "value" else None])
    return names


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # it may have been closed or replaced
            continue
