"""A submission in a worker is judged as it would be in this process, and whatever it does is a response."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from conformance.cases.case import cases
from conformance.errors import UnusableFiles
from conformance.grading.sandbox.inside.resource_limits import MEBIBYTE, ResourceLimits
from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.isolation_probe import obstacle
from conformance.grading.sandbox.judge.remote_subject import RemoteSubject
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.judging.expectation import expect
from conformance.judging.verify import judge
from conformance.respondent import frameworks
from conformance.respondent.interview import Question
from conformance.respondent.responses import Crashed, OverLimit, Raised, Response, Returned, TimedOut, Unsupported
from conformance.respondent.symptoms import Symptom
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from conformance.workers.replies import Parameter
from reference.specification import catalogue
from tests.grading.attack_targets import REPOSITORY

LIMITS = ResourceLimits(256 * MEBIBYTE, seconds_per_case=2.0, seconds_import=2.0, seconds_total=20.0, output_bytes=1000)
LEVEL = isolation("landlock", own_root=False)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    if (reason := obstacle(LEVEL)) is not None:
        pytest.skip(f"not run: {reason}")
    with Workers(LEVEL, LIMITS, jobs=2) as made:
        yield made


def asked(subject: RemoteSubject, name: str = "f", seconds: float = 2.0, **inputs: object) -> Response:
    return subject.ask(Question(name, "function", (), ("value",), inputs), seconds)["value"]


def once(workers: Workers, source: str, **inputs: object) -> Response:
    """The answer of the source's `f`, or what became of its import."""
    with workers.open("numpy", {"submission.py": source.encode()}) as subject:
        imported = subject.imported.response
        return asked(subject, **inputs) if isinstance(imported, Returned) else imported


@pytest.mark.slow
@pytest.mark.parametrize(("framework", "package"), [("torch", "impl_torch"), ("tensorflow", "impl_tf")])
def test_a_worker_judges_as_this_process_does(framework: str, package: str):
    """Formula, tokenizer and model: the same outcomes; in PyTorch the same fraction of the error budget.

    In TensorFlow workers compute without oneDNN, so the last digits may be others.
    """
    for reason in (frameworks.missing_framework(framework), obstacle(LEVEL)):
        if reason is not None:
            pytest.skip(f"not run: {reason}")
    files = {str(path.relative_to(REPOSITORY)): path.read_bytes() for path in (REPOSITORY / package).rglob("*.py")}
    files["submission.py"] = f"from {package} import *\n".encode()
    local = LocalSubject.of(Target(package, framework))
    with Workers(LEVEL, ResourceLimits(1024 * MEBIBYTE)) as pool, pool.open(framework, files) as remote:
        assert remote.imported.response == Returned({})
        for name, count in (("kl_sparsity_loss", 10), ("CharTokenizer", 5), ("DenoisingAutoencoder", 1)):
            spec = catalogue()[name]
            prepared = [(case, expect(spec, case)) for case in islice(cases(spec, "float32", 0, count), count)]
            verdicts = [list(judge(subject, spec, prepared, 30.0)) for subject in (local, remote)]
            assert remote.has(name)
            assert [v.outcome for v in verdicts[1]] == ["passed"] * len(spec.quantities), [v.reason for v in verdicts[1]]
            assert [(v.outcome, v.cases) for v in verdicts[0]] == [(v.outcome, v.cases) for v in verdicts[1]]
            if framework == "torch":
                assert [v.budget_used for v in verdicts[0]] == [v.budget_used for v in verdicts[1]]


def test_inputs_and_answers_pass_through_unchanged(workers: Workers):
    inputs = {"a": [1, "\ud800", None, True, 2.5], "b": {"k": (1, 2)}, "c": np.arange(3, dtype=np.int64)}
    source = """
import numpy as np
def f(a, b, c):
    assert a == [1, "\\ud800", None, True, 2.5] and b == {"k": (1, 2)} and type(b["k"]) is tuple and c.dtype == np.int64
    return c * 2
"""
    response = once(workers, source, **inputs)
    assert isinstance(response, Returned)
    assert response.outputs["value"].array.tolist() == [0, 2, 4]


IMPORTS: Mapping[str, tuple[str, Response]] = {
    "raises": ("x = 1\n\nraise ValueError('no')\n", Raised("ValueError", "no (submission.py, line 3)")),
    "syntax": ("def f(:\n", Raised("SyntaxError", "invalid syntax (submission.py, line 1)")),
    "exits": ("import sys\nsys.exit(3)\n", Raised("SystemExit", "3 (submission.py, line 2)")),
    "ends": ("import os\nos._exit(3)\n", Crashed("exit code 3")),
    "is killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", Crashed("SIGKILL")),
    "is late": ("while True: pass\n", TimedOut(2.0)),
    "takes memory": ("x = bytearray(2**30)\n", OverLimit("256 MiB of memory")),
    "is not there": (
        "import nothing_of_the_kind\n",
        Raised("ModuleNotFoundError", "No module named 'nothing_of_the_kind' (submission.py, line 1)"),
    ),
    "is empty": ("", Unsupported("submission has no 'f'")),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_an_import_that_goes_wrong_is_a_response(workers: Workers, name: str):
    source, response = IMPORTS[name]
    assert once(workers, source) == response


def test_an_error_is_placed_in_the_submission(workers: Workers):
    """The last line of its own, as seen from its folder, whatever library was called there; never a path of the machine."""
    files = {
        "submission.py": b"from part.more import g\ndef f():\n    return g()\n",
        "part/more.py": b"import json\n\ndef g():\n    return json.loads('{')\n",
    }
    with workers.open("numpy", files) as subject:
        answer = asked(subject)
    assert isinstance(answer, Raised)
    assert answer.place == "part/more.py:4"
    assert answer.sentence.endswith("(part/more.py:4)")


def test_every_limit_is_a_response_of_its_own(workers: Workers):
    assert once(workers, "def f():\n    while True: pass\n") == TimedOut(2.0)
    assert once(workers, "import numpy as np\ndef f():\n    return np.ones(2**28)\n") == OverLimit("256 MiB of memory")
    assert once(workers, "import os\ndef f():\n    os.abort()\n") == Crashed("SIGABRT")


def test_what_is_noticed_in_a_worker_is_known_outside(workers: Workers):
    """The symptom arrives with the answer, and what ends or breaks a worker has one too."""
    deep = "[" * 90 + "]" * 90
    sources = {
        "def f(): return [1.0]": Symptom.RETURNED_LIST,
        "def f(): raise NotImplementedError": Symptom.NOT_WRITTEN,
        "import os\ndef f(): os._exit(1)": Symptom.CRASHED,
        "import numpy as np\ndef f(): return np.ones(2**28)": Symptom.OVER_LIMIT,
    }
    assert {source: once(workers, source).symptom for source in sources} == sources
    tokenizer = (
        f"class T:\n    vocabulary = {{'a': 1}}\n    def fit(self, texts): pass\n    def encode(self, texts): return {deep}\n"
    )
    source = f"{tokenizer}    def decode(self, rows): return []\n"
    with workers.open("numpy", {"submission.py": source.encode()}) as subject:
        question = Question("T", "tokenizer", (), ("value",), {"texts": ["a"], "unseen": []})
        assert subject.ask(question, 2.0)["value"].symptom is Symptom.BROKEN_PROTOCOL


def test_time_in_all_is_limited():
    limits = ResourceLimits(256 * MEBIBYTE, seconds_per_case=1.0, seconds_total=0.5)
    source = b"import time\ndef f():\n    time.sleep(0.3)\n"
    with Workers(LEVEL, limits) as pool, pool.open("numpy", {"submission.py": source}) as subject:
        answers = [asked(subject) for _ in range(3)]
    assert answers[-1] == OverLimit("0.5 s in all")
    assert not subject.alive


def test_what_has_ended_stays_ended(workers: Workers):
    """Every further question has the same answer, at once."""
    with workers.open("numpy", {"submission.py": b"import os\ndef f():\n    os._exit(1)\n"}) as subject:
        assert [asked(subject) for _ in range(3)] == [Crashed("exit code 1")] * 3
        assert not subject.alive


def test_names_and_signatures_are_told(workers: Workers):
    source = b"import os\nN = 3\ndef f(a, *, b=1): pass\nclass C:\n    def __init__(self, x): pass\n"
    with workers.open("numpy", {"submission.py": source}) as subject:
        names = subject.imported.names
    assert {name: offered.kind for name, offered in names.items()} == {"N": "value", "f": "function", "C": "class"}
    assert names["f"].parameters == (Parameter("a", "POSITIONAL_OR_KEYWORD", False), Parameter("b", "KEYWORD_ONLY", True))
    assert names["C"].parameters == (Parameter("x", "POSITIONAL_OR_KEYWORD", False),)


def test_output_is_captured_and_cut_off(workers: Workers):
    source = b"import sys\nprint('hello')\ndef f():\n    print('x' * 5000)\n    print('error', file=sys.stderr)\n"
    with workers.open("numpy", {"submission.py": source}) as subject:
        assert subject.output == "hello\n"
        asked(subject)
        assert subject.output.startswith("hello\nxxx")
        assert subject.output.endswith("more bytes")
        assert len(subject.output) < 1100


def test_helper_files_are_imported_and_nothing_else_is_there(workers: Workers):
    files = {
        "submission.py": b"from part.more import f\n",
        "part/more.py": b"import os\ndef f():\n    return float(len(os.listdir('.')))\n",
    }
    with workers.open("numpy", files) as subject:
        assert subject.imported.response == Returned({})


@pytest.mark.parametrize("name", ["../x.py", "/x.py", "a/../../x.py", "", "a\0b"])
def test_names_that_lead_out_are_refused(workers: Workers, name: str):
    with (
        pytest.raises(UnusableFiles, match="inside the submission's folder"),
        workers.open("numpy", {name: b"", "submission.py": b""}),
    ):
        pass


def test_bad_arguments_are_refused_in_one_line(workers: Workers):
    with (
        pytest.raises(UnusableFiles, match=r"entry: expected one of 'a.py'; got 'submission.py'"),
        workers.open("numpy", {"a.py": b""}),
    ):
        pass
    with pytest.raises(ValueError, match="framework: expected one of numpy, tensorflow, torch; got 'jax'"):
        workers.start("jax")
    with pytest.raises(ValueError, match="jobs: expected a positive whole number, got 0"):
        Workers(LEVEL, jobs=0)
    with pytest.raises(ValueError, match=r"memory_bytes: expected a positive whole number, got 1.5"):
        ResourceLimits(memory_bytes=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seconds_total: expected a positive number, got inf"):
        ResourceLimits(seconds_total=float("inf"))


def test_two_submissions_run_side_by_side(workers: Workers):
    """Neither waits for the other, nor sees it."""
    source = b"import os, time\ndef f():\n    time.sleep(1)\n    return __import__('numpy').float64(os.getpid())\n"
    responses: list[Response] = []

    def work() -> None:
        with workers.open("numpy", {"submission.py": source}) as subject:
            responses.append(asked(subject, seconds=5.0))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({float(r.outputs["value"].array) for r in responses if isinstance(r, Returned)}) == 2


@pytest.mark.slow
def test_a_lost_worker_is_replaced(workers: Workers):
    """If the fork server itself is killed, its submission has crashed and the next one finds a new one."""
    with workers.open("numpy", {"submission.py": b"def f():\n    pass\n"}) as subject:
        process = workers.start("numpy").process
        os.kill(process, signal.SIGKILL)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        assert isinstance(asked(subject), Crashed)
    assert isinstance(once(workers, "import numpy\ndef f():\n    return numpy.ones(1)\n"), Returned)


@pytest.mark.slow
def test_nothing_remains_when_the_workers_close():
    with Workers(LEVEL) as pool:
        pool.start("numpy").ready()
        place = pool.place
        assert Path(place).exists()
    assert not Path(place).exists()
