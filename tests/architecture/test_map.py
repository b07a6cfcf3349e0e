"""The map is today's: its picture, and every place that it names."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from tests.architecture.signatures import ROOT

PAGES = [ROOT / "docs" / "architecture.md", ROOT / "CONTRIBUTING.md"]
drawn = runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))


def test_the_picture_is_that_of_the_imports() -> None:
    """Drawn anew, it is what is committed; otherwise: python docs/draw_architecture.py."""
    assert drawn["PICTURE"].read_text(encoding="utf-8") == drawn["picture"](), "python docs/draw_architecture.py"


def test_arrows_that_follow_from_others_are_left_out() -> None:
    """Of a → b → c and a → c the last is not drawn."""
    assert drawn["without_implied"]({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_place_on_the_map_exists(page: Path) -> None:
    """Links and paths in code quotes lead somewhere."""
    text = page.read_text(encoding="utf-8")
    links = {page.parent / link.partition("#")[0] for link in re.findall(r"\]\(([^)#][^)]*)\)", text) if "://" not in link}
    paths = {
        ROOT / path for path in re.findall(r"`((?:reference|impl_tf|impl_torch|conformance|tests|docs|examples)/[\w./]*)`", text)
    }
    assert [str(place) for place in links | paths if not place.exists()] == []
