"""The rules of the house that no other tool checks."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import reference
from reference.specification import Spec, catalogue
from tests.architecture.signatures import ROOT, methods, public_names

HEAVY = ("tensorflow", "keras", "torch")
FILES = sorted(
    path
    for path in ROOT.rglob("*.py")
    if not any(part.startswith(".") or part in ("build", "dist", "venv", "node_modules") for part in path.relative_to(ROOT).parts)
)
# What the harness asks of the reference to draw cases; an implementation keeps its parameters in its own layout.
REFERENCE_ONLY = {"parameter_shapes", "batch_domains", "method_domains", "unsaturated"}
# keras.Model has these too, and Keras' own callbacks call them by its names for the arguments.
OF_KERAS = {"impl_tf": {"save_weights", "load_weights"}}
# Where a model lives and in which precision; `name` is what every Keras object has.
OF_THE_FRAMEWORK = {"dtype", "device", "name"}
TOLERANCE = ROOT / "conformance" / "tolerance.py"
FORBIDDEN = re.compile(
    r"(?i)\w*(rtol|atol|rel_tol|abs_tol|allclose|isclose|almost_?equal|approx_equal)|approx|assert_array_max_ulp"
)


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tolerances(source: str) -> list[str]:
    """Every name in the code, not in comments and texts, that gives a tolerance of its own."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [f"line {t.start[0]}: {t.string}" for t in tokens if t.type == tokenize.NAME and FORBIDDEN.fullmatch(t.string)]


@pytest.mark.slow
def test_no_other_file_holds_a_tolerance() -> None:
    """Every number that says how close is close enough stands in conformance/tolerance.py."""
    assert TOLERANCE in FILES
    held = {_shown(path): _tolerances(path.read_text(encoding="utf-8")) for path in FILES if path != TOLERANCE}
    assert {path: tolerances for path, tolerances in held.items() if tolerances} == {}


def test_a_tolerance_would_be_found() -> None:
    """The rule sees keywords, calls and attributes, and is not disturbed by comments and texts."""
    wrong = [
        "f(x, rtol=1e-3)", "np.allclose(a, b)", "assert a == pytest.approx(b)", "from math import isclose", "np.testing.assert_allclose(a, b)",
        "math.isclose(a, b, rel_tol=1)", "assert_array_almost_equal(a, b)", "torch.testing.assert_close(a, b, atol=0)", "ATOL = 3",
        "self.assertAlmostEqual(a, b)",
    ]  # fmt: skip
    assert all(_tolerances(source) for source in wrong)
    assert _tolerances("# np.allclose(a, b, rtol=1)\n'''approx'''\nx = 'isclose'\ncontrol = patrol(approximate)") == []


def test_files_are_short() -> None:
    """No file has more than 350 lines."""
    lengths = {_shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path: length for path, length in lengths.items() if length > 350} == {}


def test_the_rules_see_every_package() -> None:
    """A search for files that comes back with none, or too few, would break no rule."""
    assert {Path(_shown(path)).parts[0] for path in FILES} >= {
        "reference",
        "impl_tf",
        "impl_torch",
        "conformance",
        "tests",
        "examples",
    }


def _imported_by(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after the statement."""
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_the_reference_needs_numpy_alone() -> None:
    """Importing the reference loads no framework, and nothing of the command line."""
    loaded = _imported_by("import reference")
    assert loaded.isdisjoint({*HEAVY, "scipy", "sklearn", "typer", "rich", "safetensors", "conformance", "impl_tf", "impl_torch"})
    assert "numpy" in loaded


def test_no_framework_is_loaded_before_it_is_asked_for() -> None:
    """The command line starts without TensorFlow and PyTorch."""
    loaded = _imported_by("import conformance.cli")
    assert loaded.isdisjoint({*HEAVY, "scipy", "sklearn", "hypothesis", "pytest", "impl_tf", "impl_torch"})
    assert "conformance" in loaded


@pytest.mark.parametrize("spec", catalogue().values(), ids=lambda s: s.name)
def test_a_specification_is_complete(spec: Spec) -> None:
    """It is public, has an equation and a source, and its docstring says what is given, what is refused and where it stands."""
    assert spec.name in reference.__all__
    assert getattr(reference, spec.name) is spec.evaluate
    assert spec.equation
    assert spec.source
    for section in ("Args:", "Raises:", "Source:", ">>>"):
        assert section in (spec.evaluate.__doc__ or ""), section


def test_every_public_name_is_specified() -> None:
    """What the reference offers is in the catalogue, so it is verified; the names are in order."""
    assert set(reference.__all__) == set(catalogue())
    assert list(reference.__all__) == sorted(reference.__all__)


@pytest.mark.parametrize("package", ["impl_torch", "impl_tf"])
def test_the_implementations_offer_the_same_names(package: str) -> None:
    """Every public name of the reference is there, and no other."""
    assert set(public_names(package)) == set(public_names("reference"))


@pytest.mark.parametrize("package", ["impl_torch", "impl_tf"])
@pytest.mark.parametrize("name", public_names("reference"))
def test_the_implementations_have_the_same_signatures(name: str, package: str) -> None:
    """The same arguments in the same order with the same defaults; what a framework needs may be added, by name."""
    theirs, ours = methods(package, name), methods("reference", name)
    shared = [method for method in ours if method not in REFERENCE_ONLY | OF_KERAS.get(package, set())]
    assert [method for method in shared if method not in theirs] == []
    pairs = {method: (ours[method], theirs[method]) for method in shared if not (ours[method].anything or theirs[method].anything)}
    # What the reference demands an implementation may make optional: noise, which it then draws.
    demanded = {m: {n for n, default in own.positional if default is None} for m, (own, _) in pairs.items()}
    offered = {
        m: tuple((n, None if n in demanded[m] else default) for n, default in other.positional) for m, (_, other) in pairs.items()
    }
    assert offered == {m: own.positional for m, (own, _) in pairs.items()}
    for method, (own, other) in pairs.items():
        assert set(own.keyword_only) <= set(other.keyword_only), method
        assert {n for n, _ in other.keyword_only} - {n for n, _ in own.keyword_only} <= OF_THE_FRAMEWORK, method
