"""The assignment file: what is accepted, and one line with file, line and key for everything that is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import InvalidAssignment
from conformance.faults.catalogue import entries, known_variants
from conformance.grading.assignment.assignment import FRAMEWORK_NAMES, PARTS, parts_of, shipped
from conformance.grading.assignment.assignment_file import load, parse
from conformance.grading.assignment.toml_lines import line_of
from reference.specification import catalogue

GOOD = """\
title = "Test"

[specs.vae_kl_loss]
points = { value = 2, gradient = 1 }
public = ["value"]
variants = { mean_latent = 0.5 }
"""


def _problems(text: str) -> tuple[str, ...]:
    with pytest.raises(InvalidAssignment) as caught:
        parse(text, "a.toml")
    return caught.value.problems


def _toml(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return "1.5" if value is None else json.dumps(value)


def test_lecture06_covers_the_whole_lecture() -> None:
    """The shipped assignment asks every specification of the lecture in every part that fits its kind, and is worth 100 points."""
    path = shipped("lecture06")
    assert path is not None
    assignment = load(path)
    assert (
        {spec.name for spec in catalogue().values() if spec.source.startswith("000")} <= set(assignment.specs) <= set(catalogue())
    )
    assert assignment.total == 100
    assert assignment.frameworks == ("torch", "tensorflow", "numpy")
    for name, asked in assignment.specs.items():
        assert {*asked.points, "edges"} == {*parts_of(catalogue()[name]), "edges"}, name
        assert set(asked.points) - set(asked.public), f"{name} has no hidden part"


def test_defaults_and_totals() -> None:
    """A short file is enough; totals are computed; parts are hidden until they are named public."""
    assignment = parse(GOOD, "a.toml")
    assert assignment.total == 3
    assert assignment.frameworks == FRAMEWORK_NAMES
    assert assignment.visibility("vae_kl_loss", "value") == "visible"
    assert assignment.visibility("vae_kl_loss", "gradient") == "after_published"
    with pytest.raises(ValueError, match="frozen"):
        assignment.title = "other"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('title = "Test"', "title = 3", "a.toml:1: title: expected a text in quotes, got 3"),
        ('title = "Test"', 'titel = "x"', "a.toml:1: titel: expected one of title, frameworks"),
        ('title = "Test"', 'titel = "x"', "got an unknown key; did you mean 'title'?"),
        ('title = "Test"', 'titel = "x"', "a.toml:1: title: expected a value, got none"),
        ('title = "Test"', 'title = ""', "a.toml:1: title: expected at least 1 of it, got none"),
        ("gradient = 1", "gradiant = 1", "a.toml:4: specs.vae_kl_loss.points.gradiant: expected one of value, gradient, "),
        ("gradient = 1", "gradient = 0", "a.toml:4: specs.vae_kl_loss.points.gradient: expected a number of more than 0, got 0"),
        ("gradient = 1", "gradient = true", "a.toml:4: specs.vae_kl_loss.points.gradient: expected a number, got true"),
        ("gradient = 1", "gradient = nan", "a.toml:4: specs.vae_kl_loss.points.gradient: expected a finite number, got nan"),
        ("gradient = 1", "training = 1", "points.training: expected a part of vae_kl_loss, one of value, gradient, edges; got training"),
        ("{ value = 2, gradient = 1 }", "4", "a.toml:4: specs.vae_kl_loss.points: expected a table, as in { value = 2, gradient = 1 }, got 4"),
        ("{ value = 2, gradient = 1 }", "{}", "a.toml:4: specs.vae_kl_loss.points: expected at least 1 of it, got none"),
        ('["value"]', '["edges"]', "a.toml:5: specs.vae_kl_loss.public: expected parts that have points, one of value, gradient; got edges"),
        ('["value"]', '"value"', "a.toml:5: specs.vae_kl_loss.public: expected a list in [ ], got 'value'"),
        ("mean_latent", "mean_latend", "a.toml:6: specs.vae_kl_loss.variants.mean_latend: expected one of "),
        ("mean_latent", "mean_latend", "did you mean 'mean_latent'?"),
        ("= 0.5 }", "= 2 }", "a.toml:6: specs.vae_kl_loss.variants.mean_latent: expected a number of at most 1, got 2"),
        ("specs.vae_kl_loss", "specs.vae_kl", "a.toml:3: specs.vae_kl: expected the name of a specification, got 'vae_kl'; did you mean"),
        ("[specs.", "[limits]\nmemory = 1\n[specs.", "a.toml:4: limits.memory: expected one of seconds_per_case, seconds_in_total, "),
        ("[specs.", "[limits]\nseconds_per_case = 400\n[specs.", "limits.seconds_per_case: expected at most seconds_in_total = 300, got 400"),
        ("\n[specs.", 'dtypes = ["float32", "float32"]\n[specs.', "a.toml:2: dtypes: expected every name once, got float32, float32"),
        ("\n[specs.", 'frameworks = ["torch",\n "jax"]\n[specs.', "a.toml:2: frameworks[1]: expected one of torch, "),
        ("\n[specs.", 'language = "de"\n[specs.', "a.toml:2: language: expected one of en, ko; got 'de'"),
        ("\n[specs.", "cases = 1.5\n[specs.", "a.toml:2: cases: expected a whole number, got 1.5"),
        ("\n[specs.", "cases = = 1\n[specs.", "a.toml:2: expected TOML: Invalid value"),
        (GOOD, "title = 'x'\nspecs = 1", "a.toml:2: specs: expected a table, as in"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place(old: str, new: str, expected: str) -> None:
    """File, line, key, what was expected, what came."""
    assert old in GOOD
    problems = _problems(GOOD.replace(old, new, 1))
    assert any(expected in problem for problem in problems), problems
    assert all("\n" not in problem and problem.startswith("a.toml:") for problem in problems)


def test_every_mistake_is_reported_in_the_order_of_the_lines() -> None:
    """Not only the first."""
    problems = _problems('title = 3\ncases = "x"\n[specs.vae_kl_loss]\npoints = { value = -1 }\n')
    assert [problem.split(":")[1] for problem in problems] == ["1", "2", "4"]


def test_what_is_not_well_formed_hides_nothing() -> None:
    """Everything else that is wrong is said in the same breath, and once."""
    problems = _problems("""\
title = "Test"
dtypes = ["float31"]
[specs.vae_kl_loss]
points = { value = -2, gradient = 1, training = 1 }
public = ["edges"]
variants = { mean_latend = 0.5 }
[specs.no_such]
points = { value = 1 }
[limits]
seconds_per_case = 400
""")
    places = [problem.removeprefix("a.toml:").split(":")[:2] for problem in problems]
    assert places == [
        ["2", " dtypes[0]"],
        ["4", " specs.vae_kl_loss.points.training"],
        ["4", " specs.vae_kl_loss.points.value"],
        ["5", " specs.vae_kl_loss.public"],
        ["6", " specs.vae_kl_loss.variants.mean_latend"],
        ["7", " specs.no_such"],
        ["10", " limits.seconds_per_case"],
    ]


def test_only_what_would_be_taken_is_offered() -> None:
    """A part that has points and is none of the specification is a mistake of its own."""
    problems = _problems('title = "T"\n[specs.vae_kl_loss]\npoints = { value = 1, activations = 1 }\npublic = ["edges"]\n')
    assert "public: expected parts that have points, one of value; got edges" in problems[1]
    problems = _problems('title = "T"\n[specs.vae_kl_loss]\npoints = { activations = 1 }\npublic = ["edges"]\n')
    assert "public: expected parts that have points, of which there are none; got edges" in problems[1]


_KEYS = st.sampled_from(["specs", "points", "public", "variants", "limits", "dtypes", "vae_kl_loss", "value", "seconds_per_case"])
_ANYTHING = st.recursive(
    st.none() | st.integers() | st.text('ab"é', max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=3),
)


@given(_ANYTHING)
def test_nothing_that_toml_can_say_is_a_crash(content: object) -> None:
    """Tables where texts belong, texts where tables belong."""
    written = _toml(content)
    with pytest.raises(InvalidAssignment):
        parse(f"specs = {written}\nlimits = {written}\ndtypes = {written}", "a.toml")


def test_variants_come_from_the_caller() -> None:
    """Which ids are known is not this file's business."""
    assert parse(GOOD.replace("mean_latent", "brand_new"), "a.toml", lambda spec: {"brand_new"})
    with pytest.raises(InvalidAssignment, match="expected none, because vae_kl_loss has no known variant"):
        parse(GOOD, "a.toml", lambda spec: ())


def test_known_variants_are_those_of_the_catalogue() -> None:
    """Faults are no variants, and an unknown name has none."""
    known = known_variants("kl_sparsity_loss")
    assert {"mean_units", "keras_batch_scaled", "unclipped"} <= known
    assert all(entries()[name].kind == "variant" for name in known)
    assert known_variants("no_such_loss") == frozenset()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"title = '\xff'", "expected UTF-8, got the byte 0xff"),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"#" * 300_000, "expected at most 200000 bytes"),
    ],
)
def test_a_file_that_is_no_assignment_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    """Whatever it holds, it is one line."""
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(InvalidAssignment, match=expected) as caught:
        load(tmp_path / "a.toml")
    assert len(caught.value.problems) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """And says so."""
    with pytest.raises(InvalidAssignment, match="cannot be read: No such file"):
        load(tmp_path / "a.toml")


_TABLES = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from(["1", "'x'", '"""\n#\n"""', "[\n1,\n2\n]", "{ z = 1 }"]), max_size=4
)


@given(st.lists(_TABLES, min_size=1, max_size=4), st.data())
def test_the_line_of_a_key_is_found(tables: list[dict[str, str]], data: st.DataObject) -> None:
    """The line that begins with the key, whatever lines its neighbours take."""
    lines, places = [], {}
    for number, table in enumerate(tables):
        lines.append(f"[t{number}]  # a table")
        for key, value in table.items():
            places[(f"t{number}", key)] = len(lines) + 1
            lines += f"{key} = {value}".split("\n")
        lines.append("")
    for path, line in places.items():
        assert line_of("\n".join(lines), path) == line
        assert line_of("\n".join(lines), (*path, "beyond")) == line


def test_parts_fit_the_kind() -> None:
    """A tokenizer has no gradient; a model is trained; the order is that of grading."""
    specs = catalogue()
    assert parts_of(specs["CharTokenizer"]) == ("value", "edges")
    assert parts_of(specs["vae_kl_loss"]) == ("value", "gradient", "edges")
    assert parts_of(specs["StackedAutoencoder"]) == PARTS
