"""A reference file that cannot be used is refused in one sentence, with file and function; `conformance` ends with 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.references import reference_file, trial
from reference.specification import catalogue
from tests.harness.running import refused

_HEAD = """
import numpy as np
from conformance.references import Number, Reals, specification

X = Reals(("samples", "features"), -4.0, 4.0, typical=(-2.0, 2.0))
"""
_DECORATED = '@specification(equation="f", source="nowhere", domains={"x": X})\n'
_COUNTER = "calls = []\n"

# What is wrong -> the rest of the file, and what is said of it.
WRONG = {
    "does not import": (
        "import no_such_module\n",
        "does not import: ModuleNotFoundError: No module named 'no_such_module' (my_",
    ),
    "is no Python": ("def f(:\n", "does not import: SyntaxError"),
    "exits": ("raise SystemExit(3)\n", "does not import: SystemExit: 3"),
    "nothing decorated": (
        "def f(x):\n    return x\n",
        "expected functions that are decorated with @specification(...), found none",
    ),
    "domain for no argument": (
        '@specification(equation="f", source="n", domains={"inputs": X})\ndef f(input):\n    return input\n',
        "f: expected domains of its arguments input; got one of 'inputs'; did you mean 'input'?",
    ),
    "argument without a domain": (
        _DECORATED + "def f(x, y):\n    return x\n",
        "f: expected a domain for every argument, found none for 'y'",
    ),
    "a name of the reference": (
        _DECORATED + "def huber_loss(x):\n    return x\n",
        "huber_loss: expected a name of its own, got one that this project specifies too",
    ),
    "writes to its inputs": (
        _DECORATED + "def f(x):\n    x *= 2.0\n    return x.sum(axis=1)\n",
        "f: expected its inputs unchanged, got others written into them, for x = ",
    ),
    "a Python float": (
        _DECORATED + "def f(x):\n    return float(x.sum())\n",
        "f: expected a NumPy array or scalar, got float, for x = ",
    ),
    "a list": (_DECORATED + "def f(x):\n    return x.tolist()\n", "f: expected a NumPy array or scalar, got list"),
    "objects": (_DECORATED + "def f(x):\n    return x.astype(object)\n", "f: expected float64 or whole numbers, got object"),
    "single precision": (
        _DECORATED + "def f(x):\n    return x.astype(np.float32)\n",
        "f: expected float64 or whole numbers, got float32",
    ),
    "raises": (
        _DECORATED + "def f(x):\n    if x.max() > 3.9:\n        raise ValueError('too large')\n    return np.log(x + 4.0 + 1e-9)\n",
        "f: expected an answer inside its domains, got ValueError: too large, for x ",
    ),
    "no number": (_DECORATED + "def f(x):\n    return np.log(x)\n", "f: expected numbers inside its domains, got NaN"),
    "chance": (
        _DECORATED + "def f(x):\n    return x + np.random.default_rng().normal()\n",
        "f: expected the same answer to the same inputs, got an",
    ),
    "remembers": (
        _COUNTER + _DECORATED + "def f(x):\n    calls.append(1)\n    return x * len(calls)\n",
        "f: expected the same answer to the same inputs, got another one",
    ),
    "no gradient": (
        _DECORATED
        + "def f(x):\n    out = np.zeros(len(x))\n    for i, row in enumerate(x):\n        out[i] = row.sum()\n    return out\n",
        "f: expected a function that can be differentiated, got ",
    ),
    "gradient lost on the way": (
        _DECORATED + "def f(x):\n    return np.array([np.sum(x[0]), np.sum(x.tolist())])\n",
        "f: expected a function that can be differentiated, got ",
    ),
    "takes minutes": (
        _DECORATED + "def f(x):\n    while True:\n        pass\n",
        "f: expected an answer within 0.2 s, got none, for x = ",
    ),
    "known answer": (
        '@specification(equation="f", source="n", domains={"x": X}, known_answers=[KnownAnswer({"x": np.ones((1, 2))}, 3.0, "by hand")])\n'
        "def f(x):\n    return x.sum()\n",
        "f: expected the known answer 3.0 (by hand), got ",
    ),
    "no array": (
        '@specification(equation="f", source="n", domains={"a": Number(0.0, 1.0, 0.5)})\ndef f(a):\n    return np.float64(a)\n',
        "f: expected a real array among its arguments, found none",
    ),
    "an unknown field": (
        '@specification(equation="f", source="n", domains={"x": X}, tolerance=1)\ndef f(x):\n    return x\n',
        "f: expected fields of a specification, got 'tolerance'",
    ),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch):
    """Whoever waits waits less; and nothing is left in the catalogue."""
    monkeypatch.setattr(trial, "SECONDS_A_CALL", 0.2)
    yield
    reference_file.forget()


@pytest.mark.parametrize("kind", WRONG)
def test_one_sentence_says_what_is_wrong(kind: str, tmp_path: Path) -> None:
    """File, function, what was expected, what came, and for which inputs where it depends on them."""
    rest, said = WRONG[kind]
    file = tmp_path / "my_formulas.py"
    file.write_text(_HEAD.replace("import Number", "import KnownAnswer, Number") + rest)
    before = dict(catalogue())
    line = refused("list", "--reference", str(file))
    assert line.startswith(f"reference: {file}")
    assert said in line
    assert dict(catalogue()) == before


@pytest.mark.parametrize("command", [("verify",), ("list",), ("check", "my_torch.py"), ("reproduce", "0123456789ab")])
def test_every_command_refuses_alike(command: tuple[str, ...], tmp_path: Path) -> None:
    """A file that is not there, and one that is no Python file."""
    for name in ("nowhere.py", "formulas.txt"):
        assert refused(*command, "--reference", name) == f"reference: expected a Python file, got '{name}', which is none"


def test_what_is_said_without_a_gradient_is_enough(tmp_path: Path) -> None:
    """A function that writes into arrays is judged by its value, if it says gradient=False; what it answers in whole numbers, too."""
    file = tmp_path / "my_formulas.py"
    without = _DECORATED.replace("})", "}, gradient=False)")
    body = "def f(x):\n    out = np.zeros(len(x))\n    out[0] = x[0].sum()\n    return out\n"
    file.write_text(_HEAD + without + body + _DECORATED + "def places(x):\n    return np.argmax(x, axis=1)\n")
    f, places = reference_file.load(file)
    assert (f.quantities, places.quantities) == (("value",), ("value",))
    assert f.error_scale is not None
    assert places.error_scale is None
