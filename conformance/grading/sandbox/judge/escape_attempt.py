"""Trying the walls: a submission that attempts what none may do, and says what it could. Kept as text; the judge does not run it."""

from __future__ import annotations

import contextlib
import secrets
import socket
import tempfile
from collections.abc import Iterator

SOURCE = """
import os, socket, sys

import numpy
from conformance.respondent import frameworks

def attempt(action):
    try:
        action()
    except OSError:
        return 0.0
    return 1.0

def fork():
    if os.fork() == 0:
        os._exit(0)

def trial(marker, port):
    found = [
        attempt(lambda: open(marker).read()),
        attempt(lambda: open(marker, "r+").close()),
        attempt(lambda: socket.create_connection(("127.0.0.1", port), 1).close()),
        attempt(fork),
    ]
    framework = frameworks.leading([framework for root, framework in frameworks.roots().items() if root in sys.modules])
    return frameworks.load(framework).to_tensor(numpy.array(found), "float64", "cpu")
"""
# What each number of the answer stands for.
ATTEMPTS = ("a foreign file can be read", "a foreign file can be written", "the network can be reached", "processes can be started")


@contextlib.contextmanager
def bait() -> Iterator[tuple[str, int]]:
    """A file and a port of this process, for the trial to get at."""
    with tempfile.NamedTemporaryFile("w", prefix="trial-") as marker, socket.create_server(("127.0.0.1", 0)) as listener:
        marker.write(secrets.token_hex())
        marker.flush()
        yield marker.name, listener.getsockname()[1]
