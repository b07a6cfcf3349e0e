"""What students start from: every function and class that is asked, with the reference's signature and docstring and no body."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat

from conformance.cases.kinds import kind_of
from conformance.grading.assignment.assignment import Assignment, AssignmentTask, FrameworkName
from conformance.respondent.frameworks import facts
from conformance.respondent.interview import builder_of
from reference.specification import Spec, StandIn, catalogue

# What a grader asks of a class, in the order in which a student writes it.
_ASKED_OF = {
    "tokenizer": ("fit", "vocabulary", "encode", "decode"),
    "model": (
        "import_weights",
        "export_weights",
        "activations",
        "inference",
        "loss_terms",
        "gradients",
        "training_steps",
        "pretrain",
    ),
}
_PLAIN_ANNOTATION = re.compile(r"(str|int|float|bool|None)( \| (str|int|float|bool|None))*")
_ROW = 80
_OF_THE_REFERENCE = "np.ndarray"  # what its examples show
_OPTIMISER_STATE = "After `training_steps`, `self.optimizer_state` maps `<parameter>/<quantity>` to what the optimiser holds."


@dataclass(frozen=True)
class StarterTask:
    """One thing to write: a heading for the notebook, and the code."""

    heading: str
    code: str


def source(assignment: Assignment, framework: FrameworkName) -> str:
    """`submission.py`."""
    pieces = [_preamble(assignment, framework), *(task.code for task in starter_tasks(assignment, framework))]
    return "\n\n\n".join(pieces) + "\n"


def notebook(assignment: Assignment, framework: FrameworkName) -> str:
    """`submission.ipynb`: the same code, a cell each, with headings between."""
    cells = [nbformat.v4.new_markdown_cell(_notebook_title(assignment)), nbformat.v4.new_code_cell(facts(framework).imports)]
    for task in starter_tasks(assignment, framework):
        cells += [nbformat.v4.new_markdown_cell(task.heading), nbformat.v4.new_code_cell(task.code)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # nbformat would draw them at random
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    return nbformat.writes(document) + "\n"


def starter_tasks(assignment: Assignment, framework: FrameworkName) -> Iterator[StarterTask]:
    """Everything that is asked, in the assignment's order."""
    for name, task in assignment.specs.items():
        spec = catalogue()[name]
        parts = ", ".join(f"{part} {points:g}" for part, points in task.points.items())
        heading = f"## {name}\n\n`{spec.equation}`\n\nLecture notes {spec.source}. Points: {parts}."
        yield StarterTask(heading, _function(spec, task, framework) if kind_of(spec).called else _class(spec, framework))


def _preamble(assignment: Assignment, framework: FrameworkName) -> str:
    due = f"\n\nDue: {assignment.deadline}" if assignment.deadline else ""
    body = (
        f"{assignment.title}{due}\n\n"
        f"Write the bodies; keep names and arguments. Arrays come and go as {facts(framework).tensor}, in the dtype of the inputs.\n"
        "Leave out what you do not want graded. Before you hand it in: conformance check submission.py"
    )
    return f"{_docstring(body)}\n\n{facts(framework).imports}"


def _notebook_title(assignment: Assignment) -> str:
    due = f"\n\nDue: {assignment.deadline}" if assignment.deadline else ""
    return (
        f"# {assignment.title}{due}\n\nWrite the bodies; keep names and arguments. Code cells alone are graded; "
        "lines that begin with `%` or `!` are left out."
    )


def _function(spec: Spec, task: AssignmentTask, framework: FrameworkName) -> str:
    doctest = facts(framework).tensor == _OF_THE_REFERENCE
    code = _stub(spec.name, spec.evaluate, f"{spec.equation}\n\n{_without_doctest(spec.evaluate, keep=doctest)}", spec.name)
    if not facts(framework).automatic and "gradient" in task.points and spec.vjp is not None:
        explained = f"cotangent · ∂{spec.name}/∂input by name of input: {facts(framework).title} has no automatic differentiation."
        code += "\n\n\n" + _stub(f"{spec.name}_vjp", spec.vjp, explained, f"{spec.name}_vjp")
    return code


def _class(spec: Spec, framework: FrameworkName) -> str:
    base = facts(framework).model if kind_of(spec).trained else ""
    explained = f"{spec.equation}\n\n{_without_doctest(spec.evaluate, keep=not kind_of(spec).trained)}"
    if kind_of(spec).trained:
        shapes = "\n".join(f"    {name}: {shape}" for name, shape in spec.evaluate().parameter_shapes.items())
        explained += f"\n\nParameters and their shapes, here for the defaults; weight matrices are (in, out):\n{shapes}\n\n{_OPTIMISER_STATE}"
        explained += _plain_instead(spec, framework)
    head = f"class {spec.name}({base}):" if base else f"class {spec.name}:"
    methods = [_constructor(spec, framework)]
    for name in _ASKED_OF[spec.kind]:
        attribute = inspect.getattr_static(spec.evaluate, name, None)
        if attribute is None:
            continue
        function = attribute.fget if isinstance(attribute, property) else getattr(spec.evaluate, name)
        stub = _stub(name, function, inspect.getdoc(getattr(spec.evaluate, name)) or "", f"{spec.name}.{name}")
        methods.append("@property\n" + stub if isinstance(attribute, property) else stub)
    return f"{head}\n" + _indented(_docstring(explained)) + "\n\n" + "\n\n".join(_indented(method) for method in methods)


def _plain_instead(spec: Spec, framework: FrameworkName) -> str:
    """That a function may stand for the class; nothing where it may not."""
    stand_in = spec.stand_in
    if not isinstance(stand_in, StandIn) or not facts(framework).model:
        return ""
    if stand_in.penalty is not None and not facts(framework).plain_penalty:
        return ""
    options = ", ".join(stand_in.network_options(spec.inputs))
    return (
        f"\n\nIn place of this class, which you then delete, you may hand in a function that returns a plain {facts(framework).model}:\n"
        f"    {builder_of(spec.name)}({options})\n"
        f"It can earn every part. Called with `{stand_in.seen}` it returns `{stand_in.shown}`; "
        f"its parameters are registered in the order above.\n"
        f"Loss, gradients and optimiser are the grader's."
    )


def _constructor(spec: Spec, framework: FrameworkName) -> str:
    # A Keras model is told its precision when it is built; a PyTorch module is moved to it afterwards.
    told_dtype = kind_of(spec).trained and facts(framework).told_dtype
    lines = []
    if kind_of(spec).trained and facts(framework).model:
        lines.append("super().__init__(dtype=dtype)" if told_dtype else "super().__init__()")
    lines.append(f'raise NotImplementedError("{spec.name}")')
    return f"def __init__{_signature(spec.evaluate.__init__, ', *, dtype=None' if told_dtype else '')}:\n" + _indented(
        "\n".join(lines)
    )


def _stub(name: str, function: Any, explained: str, label: str) -> str:
    return f'def {name}{_signature(function)}:\n{_indented(_docstring(explained))}\n    raise NotImplementedError("{label}")'


def _signature(function: Any, more: str = "") -> str:
    """Arguments and defaults; annotations only where they are plain words that need no import."""
    original = inspect.signature(function)
    parameters = [
        parameter
        if isinstance(parameter.annotation, str) and _PLAIN_ANNOTATION.fullmatch(parameter.annotation)
        else parameter.replace(annotation=parameter.empty)
        for parameter in original.parameters.values()
    ]
    # Annotations are strings, which str() would put in quotes.
    plain = [parameter.replace(annotation=parameter.empty) for parameter in parameters]
    words = [_parameter(text, parameter.annotation) for text, parameter in zip(plain, parameters, strict=True)]
    words += more.split(", ")[1:]
    row = ", ".join(words)
    return f"({row})" if len(row) <= _ROW else "(\n" + "".join(f"    {word},\n" for word in words) + ")"


def _parameter(parameter: inspect.Parameter, annotation: Any) -> str:
    star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    typed = "" if annotation is parameter.empty else f": {annotation}"
    default = (
        "" if parameter.default is parameter.empty else f"{' = ' if typed else '='}" + repr(parameter.default).replace("'", '"')
    )
    return f"{star}{parameter.name}{typed}{default}"


def _without_doctest(documented: Any, keep: bool) -> str:
    """The docstring; its example shows NumPy arrays, so it is left out where another framework is asked."""
    text = inspect.getdoc(documented) or ""
    return text if keep else text.partition(">>>")[0].rstrip()


def _docstring(text: str) -> str:
    """As a literal, whatever a title or deadline may contain."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    safe = safe[:-1] + '\\"' if safe.endswith('"') else safe
    return f'"""{safe}\n"""' if "\n" in safe else f'"""{safe}"""'


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ", lambda line: bool(line.strip()))
