"""A comparison of two runs in Markdown, for a pull request or `$GITHUB_STEP_SUMMARY`."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.reports import changes_words as words
from conformance.reports.escaping import markdown
from conformance.reports.run_changes import CheckChange, Kind, RunChanges


def as_markdown(changes: RunChanges) -> str:
    """The verdict first; what is long is folded."""
    lines = ["## Conformance: two runs compared", "", f"**{words.verdict(changes)}**", "", words.counts(changes), ""]
    if note := words.drawn(changes):
        lines += [f"> {markdown(note)}", ""]
    for kind, shown in words.sections(changes):
        lines += [f"### {words.TITLES[kind]} ({len(shown)})", "", *_table(kind, shown), ""]
        details = [line for change in shown for line in _details(change)]
        lines += [*details, ""] if details else []
    return "\n".join([*lines, "### Versions", "", *_versions(changes), ""])


def _table(kind: Kind, shown: tuple[CheckChange, ...]) -> Iterator[str]:
    if kind in ("appeared", "vanished"):
        yield from ("| check | target | budget used |", "|---|---|---:|")
        for change in shown:
            number = words.use(change).split(" → ")[1 if kind == "appeared" else 0]
            yield f"| {markdown(change.check.what)} | {markdown(change.check.where)} | {number} |"
        return
    yield from ("| check | target | budget used | ulps of the worst element |", "|---|---|---:|---:|")
    for change in shown:
        off = words.ulps(change).removesuffix(" ulps")
        yield f"| {markdown(change.check.what)} | {markdown(change.check.where)} | {words.use(change)} | {off} |"


def _details(change: CheckChange) -> list[str]:
    """Why, and the command that shows it again."""
    lines = [f"- {markdown(change.check.what)}, {markdown(change.check.where)}: {markdown(note)}" for note in words.notes(change)]
    command = words.command(change)
    return lines + ([f"  `` {command.replace('``', '` `')} ``"] if command else [])


def _versions(changes: RunChanges) -> Iterator[str]:
    yield from ("| | old | new |", "|---|---|---|")
    for change in changes.headers:
        name, old, new = (markdown(text or "none") for text in (change.name, change.old, change.new))
        yield f"| {name} | {old} | {new} |" if change.same else f"| **{name}** | {old} | **{new}** |"
