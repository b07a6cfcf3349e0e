"""Where foreign code raised: in its own files, whatever it calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.respondent.printable import place_of
from conformance.respondent.responses import Raised
from conformance.targets.target import load_module
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


def test_in_a_folder_places_are_told_from_there(tmp_path: Path) -> None:
    """Whatever lies elsewhere is none of its own, be it called as it may."""
    (tmp_path / "part").mkdir()
    write(tmp_path / "part", "import json\n\ndef deeper(text):\n    return json.loads(text)\n", "of_it.py")
    module = load_module(write(tmp_path, "from part.of_it import deeper\n\ndef f():\n    return deeper('{')\n"))
    error = _raised(module.f)
    assert place_of(error, str(tmp_path)) == "part/of_it.py:4"
    assert place_of(error, str(tmp_path / "part")) == "of_it.py:4"
    assert place_of(error, str(tmp_path / "par")) is None


def test_a_traceback_that_is_none_has_no_place() -> None:
    """Foreign code may say anything of its own errors."""

    class Strange(Exception):
        __traceback__ = 3  # type: ignore[assignment]

    assert place_of(Strange()) is None


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
