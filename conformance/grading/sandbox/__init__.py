"""Walls between foreign code and everything that decides about it.

The threat: a submission is a program by someone who wants a better grade, or by someone who made an honest mistake that looks the
same. It may do anything that Python and the kernel let it do, from its import on: change libraries, end, fork, wait, fill memory and
disk, read what it can, talk to whom it can, and answer with any bytes. It shall not raise a score, its own or another's, learn what
it was not told, change another result, or keep the batch from ending.

The rules of the room:
    1. The judge never imports foreign code, and nothing of the judge is in the worker: no reference, no expectation, no fault, no test,
       no secret, neither in memory nor in any file that it can open.
    2. Foreign code runs in a process that serves one submission and then ends. What it changed ends with it.
    3. The process is forked from one that has imported the framework and done nothing else, and shuts itself in before the first line of
       the submission: resource limits, own file system or Landlock, no privileges, a filter of system calls. If a wall cannot be built
       the submission is not run, and the fault is the grader's.
    4. It has four handles: nothing to read, its output, its output again, and a socket to the judge. What comes out of these is data:
       sizes and types are checked before anything is made of it, and every wait has an end.
    5. The judge keeps the time, and ends the process from outside.

What is not defended against: faults of the kernel, channels of timing, and another program of the same user on the same machine.

Levels, best first: `bubblewrap`, `landlock`, `namespaces`, `process`. The last has no walls to speak of, is used only when asked for, and
is named in every result.
"""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("bubblewrap", "landlock", "namespaces", "process")


@dataclass(frozen=True)
class Isolation:
    """The walls that a submission was graded behind, for the record.

    level     bubblewrap | landlock | namespaces | process
    layers    what it consists of
    sentence  what that means
    """

    level: str
    layers: tuple[str, ...]
    sentence: str

    def has(self, layer: str) -> bool:
        return layer in self.layers
