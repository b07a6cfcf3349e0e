"""What a shell sees of a command: exit codes, standard streams, and one line for every error. `UserError` is caught here and nowhere else."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import Any, NoReturn, TextIO

import typer
from rich.console import Console
from typer.core import TyperGroup

from conformance.errors import UserError

CONFORMS, DIFFERS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130
# What a shell reports of a program that writes where nobody reads, as in `conformance list | head`.
NOBODY_READS = 141
# What grading needs beyond the rest: it is an optional part of the project.
_OF_GRADING = ("pydantic", "nbformat", "jinja2")
_OF_A_STREAM = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT)


class _Output(Console):
    def on_broken_pipe(self) -> None:
        # Rich would end the process with 1, which means that something does not conform.
        _discard_rest()
        raise SystemExit(NOBODY_READS)


out = _Output(highlight=False)
err = _Output(stderr=True, highlight=False)


def stop(message: str) -> NoReturn:
    """End the command with one line on standard error."""
    err.print(message, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(COULD_NOT_RUN)


class Commands(TyperGroup):
    """The group of all commands. Usage errors are one line, and a stream that cannot be written is no traceback."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        try:
            code = self._run(*args, **extra)
            for stream in _streams():
                stream.flush()
        except OSError as error:
            if error.filename is not None or error.errno not in _OF_A_STREAM:
                raise
            code = _unwritable(error)
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            stop(error.line)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _OF_GRADING:
                raise
            stop(f"grading: expected {error.name} to be installed, found none; pip install 'autoencoder-conformance[grading]'")
        except KeyboardInterrupt:  # of a command that has nothing of its own to say
            err.print("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None

    def _run(self, *args: Any, **extra: Any) -> int:
        try:
            return super().main(*args, standalone_mode=False, **extra) or CONFORMS
        except (KeyboardInterrupt, typer.Abort):
            return INTERRUPTED
        except Exception as error:
            # Typer's usage errors; their class stands in another package from version to version of Typer.
            if not hasattr(error, "format_message"):
                raise
            return _misused(error)


def _misused(error: Any) -> int:
    """Say in one line what is wrong with the arguments."""
    message = " ".join(error.format_message().split()).rstrip(".")
    if message and type(error).__name__ != "NoArgsIsHelpError":
        command = getattr(error.ctx, "command_path", "conformance") if getattr(error, "ctx", None) else "conformance"
        err.print(f"{message}; see {command} --help", markup=False, style="red", soft_wrap=True)
    elif message:
        out.print(error.format_message(), markup=False)
    return COULD_NOT_RUN


def _unwritable(error: OSError) -> int:
    _discard_rest()
    if error.errno == errno.EPIPE:
        return NOBODY_READS
    with contextlib.suppress(OSError):
        err.print(f"output: cannot be written: {error.strerror}", markup=False, style="red", soft_wrap=True)
        for stream in _streams():
            stream.flush()
    return COULD_NOT_RUN


def _discard_rest() -> None:
    """Let what is still buffered for a stream that cannot be written go nowhere; at its end Python would try again and complain."""
    for stream in _streams():
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _streams() -> list[TextIO]:
    """Those that are open: a shell can close one by `>&-`."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]
