"""A comparison of two runs as a terminal shows it: no line longer than there is room, but for commands that are to be copied."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from conformance.reports import changes_words as words
from conformance.reports.escaping import clean
from conformance.reports.run_changes import CheckChange, Kind, RunChanges

_MOST = 20


def as_text(changes: RunChanges, width: int = 80, everything: bool = False) -> str:
    """The whole comparison; of what moved the first few, unless `everything` is wanted."""
    lines = list(_headers(changes, width))
    for kind, shown in words.sections(changes):
        left_out = 0 if everything or kind != "moved" else max(len(shown) - _MOST, 0)
        lines += ["", f"{words.TITLES[kind]} ({len(shown)})", *_section(kind, shown[: len(shown) - left_out], width)]
        lines += [f"  … and {left_out} more; --all shows them"] if left_out else []
    lines += ["", *_wrapped(words.counts(changes), width), *_wrapped(words.verdict(changes), width)]
    return "\n".join(lines)


def _headers(changes: RunChanges, width: int) -> Iterator[str]:
    for change in changes.headers:
        if not change.same:
            yield from _wrapped(clean(f"{change.name}  {change.old or 'none'} → {change.new or 'none'}", 300), width)
    same = ", ".join(clean(f"{change.name} {change.old}", 300) for change in changes.headers if change.same)
    yield from _wrapped(f"In both: {same}", width) if same else ()
    yield from _wrapped(note, width) if (note := words.drawn(changes)) else ()


def _section(kind: Kind, shown: Sequence[CheckChange], width: int) -> Iterator[str]:
    """Target by target, the target of the first one first."""
    longest = max(len(change.check.what) for change in shown)
    for where in dict.fromkeys(change.check.where for change in shown):
        yield from _wrapped(clean(where, 300), width, 2)
        own = [change for change in shown if change.check.where == where]
        if kind in ("appeared", "vanished"):
            yield from _names(own, width)
            continue
        for change in own:
            numbers = [text for text in (words.use(change), words.ulps(change)) if text]
            yield from _row(clean(change.check.what, 100), longest, "  ".join(numbers), width)
            for note in words.notes(change):
                yield from _wrapped(note, width, 6)
            if (command := words.command(change)) is not None:
                yield f"      {command}"


def _row(what: str, longest: int, numbers: str, width: int) -> Iterator[str]:
    line = f"    {what:<{longest}}  {numbers}"
    yield from [line] if len(line) <= width else [f"    {what}", *_wrapped(numbers, width, 6)]


def _names(changes: Sequence[CheckChange], width: int) -> Iterator[str]:
    """What is only named; why it is gone, where that is known."""
    for reason, group in groupby(changes, lambda change: (change.new or {}).get("reason") if change.kind == "vanished" else None):
        names = ", ".join(clean(change.check.what, 100) for change in group)
        yield from _wrapped(names + (f": {clean(reason, 300)}" if reason else ""), width, 4)


def _wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    inner = " " * (indent + 2)
    return textwrap.wrap(text, width, initial_indent=" " * indent, subsequent_indent=inner, break_on_hyphens=False)
