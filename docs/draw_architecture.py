"""Draws docs/architecture.svg from the import contracts and the imports themselves: python docs/draw_architecture.py

A row is a layer of the contract "The harness runs one way" in pyproject.toml, a box is a room, an arrow an import of one room by another.
Arrows that follow from others are left out: where A needs B and B needs C, that A needs C too is not drawn.
"""

from __future__ import annotations

import ast
import textwrap
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).with_name("architecture.svg")
_PACKAGE = "conformance"
_CONTRACT = "The harness runs one way"
_BOX, _BESIDE, _HEIGHT, _BETWEEN, _MARGIN = 200, 18, 78, 42, 20
_CHARACTERS, _LINES = 34, 3
_STYLE = """
    rect { fill: #f6f8fa; stroke: #57606a; }
    text { font: 11px sans-serif; fill: #24292f; }
    text.room { font: bold 14px sans-serif; }
    path { fill: none; stroke: #8c959f; stroke-width: 1.2; marker-end: url(#head); }
    marker path { fill: #8c959f; stroke: none; }
    @media (prefers-color-scheme: dark) {
      rect { fill: #161b22; stroke: #8b949e; }
      text { fill: #e6edf3; }
    }
"""


def layers() -> list[list[str]]:
    """The rooms of the harness, top floor first, as the import contract has them; below them the reference."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["name"] == _CONTRACT)
    return [[room.strip() for room in row.split("|")] for row in rows] + [["reference"]]


def needs(rooms: list[str]) -> dict[str, set[str]]:
    """Which rooms each room imports, type-only imports and those inside functions included."""
    graph = grimp.build_graph(_PACKAGE, "reference", cache_dir=None)
    arrows: dict[str, set[str]] = {room: set() for room in rooms}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            pair = _room_of(importer), _room_of(imported)
            if pair[0] != pair[1] and set(pair) <= arrows.keys():
                arrows[pair[0]].add(pair[1])
    return arrows


def _room_of(module: str) -> str:
    package, _, inner = module.partition(".")
    return package if package != _PACKAGE else inner.partition(".")[0]


def without_implied(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows that do not follow from others."""
    reachable: dict[str, set[str]] = {}

    def reached(room: str) -> set[str]:
        if room not in reachable:
            reachable[room] = arrows[room].union(*(reached(other) for other in arrows[room]))
        return reachable[room]

    return {room: {end for end in ends if not any(end in reached(other) for other in ends)} for room, ends in arrows.items()}


def sentence_of(room: str) -> str:
    """The first sentence of the room's docstring."""
    place = ROOT / (room if room == "reference" else f"{_PACKAGE}/{room}")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def picture() -> str:
    """The SVG."""
    rows = layers()
    width = 2 * _MARGIN + max(map(_breadth, rows))
    corners = {room: corner for number, row in enumerate(rows) for room, corner in _places(row, number, width)}
    arrows = without_implied(needs(list(corners)))
    height = 2 * _MARGIN + len(rows) * _HEIGHT + (len(rows) - 1) * _BETWEEN
    body = [
        *(_arrow(corners[room], corners[end]) for room in corners for end in sorted(arrows[room])),
        *(line for room, corner in corners.items() for line in _box(room, corner)),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
            '  <title id="title">The rooms of conformance, and which imports which</title>',
            f"  <style>{_STYLE}  </style>",
            '  <defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            *(f"  {line}" for line in body),
            "</svg>\n",
        ]
    )


def _breadth(row: list[str]) -> int:
    return len(row) * (_BOX + _BESIDE) - _BESIDE


def _places(row: list[str], number: int, width: int) -> list[tuple[str, tuple[int, int]]]:
    start, top = (width - _breadth(row)) // 2, _MARGIN + number * (_HEIGHT + _BETWEEN)
    return [(room, (start + place * (_BOX + _BESIDE), top)) for place, room in enumerate(row)]


def _box(room: str, corner: tuple[int, int]) -> list[str]:
    left, top = corner
    lines = textwrap.wrap(sentence_of(room), _CHARACTERS, max_lines=_LINES, placeholder=" …")
    return [
        f'<rect x="{left}" y="{top}" width="{_BOX}" height="{_HEIGHT}" rx="6"/>',
        f'<text class="room" x="{left + 9}" y="{top + 19}">{escape(room)}</text>',
        *(f'<text x="{left + 9}" y="{top + 36 + 14 * i}">{escape(line)}</text>' for i, line in enumerate(lines)),
    ]


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1, x2, y2 = start[0] + _BOX // 2, start[1] + _HEIGHT, end[0] + _BOX // 2, end[1]
    return f'<path d="M{x1} {y1} C{x1} {y1 + 30} {x2} {y2 - 30} {x2} {y2}"/>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
