"""The assignment: what is asked, what it is worth, what students may see, and what a submission may cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from conformance.respondent.frameworks import names
from reference.specification import Spec

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

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Points = Annotated[float, Field(gt=0, le=10_000)]
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
    reference: str = Field(default="", max_length=500)
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
