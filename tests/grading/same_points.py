"""Whether one file has one score and one name, whatever the secret and however many cases: `python -m tests.grading.same_points`.

The files are those of `tests/faults/published.py` and, in NumPy's place, no others: losses in the literal form of their sources, each with
one mistake. Submissions are asked in this process, since they are our own.
"""

from __future__ import annotations

import argparse
import sys
import types
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from conformance.grading.assignment.assignment_file import parse
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.sandbox.inside.submission_process import _offered
from conformance.grading.sandbox.judge.remote_subject import Imported, RemoteSubject
from conformance.grading.scoring.checks import checks
from conformance.grading.scoring.questions import SubmissionQuestions
from conformance.respondent import frameworks
from conformance.targets.target import Target
from conformance.workers.replies import read_import
from tests.faults.published import PUBLISHED, Published
from tests.grading.in_process_workers import InProcessSubject

COUNTS = (8, 20, 40)
# The score, and the names of each failing part.
Outcome = tuple[float, tuple[tuple[str, ...], ...]]


def subject_of(published: Published, dtype: str, framework: str = "torch") -> RemoteSubject:
    """The file as a submission."""
    module = types.ModuleType("submission")
    exec(published.source, vars(module))
    made = InProcessSubject(Target("submission.py", framework, "cpu", dtype), module, frameworks.load(framework))
    went, names = read_import({"response": ["Returned", {}], "names": _offered(module)})
    vars(made).update(imported=Imported(went, names), alive=True)
    return cast(RemoteSubject, made)


def outcome(published: Published, subject: RemoteSubject, secret: int, count: int) -> Outcome:
    """What the file gets, and what it is told."""
    parts = "value = 2, gradient = 1, edges = 1"
    given = parse(f'title = "Same points"\ncases = {count}\n[specs.{published.spec}]\npoints = {{ {parts} }}\n', "same points")
    questions = SubmissionQuestions(SeededAssignment(given, secret.to_bytes(8, "big")), "a" * 64)
    done = list(checks(subject, questions))
    names = tuple("+".join(match.ids) for check in done for match in check.matches)
    return sum(check.points or 0.0 for check in done), (names,)


def outcomes(published: Published, secrets: Sequence[int], counts: Sequence[int], dtype: str) -> Iterator[tuple[int, int, Outcome]]:
    """(secret, cases, outcome) for each."""
    subject = subject_of(published, dtype)
    with np.errstate(all="ignore"):
        for secret in secrets:
            for count in counts:
                yield secret, count, outcome(published, subject, secret, count)


def main(arguments: Sequence[str]) -> int:
    """Say of every file how often it got which score and which name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secrets", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--files", default="")
    given = parser.parse_args(arguments)
    uneven = 0
    for published in (file for file in PUBLISHED if given.files in file.name):
        every = list(outcomes(published, range(given.first, given.first + given.secrets), COUNTS, given.dtype))
        tally = Counter(element for _, _, element in every)
        uneven += len(tally) > 1
        print(f"{published.spec}: {published.name}: {len(tally)} of {len(every)}", flush=True)
        for item, times in tally.most_common():
            where = Counter(count for _, count, other in every if other == item)
            print(f"    {times} times {item[0]:g} points, {' or '.join(item[1][0]) or 'no name'}; cases {dict(where)}", flush=True)
    print(f"{uneven} files have more than one score or name")
    return int(uneven > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
