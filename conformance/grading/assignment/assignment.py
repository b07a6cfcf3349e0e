"""The assignment file: what is asked, what it is worth, what students may see, and what a submission may cost.

It comes from a user's keyboard, so every mistake in it is one line: file, line, key, what was expected, what came.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

import reference  # noqa: F401  (fills the catalogue)
from conformance.errors import InvalidAssignment
from conformance.faults.catalogue import known_variants
from conformance.grading.assignment.toml_lines import line_of, syntax_error
from conformance.judging.accepted_variants import variant_problem
from conformance.respondent.frameworks import names
from conformance.respondent.printable import described, one_line
from reference.specification import Spec, catalogue

# The first is that of starter files where an assignment names none.
FRAMEWORK_NAMES: tuple[str, ...] = tuple(sorted(names(), reverse=True))
if TYPE_CHECKING:
    FrameworkName = str
else:
    FrameworkName = Literal[FRAMEWORK_NAMES]  # what pydantic reads, and checkers of types do not
DtypeName = Literal["float64", "float32"]
Language = Literal["en", "ko"]
Part = Literal["value", "gradient", "edges", "activations", "training"]
Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
PARTS: tuple[Part, ...] = get_args(Part)
SHIPPED = Path(__file__).parent / "shipped"
_LARGEST_FILE = 200_000

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Points = Annotated[float, Field(gt=0, le=10_000)]
# Where in the file, and what is wrong there.
_Problem = tuple[tuple[str | int, ...], str]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    """TOML says which type it means, so nothing is converted; unknown keys are mistakes; NaN and infinity are no amounts."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Limits(_Strict):
    """What one submission may use."""

    seconds_per_case: float = Field(default=10.0, gt=0, le=3600)
    seconds_in_total: float = Field(default=300.0, gt=0, le=86_400)
    memory_mib: int = Field(default=2048, ge=256, le=1_048_576)


class Shown(_Strict):
    """When students see a check, and whether they see what should have come out."""

    public: Visibility = "visible"
    hidden: Visibility = "after_published"
    expected: bool = True


class AssignmentTask(_Strict):
    """One specification: what each of its parts is worth, which parts are public, which variants are accepted for what share.

    A literal form passes with a remark, unless precision is asked for: by `strict`, or by a share of the points for the form.
    """

    points: dict[Part, _Points] = Field(min_length=1)
    public: tuple[Part, ...] = ()
    variants: dict[str, _Share] = Field(default_factory=dict)
    strict: bool = False
    options: dict[str, tuple[str | int | bool, ...]] = Field(default_factory=dict)

    def asked_of(self, spec: Spec) -> Spec:
        """The specification as it is asked: with the options of the assignment, and without literal forms where precision is asked for."""
        spec = spec.limited(self.options)
        precise = self.strict or any(self.variants.get(form.name, 1.0) < 1.0 for form in spec.accepted)
        return spec.strict() if precise else spec

    def without(self, part: Part) -> AssignmentTask:
        """The same without a part, whose points the others share, so that the whole is worth as much; itself where that is all."""
        rest = {name: worth for name, worth in self.points.items() if name != part}
        if not rest or part not in self.points:
            return self
        factor = self.total / sum(rest.values())
        return self.model_copy(
            update={
                "points": {name: worth * factor for name, worth in rest.items()},
                "public": tuple(name for name in self.public if name != part),
            }
        )

    @property
    def accepted_whole(self) -> frozenset[str]:
        """The variants that cost nothing."""
        return frozenset(variant for variant, share in self.variants.items() if share == 1.0)

    @property
    def total(self) -> float:
        """The points of the specification."""
        return sum(self.points.values())


class Assignment(_Strict):
    """A whole assignment; frozen, and right as far as a file can be."""

    title: _Text
    frameworks: tuple[FrameworkName, ...] = Field(default=FRAMEWORK_NAMES, min_length=1)
    dtypes: tuple[DtypeName, ...] = Field(default=("float32",), min_length=1)
    language: Language = "en"
    deadline: str = Field(default="", max_length=500)
    cases: int = Field(default=40, ge=8, le=100_000)
    limits: Limits = Limits()
    shown: Shown = Shown()
    specs: dict[str, AssignmentTask] = Field(min_length=1)

    @property
    def total(self) -> float:
        """All points that can be had."""
        return sum(task.total for task in self.specs.values())

    def visibility(self, spec: str, part: Part) -> Visibility:
        """When students see this part."""
        return self.shown.public if part in self.specs[spec].public else self.shown.hidden


def parts_of(spec: Spec) -> tuple[Part, ...]:
    """The parts in which a specification can be graded: what it is compared in, and its delicate inputs."""
    return tuple(part for part in PARTS if part == "edges" or part in spec.quantities)


def shipped(name: str) -> Path | None:
    """The file of an assignment that comes with the project; None if there is none of the name."""
    return next((path for path in SHIPPED.glob("*.toml") if path.stem == name), None)


def shipped_names() -> list[str]:
    """Of every assignment that comes with the project."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(path: Path, variants: Callable[[str], Collection[str]] = known_variants) -> Assignment:
    """Read and check an assignment file. `variants` gives the ids of the variants that are known of a specification.

    Raises:
        InvalidAssignment: the file cannot be read or is no assignment; every problem is one line.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
        if len(data) > _LARGEST_FILE:
            raise InvalidAssignment([f"{path}: expected at most {_LARGEST_FILE} bytes, got more"])
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InvalidAssignment([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise InvalidAssignment([f"{path}: expected UTF-8, got the byte {error.object[error.start]:#04x}"]) from error
    return parse(text.replace("\r\n", "\n"), str(path), variants)


def parse(text: str, name: str, variants: Callable[[str], Collection[str]] = known_variants) -> Assignment:
    """The assignment that a TOML text describes; `name` stands before every problem."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, sentence = syntax_error(error, text)
        raise InvalidAssignment([f"{name}:{line}: expected TOML: {one_line(sentence)}"]) from error
    except RecursionError as error:
        raise InvalidAssignment([f"{name}:1: expected TOML, got brackets that are nested too deeply"]) from error
    problems: list[_Problem] = list(_disagreements(content, variants))
    try:
        assignment = Assignment.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        problems += _problems_of(error)
        assignment = None
    if assignment is None or problems:
        lines = sorted((line_of(text, path), _dotted(path), sentence) for path, sentence in problems)
        raise InvalidAssignment([f"{name}:{line}: {key}: {sentence}" for line, key, sentence in lines])
    return assignment


def _disagreements(content: Mapping[str, Any], variants: Callable[[str], Collection[str]]) -> Iterator[_Problem]:
    """What is well formed and still cannot be meant. What is not well formed is passed over: pydantic has found it."""
    for key in ("frameworks", "dtypes"):
        values = [value for value in _list(content.get(key)) if isinstance(value, str)]
        if len(set(values)) < len(values):
            yield (key,), f"expected every name once, got {', '.join(map(one_line, values))}"
    per_case, total = (
        _table(content.get("limits")).get(key, Limits.model_fields[key].default) for key in ("seconds_per_case", "seconds_in_total")
    )
    if all(isinstance(seconds, (int, float)) for seconds in (per_case, total)) and per_case > total:
        yield ("limits", "seconds_per_case"), f"expected at most seconds_in_total = {total:g}, got {per_case:g}"
    specs = catalogue()
    for name, task in _table(content.get("specs")).items():
        if name not in specs:
            yield ("specs", name), f"expected the name of a specification, got {described(name)}{_nearest(name, specs)}"
        elif isinstance(task, dict):
            yield from _disagreements_on(specs[name], task, variants)


def _disagreements_on(spec: Spec, task: Mapping[str, Any], variants: Callable[[str], Collection[str]]) -> Iterator[_Problem]:
    """The same of one specification."""
    at, parts = ("specs", spec.name), parts_of(spec)
    points = [part for part in _table(task.get("points")) if part in PARTS]
    for part in points:
        if part not in parts:
            yield (*at, "points", part), f"expected a part of {spec.name}, one of {', '.join(parts)}; got {part}"
    usable = [part for part in points if part in parts]
    for part in _list(task.get("public")):
        if part in PARTS and part not in points:
            choices = f"one of {', '.join(usable)}" if usable else "of which there are none"
            yield (*at, "public"), f"expected parts that have points, {choices}; got {part}"
    for option, values in _table(task.get("options")).items():
        try:
            spec.limited({option: _list(values)})
        except ValueError as problem:
            yield (*at, "options", option), str(problem)
        else:
            if not _list(values):
                yield (*at, "options", option), "expected a list of values, got none"
    for variant in _table(task.get("variants")):
        if (problem := variant_problem(variant, variants(spec.name), spec.name)) is not None:
            yield (*at, "variants", variant), problem


def _list(value: Any) -> list[Any]:
    """Empty for what is no list."""
    return value if isinstance(value, list) else []


def _table(value: Any) -> dict[str, Any]:
    """Empty for what is no table."""
    return value if isinstance(value, dict) else {}


def _problems_of(error: ValidationError) -> Iterator[_Problem]:
    """What pydantic found. It also calls a list too short of which every element is wrong."""
    errors = error.errors(include_url=False)
    places = [problem["loc"] for problem in errors]
    for problem in errors:
        inside = any(len(place) > len(problem["loc"]) and place[: len(problem["loc"])] == problem["loc"] for place in places)
        if not (problem["type"] == "too_short" and inside):
            yield _explained(dict(problem))


_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "tuple_type": "a list in [ ]",
    "dict_type": "a table, as in { value = 2, gradient = 1 }",
    "model_type": "a table",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_TABLES: Mapping[tuple[str, ...], type[_Strict]] = {(): Assignment, ("limits",): Limits, ("shown",): Shown}


def _explained(error: Mapping[str, Any]) -> _Problem:
    """Key path and sentence of what pydantic found."""
    path, kind, context = error["loc"], error["type"], error.get("ctx", {})
    of_a_key = bool(path) and path[-1] == "[key]"
    path = path[:-1] if of_a_key else path
    actual = _actual(error["input"])
    if kind == "extra_forbidden":
        table = AssignmentTask if path[0] == "specs" else _TABLES[tuple(path[:-1])]
        keys = list(table.model_fields)
        return path, f"expected one of {', '.join(keys)}; got an unknown key{_nearest(str(path[-1]), keys)}"
    if kind == "missing":
        return path, "expected a value, got none"
    if kind == "literal_error":
        options = context["expected"].replace("'", "").replace(" or ", ", ")
        return path, f"expected one of {options}; got {actual}{_nearest(str(error['input']), options.split(', '))}"
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return path, f"expected a number of {words} {context[bound]:g}, got {actual}"
    if kind in ("too_short", "string_too_short"):
        return path, f"expected at least {context.get('min_length', 1)} of it, got none"
    if kind == "string_too_long":
        return path, f"expected at most {context['max_length']} characters, got {len(error['input'])}"
    expected = _EXPECTED.get(kind)
    return path, f"expected {expected}, got {actual}" if expected else f"{one_line(str(error['msg']))}, got {actual}"


def _actual(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return {dict: "a table", list: "a list"}.get(type(value)) or described(value)


def _nearest(word: str, words: Collection[str]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _dotted(path: tuple[str | int, ...]) -> str:
    """The path as TOML writes it."""
    words = [f"[{key}]" if isinstance(key, int) else "." + (key if _is_bare(key) else json.dumps(one_line(key))) for key in path]
    return "".join(words).removeprefix(".") or "the file"


def _is_bare(key: str) -> bool:
    return bool(key) and all(c.isascii() and (c.isalnum() or c in "_-") for c in key)
