"""Where foreign code raised: in its own files, whatever it calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.printable import place_of
from conformance.responses import Raised
from conformance.targets import load_module
from tests.harness.submissions import write


def _raised(call: object) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 (any error has a place)
        call()  # type: ignore[operator]
    return caught.value


def test_the_last_line_of_its_own_counts(tmp_path: Path) -> None:
    """Neither the test that called it nor the library in which it ended."""
    write(tmp_path, "import json\n\ndef deeper(text):\n    return json.loads(text)\n", "helper_of_it.py")
    module = load_module(write(tmp_path, "from helper_of_it import deeper\n\ndef f():\n    return deeper('{')\n"))
    assert place_of(_raised(module.f)) == "helper_of_it.py:4"


def test_what_is_raised_outside_has_no_place() -> None:
    """A library alone, or nothing that was ever raised."""
    error = _raised(lambda: json.loads("{"))
    alone = error.with_traceback(error.__traceback__.tb_next.tb_next)  # type: ignore[union-attr]
    assert place_of(alone) is None
    assert place_of(ValueError()) is None


def test_a_raised_response_knows_its_place(tmp_path: Path) -> None:
    """The sentence ends with the place if it is known; two responses are equal all the same."""
    module = load_module(write(tmp_path, "def f():\n    raise ValueError('no')\n"))
    try:
        module.f()
    except ValueError as error:
        raised = Raised("ValueError", "no", place_of(error))
    assert raised.sentence == "raised ValueError: no (submission.py:2)"
    assert Raised("ValueError", "no").sentence == "raised ValueError: no"
    assert raised == Raised("ValueError", "no")
