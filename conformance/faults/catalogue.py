"""Every entry by id, from the files that hold them: families.toml says which, and in which order; `entry_file` says what stands in one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from conformance.errors import BrokenCatalogue
from conformance.faults.constants import said_with
from conformance.faults.entry_file import Entry, Groups, read, shown, specification_names, table_of
from conformance.faults.fault import Fault, Kind
from conformance.faults.templates import WHERE, hint_of, hint_of_condition, only_where, sentence_of

_FOLDER = Path(__file__).parent


@cache
def entries() -> Mapping[str, Fault]:
    """All of them by id, in the order of the files."""
    return {id: entry.fault for id, entry in described().items()}


@cache
def entries_for(spec: str, kinds: tuple[Kind, ...] = ("fault", "variant")) -> tuple[Fault, ...]:
    """Those that touch a specification."""
    return tuple(fault for fault in entries().values() if spec in fault.specs and fault.kind in kinds)


@cache
def known_variants(spec: str) -> frozenset[str]:
    """Ids of the meanings of a specification, legitimate elsewhere, that an assignment may accept; none for an unknown name."""
    return frozenset(fault.id for fault in entries_for(spec, ("variant",)))


@cache
def translations(language: str) -> Mapping[str, Mapping[str, str]]:
    """Sentence and hint in another language, by id; what is not translated is not there."""
    return {id: entry.translations.get(language, {}) for id, entry in described().items()}


def text_in(language: str, id: str, key: str) -> str | None:
    """Sentence or hint of an entry in another language, also of one with another constant; None where it is not translated.

    Where the mistake is made only under a condition, that is said with it.
    """
    condition, where, mistake = id.rpartition(WHERE)
    if where:
        text = text_in(language, mistake, key) if mistake else None
        return only_where(condition, text, language) if key == "sentence" else text or hint_of_condition(language)
    templated = sentence_of(id, language) if key == "sentence" else hint_of(id, language)
    if templated is not None:
        return templated
    name, _, constant = id.partition("@")
    text = translations(language).get(name, {}).get(key)
    fault = entries().get(name)
    if text is None or not constant or key != "sentence" or fault is None or fault.constant is None:
        return text
    return said_with(text, fault.constant, constant, language)


@cache
def described(folder: Path = _FOLDER) -> Mapping[str, Entry]:
    """Entries by id, with all that their files say of them.

    Raises:
        BrokenCatalogue: a file is missing, not listed or wrong, or two entries have one id.
    """
    table = table_of(folder / "families.toml")
    groups, order = _groups(table, folder), _order(table, folder)
    homes: dict[str, Path] = {}
    collected: dict[str, Entry] = {}
    for path in order:
        for entry in read(path, groups):
            id = entry.fault.id
            if id in homes:
                raise BrokenCatalogue(f"{shown(path)} [{id}]: expected every id once, {shown(homes[id])} has it too")
            homes[id], collected[id] = path, entry
    for id, entry in collected.items():
        twin = entry.fault.same_as
        if twin is not None and (twin == id or twin not in collected):
            raise BrokenCatalogue(f"{shown(homes[id])} [{id}] same_as: expected the id of another entry, got {twin!r}")
    return collected


def _groups(table: Mapping[str, object], folder: Path) -> Groups:
    where, content = shown(folder / "families.toml"), table.get("groups")
    if not isinstance(content, dict):
        raise BrokenCatalogue(f"{where} groups: expected a table, got {content!r}")
    groups = {name: specification_names(names) for name, names in content.items()}
    for name, names in groups.items():
        if names is None:
            raise BrokenCatalogue(
                f"{where} [groups] {name}: expected a list of names of specifications, each once, got {content[name]!r}"
            )
    return {name: names for name, names in groups.items() if names is not None}


def _order(table: Mapping[str, object], folder: Path) -> list[Path]:
    """The files, in the order in which they are tried; each is listed once, so that none is forgotten."""
    where, names = shown(folder / "families.toml"), table.get("order")
    if not isinstance(names, list) or len(set(map(str, names))) < len(names):
        raise BrokenCatalogue(f"{where} order: expected a list of files, each once, got {names!r}")
    there = {path.stem for path in (folder / "entries").glob("*.toml")}
    if strange := sorted(there ^ set(map(str, names))):
        problem = "is not listed" if strange[0] in there else "is listed, but not there"
        raise BrokenCatalogue(f"{where} order: expected the files of entries/; {strange[0]}.toml {problem}")
    return [folder / "entries" / f"{name}.toml" for name in names]
