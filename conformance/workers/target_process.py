"""What runs in the process of a target: one module in one framework is made ready on every device, in every dtype and mode, and answers."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from conformance.errors import UnusableTarget
from conformance.references.reference_file import forget
from conformance.respondent import wire
from conformance.respondent.interview import Question
from conformance.respondent.offers import kind_of_value, parameters_of
from conformance.respondent.plain_responses import reply
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target, obstacle
from reference.specification import Spec

_STREAMS = (0, 1, 2)

# What a package of this project is asked besides its cases: the quantity that a problem counts to, and the problem.
Examine = Callable[[LocalSubject, Spec, float], tuple[str, str] | None]


@dataclass(frozen=True)
class Work:
    """What a process is for: targets of one module and one framework, and the specifications that will be asked for."""

    targets: Sequence[Target]
    specs: Mapping[str, Spec]
    names: Sequence[str]
    examine: Examine


def serve(connection: socket.socket, work: Work) -> None:
    """From the first import until the judge hangs up. Nothing is read from the terminal or written to it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in _STREAMS:
        os.dup2(nowhere, stream)
    handle, process = connection.fileno(), os.getpid()

    def send(data: bytes) -> None:
        if os.getpid() != process:
            os._exit(0)  # a copy that the target has made of its process does not speak for it
        wire.write(handle, data)

    forget()  # what a user's reference file says is right is the judge's
    obstacles = [obstacle(target) for target in work.targets]
    subjects: list[LocalSubject | None] = []
    send(wire.frame(0, obstacles))
    with contextlib.ExitStack() as computing:
        while (frame := wire.read(handle)) is not None:
            number, body = frame
            if "import" in body:
                send(wire.frame(number, _imported(work, obstacles, subjects)))
                # One thread, as where targets are asked in the judge's own process; libraries that came meanwhile obey, too.
                computing.enter_context(threadpool_limits(1))
                continue
            subject = subjects[body["target"]]
            assert subject is not None
            if "question" in body:
                send(reply(number, subject.ask(Question(**body["question"]), body["seconds"])))
            else:
                problem = work.examine(subject, work.specs[body["examine"]], body["seconds"])
                send(wire.frame(number, None if problem is None else [str(problem[0]), problem[1]]))


def _imported(work: Work, obstacles: Sequence[str | None], subjects: list[LocalSubject | None]) -> list[Any]:
    """Fill in the subjects, None where one cannot run here. Returns why the module cannot be used, None if it can, and what it offers."""
    try:
        subjects += [LocalSubject.of(one) if reason is None else None for one, reason in zip(work.targets, obstacles, strict=True)]
    except UnusableTarget as error:
        return [str(error), []]
    ready = next((subject for subject in subjects if subject is not None), None)
    return [None, [] if ready is None else _offered(ready, work.names)]


def _offered(subject: LocalSubject, names: Sequence[str]) -> list[list[Any]]:
    """Name, kind and parameters of what there is of the names, and of all else that the module defines."""
    module = subject.module
    offers: list[list[Any]] = []
    for name in dict.fromkeys([*vars(module), *(name for name in names if hasattr(module, name))]):
        value = getattr(module, name)
        kind = kind_of_value(value)
        offers.append([name, kind, None if kind == "value" else parameters_of(value)])
    return offers
