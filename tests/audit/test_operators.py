"""General mutations: what they make of a source, and what they leave alone."""

from __future__ import annotations

import ast

import pytest

from conformance.faults.operators import CONDITION, CONDITIONS, Mutant, mutants_of
from tests.architecture.signatures import ROOT


def changes(source: str) -> set[tuple[str, str]]:
    """(operator, mutated piece) of every mutant that always takes place."""
    return {(mutant.operator, mutant.new) for mutant in mutants_of("m", source) if mutant.condition is None}


@pytest.mark.parametrize(
    ("body", "operator", "piece"),
    [
        ("return x + 2", "operator", "(x) - (2)"),
        ("return x - y", "operands exchanged", "(y) - (x)"),
        ("return x * y", "operand dropped", "(x)"),
        ("return x * 0.5", "constant", "1.0"),
        ("return -x", "sign dropped", "(x)"),
        ("return x < y", "comparison", "x <= y"),
        ("return x.sum(axis=1)", "function", "x.mean(axis=1)"),
        ("return x.sum(axis=1)", "axis", "x.sum(axis=0)"),
        ("return x.sum(axis=1)", "argument dropped", "x.sum()"),
        ("return f(x, y)", "arguments exchanged", "f(y, x)"),
        ("return f(x)", "call dropped", "(x)"),
        ("return x if y else 0", "always", "(x)"),
        ("if y:\n        return x", "condition negated", "(not (y))"),
        ("x += y\n    return x", "assigned, not added", "x = y"),
        ("x.append(y)\n    return x", "statement dropped", "pass"),
        ("return x[1]", "index", "x[2]"),
        ("return x[1:]", "slice dropped", "x[:]"),
    ],
)
def test_an_operator_makes_its_slip(body: str, operator: str, piece: str) -> None:
    """Each operator, on the shortest code that it applies to."""
    assert (operator, piece) in changes(f"def f(x, y):\n    {body}\n")


def test_a_default_is_mutated_too() -> None:
    """What is left out by the caller can be wrong as well."""
    mutants = [m for m in mutants_of("m", "def f(x, weight=0.1):\n    return x\n") if m.operator.startswith("default")]
    assert "0.2" in {mutant.new for mutant in mutants}
    assert all(mutant.condition is None for mutant in mutants)  # there is no argument yet that a condition could ask


def test_messages_and_docstrings_are_left_alone() -> None:
    """What code says is not what it computes."""
    source = 'def f(x):\n    """Adds 1 + 1."""\n    raise ValueError(f"expected {1 + 1}, got {x}")\n'
    assert changes(source) == set()


def test_an_assertion_is_left_alone() -> None:
    """Whether lengths are compared that are equal; the call itself is mutated."""
    pieces = {new for _, new in changes("def f(x, y):\n    return zip(x, y, strict=True)\n")}
    assert pieces == {"zip(y, x, strict=True)", "zip(x, strict=True)"}


def test_a_condition_asks_the_first_argument() -> None:
    """A conditional mutant holds both pieces, and asks with the argument that comes first after self."""
    source = "class A:\n    def f(self, inputs):\n        return inputs + 1\n"
    conditional = [mutant for mutant in mutants_of("m", source) if mutant.condition is not None]
    assert conditional
    assert all(f"{CONDITION}({mutant.condition!r}, inputs)" in mutant.new and mutant.old in mutant.new for mutant in conditional)
    assert {mutant.function for mutant in conditional} == {"A.f"}
    assert {mutant.condition for mutant in conditional} <= set(CONDITIONS)


def test_a_constructor_is_given_no_rows() -> None:
    """Only its second call can differ from its first."""
    source = "class A:\n    def __init__(self, size):\n        self.size = size + 1 if size < 3 else 2\n"
    assert {mutant.condition for mutant in mutants_of("m", source)} == {None, "the second call"}


@pytest.mark.slow
@pytest.mark.parametrize("package", ["reference", "impl_tf", "impl_torch"])
def test_every_mutant_of_the_packages_is_python_and_changes_one_piece(package: str) -> None:
    """It parses, differs from the source, and is named by its content."""
    known: dict[str, Mutant] = {}
    for path in sorted((ROOT / package / "formulas").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        for mutant in mutants_of(path.stem, source):
            mutated = mutant.applied_to(source)
            ast.parse(mutated)
            assert mutated != source
            assert source[mutant.start : mutant.end] == mutant.old
            assert known.setdefault(mutant.id, mutant).new == mutant.new
    assert len(known) > 300
