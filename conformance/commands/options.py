"""Options that several commands have."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from conformance.errors import UnknownChoice
from conformance.references.reference_file import load
from conformance.respondent.frameworks import spellings
from conformance.targets.target import check_choices
from reference.domains import Choice
from reference.specification import Spec, catalogue

SpecOption = Annotated[list[str] | None, typer.Option("--spec", help="A specification; all by default.", metavar="NAME")]
ReferenceOption = Annotated[
    str | None,
    typer.Option("--reference", help="A file of specifications of one's own, in NumPy: they are judged by, alone.", metavar="FILE"),
]
TargetOption = Annotated[
    list[str] | None,
    typer.Option("--target", help="A module's name or a path; impl_tf and impl_torch by default.", metavar="MODULE"),
]
FrameworkOption = Annotated[
    str | None,
    typer.Option(
        "--framework",
        help="torch, tensorflow (or tf) or numpy: that of the named targets; read from their sources by default.",
        metavar="NAME",
    ),
]
OneFrameworkOption = Annotated[
    str | None,
    typer.Option("--framework", help="torch, tensorflow (or tf) or numpy; read from the source by default.", metavar="NAME"),
]
_NO_CARD = "without a card, meta (PyTorch: structure only) or cpu:1 (TensorFlow: a second CPU)"
DeviceOption = Annotated[
    list[str] | None, typer.Option("--device", help=f"cpu or cuda, both by default; {_NO_CARD}.", metavar="DEVICE")
]
DtypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--dtype", help="float64, float32, bfloat16, float16 or, on CUDA, tf32; the first two by default.", metavar="DTYPE"
    ),
]
ModeOption = Annotated[list[str] | None, typer.Option("--mode", help="eager or compiled; eager by default.", metavar="MODE")]
OneDeviceOption = Annotated[str, typer.Option("--device", help=f"cpu or cuda; {_NO_CARD}.", metavar="DEVICE")]
NoCardOption = Annotated[str, typer.Option("--device", help=f"cpu; {_NO_CARD}.", metavar="DEVICE")]
OneModeOption = Annotated[str, typer.Option("--mode", help="eager or compiled.", metavar="MODE")]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.01, max=86400, help="Seconds a target may take for one case.", metavar="SECONDS")
]


StrictOption = Annotated[
    bool, typer.Option("--strict", help="Fail literal forms that lose digits too; they pass with a remark by default.")
]
OptionOption = Annotated[
    list[str] | None,
    typer.Option("--option", help="Ask only this value of an option, as reduction=mean; may be given again.", metavar="NAME=VALUE"),
]
AcceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        help="A variant that is right elsewhere passes with a remark, as mean_latent; may be given again.",
        metavar="VARIANT",
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option(help="Folder of IDX files, or mnist, or fashion_mnist: images for models; the digits by default.", metavar="DIR"),
]


def chosen_framework(spelling: str | None) -> str | None:
    """The name of a framework that may be written in other ways; None if none is named."""
    check_choices("framework", () if spelling is None else (spelling,), tuple(spellings()))
    return None if spelling is None else spellings()[spelling]


def specs_of(reference: str | None) -> tuple[Spec, ...]:
    """The specifications of a user's file, or those of this project if none is named. Raises UnusableReference."""
    return tuple(catalogue().values()) if reference is None else load(reference)


def chosen_specs(names: list[str] | None, reference: str | None = None) -> tuple[Spec, ...]:
    """The named specifications in the order in which they are named; all of them, or of the reference file, if none is."""
    known = {spec.name: spec for spec in specs_of(reference)}
    for name in names or ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`conformance list` shows them all"
            raise UnknownChoice(f"spec: expected the name of a specification, got {name!r}; {hint}")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def limited(specs: tuple[Spec, ...], given: list[str] | None) -> tuple[Spec, ...]:
    """The specifications, each with those of the options NAME=VALUE that it has; every option must be one of some specification."""
    chosen = chosen_values(specs, given)
    return tuple(spec.limited(values_for(spec, chosen)) for spec in specs)


def chosen_values(specs: tuple[Spec, ...], given: list[str] | None) -> dict[str, list[str]]:
    """The values of each option that is named, as they are written.

    Raises:
        UnknownChoice: no such option, or no such value of it; the message is one line.
    """
    chosen: dict[str, list[str]] = {}
    options = [name for spec in specs for name, domain in spec.inputs.items() if isinstance(domain, Choice)]
    for text in given or ():
        name, equals, value = text.partition("=")
        values = [str(v) for spec in specs if isinstance(d := spec.inputs.get(name), Choice) for v in d.options]
        if not equals or value not in values:
            among = f"one of {', '.join(dict.fromkeys(values))}" if values else "an option of the specifications"
            near = difflib.get_close_matches(value, values, n=1) if values else difflib.get_close_matches(name, options, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UnknownChoice(f"option: expected NAME=VALUE, {among}; got {text!r}{hint}")
        chosen.setdefault(name, []).append(value)
    return chosen


def values_for(spec: Spec, chosen: dict[str, list[str]]) -> dict[str, list[object]]:
    """Those of the values that are of an option of the specification."""
    domains = {name: domain for name, domain in spec.inputs.items() if name in chosen and isinstance(domain, Choice)}
    values = {name: [v for v in domain.options if str(v) in chosen[name]] for name, domain in domains.items()}
    return {name: kept for name, kept in values.items() if kept}
