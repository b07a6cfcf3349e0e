"""The starter files: everything that is asked, nothing that is answered."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

import reference
from conformance.grading.assignment.assignment import FRAMEWORK_NAMES, Assignment, FrameworkName, shipped
from conformance.grading.assignment.assignment_file import load, parse
from conformance.grading.intake.notebooks import to_source
from conformance.grading.intake.python_sources import read_sources
from conformance.grading.publish import starter_files
from conformance.respondent.interview import builder_of
from reference.specification import StandIn, catalogue
from tests.architecture.signatures import methods


def _everything() -> Assignment:
    """The shipped assignment, which also asks what the lecture does not."""
    path = shipped("lecture06")
    assert path is not None
    others = [spec for name, spec in catalogue().items() if name not in load(path).specs]
    asked = [f"[specs.{spec.name}]\npoints = {{ {', '.join(f'{part} = 1' for part in spec.quantities)} }}" for spec in others]
    return parse("\n\n".join([path.read_text(encoding="utf-8"), *asked]), "everything")


@pytest.mark.parametrize("framework", FRAMEWORK_NAMES)
def test_every_asked_name_has_the_signature_of_the_reference(framework: FrameworkName) -> None:
    """Names, order and defaults of arguments are the reference's; bodies raise NotImplementedError alone."""
    tree = ast.parse(starter_files.source(_everything(), framework))
    defined = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert set(catalogue()) <= set(defined)
    for name, node in defined.items():
        own = [node] if isinstance(node, ast.FunctionDef) else [item for item in node.body if isinstance(item, ast.FunctionDef)]
        for function in own:
            last = function.body[-1]
            assert isinstance(last, ast.Raise), f"{name}.{function.name}"
            assert "NotImplementedError" in ast.unparse(last)
            if name in catalogue() and catalogue()[name].file is None:  # others' tests may have read specifications of their own
                theirs = methods("reference", name)[function.name]
                defaults = [ast.unparse(default) for default in function.args.defaults]
                assert [a.arg for a in function.args.args if a.arg != "self"] == [n for n, _ in theirs.positional], function.name
                assert [ast.literal_eval(d) for d in defaults] == [
                    ast.literal_eval(d) for _, d in theirs.positional if d is not None
                ]


@pytest.mark.parametrize("framework", FRAMEWORK_NAMES)
def test_the_framework_is_read_from_the_starter(framework: FrameworkName) -> None:
    """What a student starts from is recognised as written in the framework that was asked for."""
    content = starter_files.source(_everything(), framework).encode()
    reading = read_sources({"submission.py": content}, "submission.py")
    assert reading.whole is not None
    assert (reading.whole.framework, dict(reading.others), reading.problem) == (framework, {}, None)


def test_docstrings_say_equation_shapes_and_parameters() -> None:
    """A student need not look elsewhere."""
    source = starter_files.source(_everything(), "torch")
    for name, spec in catalogue().items():
        assert spec.equation in source, name
    assert "encoder.0.weight: (784, 100)" in source
    assert "log_var: γ = log σ², (B, D)" in source
    assert "class StackedAutoencoder(nn.Module):" in source
    assert ">>> float(vae_kl_loss(np" not in source


def test_the_starter_for_numpy_runs_and_refuses_to_answer() -> None:
    """It can be imported as it is; every call says that it is not written yet."""
    module = types.ModuleType("submission")
    exec(starter_files.source(_everything(), "numpy"), module.__dict__)
    for name in reference.__all__:
        with pytest.raises(NotImplementedError, match=name):
            _call(getattr(module, name))
    assert "def vae_kl_loss_vjp(cotangent, mean, log_var" in starter_files.source(_everything(), "numpy")


def _call(offered: Callable[..., object]) -> None:
    """With a number for every argument that must be given."""
    demanded = [parameter for parameter in inspect.signature(offered).parameters.values() if parameter.default is parameter.empty]
    offered(*[1 for _ in demanded])


@pytest.mark.parametrize("framework", FRAMEWORK_NAMES)
def test_the_notebook_holds_the_same_code(framework: FrameworkName) -> None:
    """It is valid, the same every time, and what grading reads from it defines the same names."""
    written = starter_files.notebook(_everything(), framework)
    assert written == starter_files.notebook(_everything(), framework)
    nbformat.validate(nbformat.reads(written, as_version=4))
    code, notes = to_source(written.encode())
    names = [[n.name for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
             for text in (code, starter_files.source(_everything(), framework))]  # fmt: skip
    assert names[0] == names[1]
    assert notes == ()


@pytest.mark.parametrize("title", ['"""', 'ends with "', "\\", 'a\\"""b', "\\n"])
def test_a_title_cannot_break_the_starter(title: str) -> None:
    """Whatever the teacher writes, the file is Python and shows it."""
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    assignment = parse(f'title = "{escaped}"\ndeadline = "{escaped}"\n[specs.vae_kl_loss]\npoints = {{ value = 1 }}\n', "a.toml")
    for framework in FRAMEWORK_NAMES:
        docstring = ast.get_docstring(ast.parse(starter_files.source(assignment, framework)), clean=False)
        assert docstring is not None
        assert docstring.startswith(title)


@pytest.mark.parametrize("framework", FRAMEWORK_NAMES)
def test_a_class_says_that_a_plain_model_will_do(framework: FrameworkName) -> None:
    """Where it will: not in NumPy, and a penalty on the codings can be shown in Keras alone."""
    tree = ast.parse(starter_files.source(_everything(), framework))
    docstrings = {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.ClassDef)}
    able = {name for name, text in docstrings.items() if "In place of this class" in text}
    both = {"StackedAutoencoder", "LinearAutoencoder", "PretrainedClassifier", "CharClassifier"}
    assert able == {"torch": both, "tensorflow": {*both, "SparseAutoencoder"}, "numpy": set()}[framework]
    if framework != "numpy":
        assert "    build_stacked_autoencoder(sizes, activation, output_activation)\n" in docstrings["StackedAutoencoder"]
        assert "Called with `characters` it returns `probability`" in docstrings["CharClassifier"]


def test_the_documentation_lists_the_same_builders() -> None:
    """Names and arguments are those that the grader asks with."""
    page = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")
    stand_ins = {name: spec.stand_in for name, spec in catalogue().items() if isinstance(spec.stand_in, StandIn)}
    assert stand_ins
    for name, stand_in in stand_ins.items():
        assert f"| `{builder_of(name)}({', '.join(stand_in.network_options(catalogue()[name].inputs))})`" in page
