"""`conformance explain`: pages of everything, no more than an assignment allows, and one line for what there is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.running import conformance, refused

ASSIGNMENT = """
title = "Small"
language = "{language}"
[shown]
expected = {expected}
[specs.vae_kl_loss]
points = {{ value = 1 }}
"""


def _assignment(folder: Path, expected: bool, language: str = "en") -> str:
    path = folder / "small.toml"
    path.write_text(ASSIGNMENT.format(expected=str(expected).lower(), language=language), encoding="utf-8")
    return str(path)


def test_a_specification_and_a_mistake() -> None:
    """In a terminal and in Markdown."""
    shown = conformance("explain", "vae_kl_loss")
    assert (shown.exit_code, shown.stdout.splitlines()[0]) == (0, "vae_kl_loss")
    assert "  half_missing: The factor ½ is missing.\n" in shown.stdout
    assert "sum_sum: The divergence is summed over the batch too. Seen: pytorch/examples.\n" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    mistake = conformance("explain", "half_missing").stdout
    assert mistake.startswith("half_missing (mistake)\n\n  The factor ½ is missing.\n")
    assert "-        per_sample = 0.5 * (mean * mean" in mistake
    assert conformance("explain", "half_missing", "--format", "markdown").stdout.startswith("# half\\_missing (mistake)\n")
    assert conformance("explain", "half_missing", "--format", "html").stdout.startswith("<!doctype html>\n")
    assert "variant: right elsewhere" in conformance("explain", "sum_sum").stdout
    assert "right here, written in another way" in conformance("explain", "vae_expm1").stdout


def test_students_get_no_more_than_the_hint(tmp_path: Path) -> None:
    """Sentence and hint as in their feedback; the hint alone where they are not shown what is expected; never how it is right."""
    sentence, hint = "The factor ½ is missing.", "What is the loss for γ = 0 and a single mean of 1? Compute it by hand."
    told = conformance("explain", "half_missing", "--assignment", _assignment(tmp_path, True)).stdout
    assert told.split("\n\n") == ["half_missing", f"  {sentence}", f"  {hint}\n"]
    assert (
        conformance("explain", "half_missing", "--assignment", _assignment(tmp_path, False)).stdout == f"half_missing\n\n  {hint}\n"
    )
    korean = conformance("explain", "half_missing", "--assignment", _assignment(tmp_path, True, "ko")).stdout
    assert "계수 ½이 빠졌습니다." in korean
    asked = conformance("explain", "vae_kl_loss", "--assignment", _assignment(tmp_path, True)).stdout
    assert "Domain" in asked
    for answer in ("half_missing", "Known answers", "3.625", "Accepted forms", "0.5 *", ">>>"):
        assert answer not in asked


def test_what_is_not_asked_is_not_explained(tmp_path: Path) -> None:
    """Neither other specifications nor their mistakes, nor rewrites, which are answers."""
    path = _assignment(tmp_path, True)
    for name in ("huber_loss", "huber_half_missing", "vae_expm1", "nothing"):
        assert "of the assignment, got" in refused("explain", name, "--assignment", path)


@pytest.mark.parametrize(
    ("name", "near"), [("half_mising", "half_missing"), ("vae_kl_los", "vae_kl_loss"), ("huberloss", "huber_loss")]
)
def test_an_unknown_name_is_one_sentence(name: str, near: str) -> None:
    """That says what was meant."""
    assert refused("explain", name).endswith(f"got {name!r}; did you mean {near!r}?")


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("first_features#2", ["Only the first 2 features are counted.", "term by term"]),
        (
            "where_extent#samples#1@@half_missing",
            ["Only where the number of samples is 1: The factor ½ is missing.", "-        per_sample"],
        ),
        ("where_option#reduction#sum@@", ["Only where `reduction` is sum: the answers are wrong.", "Which line of yours"]),
        ("kl_log_epsilon@1e-5", ["1e-5 is added to σ² inside the logarithm.", "1e-05"]),
    ],
)
def test_whatever_a_diagnosis_names_is_explained(id: str, words: list[str], tmp_path: Path) -> None:
    """Mistakes under a condition, with another constant, and what no entry describes; to students too."""
    shown = " ".join(conformance("explain", id).stdout.split())
    assert [part for part in words if " ".join(part.split()) not in shown] == []
    told = conformance("explain", id, "--assignment", _assignment(tmp_path, True)).stdout
    assert words[0] in " ".join(told.split())
    assert "per_sample" not in told


@pytest.mark.parametrize(
    "id",
    ["over_axis#1", "nothing#1", "where_extent@@half_missing", "nowhere#1@@half_missing", "where_extent#samples#1@@nothing",
     "half_missing@2", "kl_log_epsilon@x", "@@", "#", "@"],
)  # fmt: skip
def test_what_is_only_like_an_id_is_unknown(id: str) -> None:
    """And no traceback."""
    assert "name: expected" in refused("explain", id)


def test_what_cannot_be_explained(tmp_path: Path) -> None:
    """No name, nothing near, a name beside --all, a folder that is a file, an assignment that is none."""
    assert "expected a specification, or the id" in refused("explain")
    assert "`conformance list` shows" in refused("explain", "§§§")
    assert "expected no name with it" in refused("explain", "vae_kl_loss", "--all", str(tmp_path / "x"))
    (tmp_path / "file").write_text("")
    assert "all: cannot write to" in refused("explain", "--all", str(tmp_path / "file"))
    assert "assignment: " in refused("explain", "vae_kl_loss", "--assignment", str(tmp_path / "none.toml"))


@pytest.mark.slow
def test_all_pages(tmp_path: Path) -> None:
    """A page a specification and an index; what else is in the folder stays."""
    (tmp_path / "own.md").write_text("mine")
    assert conformance("explain", "--all", str(tmp_path)).exit_code == 0
    assert {"README.md", "vae_kl_loss.md", "own.md"} <= {path.name for path in tmp_path.iterdir()}
    assert (tmp_path / "own.md").read_text() == "mine"
