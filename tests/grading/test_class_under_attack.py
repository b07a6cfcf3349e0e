"""A class with every attack in it, through the whole of `conformance grade`: the honest lose nothing by it, and the others gain nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conformance.cases.case import cases
from conformance.errors import NoIsolation
from conformance.grading import grade_file
from conformance.grading.assignment.secret_seed import PUBLIC, SeededAssignment
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import content_hash
from conformance.grading.sandbox.judge.isolation_probe import probe
from conformance.judging.expectation import expect
from reference.specification import catalogue
from tests.grading import attack_targets
from tests.grading.attack_targets import AttackTargets
from tests.grading.in_process_workers import RIGHT, asked, assignment
from tests.grading.small_class import conformance
from tests.grading.test_attacks import _descendants

pytestmark = pytest.mark.slow  # the class is graded for whichever comes first
_SPEC = "vae_kl_loss"
_ASSIGNMENT = """
title = "Under attack"
cases = 8
[limits]
seconds_per_case = 1.0
seconds_in_total = 8.0
memory_mib = 256
[shown]
hidden = "visible"
[specs.vae_kl_loss]
points = { value = 2, gradient = 1, edges = 1 }
"""
_TORCH = "import torch\n" + RIGHT.partition("def vae_kl_loss_vjp")[0].replace("np.", "torch.").replace("axis=", "dim=")
_HALF = ("0.5 * (mean", "(mean")
HONEST = {
    "honest-numpy": RIGHT,
    "honest-torch": _TORCH.replace("import numpy as np\n", ""),
    "wrong-numpy": RIGHT.replace(*_HALF, 1),
    "wrong-torch": _TORCH.replace("import numpy as np\n", "").replace(*_HALF, 1),
}
FULL = {"honest-numpy": 4.0, "honest-torch": 4.0, "wrong-numpy": 0.0, "wrong-torch": 0.0}
# Names that a student may give to a folder, or to files in one, which a message then repeats.
EVIL = ('=HYPERLINK("http:evil")', "<img src=x onerror=alert(1)>", "@SUM(1+1)", "-1+1", "[x](javascript:alert(1))", "| a | b |")


@dataclass(frozen=True)
class Graded:
    """The class, graded with and without attackers."""

    folder: Path
    grades: dict[str, Grade]
    alone: dict[str, Grade]
    targets: AttackTargets
    damage: list[str]
    left: set[int]


def _hand_in(folder: Path, name: str, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_bytes(content)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """Once for all tests: it takes a minute."""
    try:
        probe()
    except NoIsolation as reason:
        pytest.skip(f"not run: {reason}")
    folder = tmp_path_factory.mktemp("class")
    (folder / "a.toml").write_text(_ASSIGNMENT)
    scenery = tmp_path_factory.mktemp("arena")
    with attack_targets.attack_targets(scenery) as targets, pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for name, source in HONEST.items():
            _hand_in(folder / "alone", name, {"submission.py": source.encode()})
            _hand_in(folder / "all", name, {"submission.py": source.encode()})
        for name in attack_targets.names():
            _hand_in(folder / "all", name, targets.files(name))
        for number, name in enumerate(EVIL):
            _hand_in(folder / "all", name, {"submission.py": HONEST["wrong-numpy"].encode()})
            _hand_in(folder / "all", f"files-{number}", {f"{name}.py": b"def f(:", f"{name}2.py": b"", "data.txt": name.encode()})
        before = _descendants()
        # The secret of the course is the one that attacks look for.
        words = ("--assignment", "a.toml", "--seed-file", str(scenery / "secret"), "--format", "gradescope", "--format", "nbgrader")
        for out, handed_in, jobs in (("quiet", "alone", "2"), ("out", "all", "4")):
            result = conformance("grade", handed_in, *words, "--out", out, "--jobs", jobs, "--format", "otter")
            assert (result.exit_code, result.stderr) == (0, ""), result.stdout
        grades, alone = (
            {n: g.model_copy(update={"seconds": 0.0}) for n, g in grade_file.read_all(folder / out).items()}
            for out in ("out", "quiet")
        )
        yield Graded(folder / "out", grades, alone, targets, targets.damage(), _descendants() - before)


def test_everybody_is_graded(graded: Graded) -> None:
    """The batch completes, and no attack passes for a mistake of the grader."""
    assert len(graded.grades) == len(HONEST) + 2 * len(EVIL) + len(attack_targets.names())
    assert {name: grade.notes for name, grade in graded.grades.items() if grade.score is None} == {}


def test_no_attack_scores(graded: Graded) -> None:
    """Not more than the wrong formula that it hides: nothing."""
    scores = {name: graded.grades[name].score for name in attack_targets.names()}
    assert {name: score for name, score in scores.items() if score} == {}


def test_the_honest_keep_what_they_deserve(graded: Graded) -> None:
    """To the last word of their grade as if there had been no attack."""
    assert {name: graded.grades[name].score for name in HONEST} == FULL
    assert {name: graded.grades[name] for name in HONEST} == graded.alone


def test_nothing_was_reached_and_nothing_is_left(graded: Graded) -> None:
    """No other process, file or port; no process of a submission that goes on; no temporary file in the folder of the grades."""
    assert graded.damage == []
    assert graded.left == set()
    assert [path.name for path in graded.folder.rglob(".*")] == []


def test_no_secret_and_no_boast_is_in_any_file(graded: Graded) -> None:
    """The secret of the course, which attacks looked for, is in no grade, and neither is a word of one that found something."""
    for path in (path for path in graded.folder.rglob("*") if path.is_file() and path.suffix != ".zip"):
        content = path.read_bytes()
        assert graded.targets.secret.encode() not in content, path
        assert graded.targets.boast.encode() not in content, path


class _Tags(HTMLParser):
    """The elements and attributes of a page, and where links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, ""), *((tag, name) for name, _ in attrs)}
        assert not any("javascript:" in (value or "").casefold() for _, value in attrs)


def test_pages_hold_no_element_of_an_attack(graded: Graded) -> None:
    """Only those that the pages of honest submissions have; nothing that runs, loads or leads anywhere."""
    pages = {path: _Tags(path.read_text()).found for path in graded.folder.rglob("*.html")}
    assert len(pages) == len(graded.grades) + 1
    usual = {("ul", ""), ("li", "")}.union(
        *(result for path, result in pages.items() if path.parent.name in (*HONEST, graded.folder.name))
    )
    assert {tag for tag, _ in usual} & {"script", "img", "iframe", "object", "embed", "form", "base"} == set()
    for path, text in pages.items():
        assert text <= usual, path
        assert not any(name.startswith("on") or name in ("src", "srcset", "action", "formaction") for _, name in text), path


# What a reader of Markdown would make an element of: a tag or a link that no backslash stands before, outside of code.
_ELEMENT = re.compile(r"(?<!\\)<[a-zA-Z!/]|(?<!\\)\]\((?!https?://github)|(?<!\\)!\[")


def test_markdown_holds_no_element_of_an_attack(graded: Graded) -> None:
    """Text of a submission stands in blocks of code, or escaped."""
    for path in graded.folder.rglob("*.md"):
        prose = re.sub(r"(?ms)^[ \t]*(`{3,})[a-z]*\n.*?^[ \t]*\1[ \t]*$", "", path.read_text())
        assert _ELEMENT.findall(prose) == [], path
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", path.read_text()), path


def test_tables_hold_no_formula(graded: Graded) -> None:
    """No cell that a spreadsheet would compute; as many columns in every row."""
    tables = sorted(graded.folder.glob("*.csv"))
    assert len(tables) == 3
    for path in tables:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert len(rows) - len(graded.grades) == (2 if path.name == "final_grades.csv" else 1)  # otter's says what can be had
        assert {len(row) for row in rows} == {len(rows[0])}
        for cell in (cell for row in rows for cell in row):
            assert not cell.lstrip(" '\"").startswith(("=", "+", "-", "@")) or cell.startswith("'") or _is_number(cell), cell


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", cell) is not None


def test_answers_that_were_learnt_by_heart_fail() -> None:
    """A submission that knows the answer to every public case, exactly, passes those and fails with a secret."""
    given = assignment("[specs.vae_kl_loss]\npoints = { value = 2, edges = 1 }")
    hash = content_hash({"submission.py": RIGHT.encode()})
    spec = catalogue()[_SPEC]
    seed = SeededAssignment(given, PUBLIC).seed(hash, _SPEC, "float64")
    public = [(case, expect(spec, case)["value"]["value"].value) for case in cases(spec, "float64", seed, given.cases)]
    known = {_key(case.inputs["mean"], case.inputs["log_var"]): answer for case, answer in public}
    source = {_SPEC: lambda mean, log_var, reduction="mean": known.get(_key(mean, log_var), mean.sum() * 0.0)}
    by_heart = all(source[_SPEC](**case.inputs) is answer for case, answer in public)
    assert by_heart, "it does not know the public answers"
    checks = asked(given, source, hash)
    assert {part: (check.outcome, check.points) for part, check in checks.items()} == {
        "value": ("failed", 0),
        "edges": ("skipped", 0),
    }


def _key(*arrays: object) -> bytes:
    return b"".join(array.tobytes() for array in arrays)  # type: ignore[attr-defined]
