"""The command line in this process: exit codes, one clear line for every error, and what stands where."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import UnwritableReport
from conformance.reports.jsonl import JsonlReport
from reference.specification import catalogue
from tests.harness.running import conformance, refused, report
from tests.harness.submissions import RIGHT, WRONG, answering, write

KL = ("--spec", "vae_kl_loss", "--examples", "8")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


def test_all_conform(tmp_path: Path) -> None:
    """Exit 0, a table, and nothing on standard error."""
    result = conformance("verify", *KL, "--target", write(tmp_path, RIGHT))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "All 4 checks conform" in result.stdout


def test_something_does_not_conform(tmp_path: Path) -> None:
    """Exit 1, and the printed command shows inputs, expected and actual, and ends with exit 1 too."""
    result = conformance("verify", *KL, "--dtype", "float64", "--target", write(tmp_path, WRONG))
    assert (result.exit_code, result.stderr) == (1, "")
    (command,) = [line.split() for line in result.stdout.splitlines() if "conformance reproduce" in line]
    again = conformance(*command[1:])
    assert (again.exit_code, again.stderr) == (1, "")
    for words in ("mean = [[", "log_var = [[", "expected ", "actual ", "does not conform"):
        assert words in again.stdout


def test_a_corrected_target_conforms_on_the_kept_case(tmp_path: Path) -> None:
    """After the correction the same command ends with exit 0."""
    path = write(tmp_path, WRONG)
    conformance("verify", *KL, "--target", path)
    case = next((tmp_path / ".conformance" / "counterexamples").iterdir()).stem
    again = conformance("reproduce", case, "--target", write(tmp_path, RIGHT, "corrected.py"))
    assert again.exit_code == 0
    assert "does not conform" not in again.stdout


@pytest.mark.parametrize(("words", "parts"), [
    (("--spec", "vae_kl_los"), ["spec:", "'vae_kl_los'", "did you mean 'vae_kl_loss'?"]),
    (("--spec", "xyz"), ["spec:", "'xyz'", "conformance list"]),
    (("--target", "no_such_module"), ["target:", "module or a path", "'no_such_module'"]),
    (("--target", "no/such.py"), ["target:", "Python file", "'no/such.py'"]),
    (("--target", "."), ["target:", "expected", "'.'"]),
    (("--dtype", "float8"), ["dtype:", "float64, float32, bfloat16, float16", "'float8'"]),
    (("--device", "tpu"), ["device:", "cpu, cuda", "'tpu'"]),
    (("--mode", "lazy"), ["mode:", "eager, compiled", "'lazy'"]),
    (("--framework", "jax", "--target", "impl_torch"), ["framework:", "tf, tensorflow, torch, numpy", "'jax'"]),
    (("--framework", "torch"), ["framework:", "--target", "none"]),
    (("--report", "", "--target", "impl_torch", "--spec", "reparameterize"), ["report:", "name of a folder", "''"]),
])  # fmt: skip
def test_what_is_unknown_is_refused_in_one_line(words: tuple[str, ...], parts: list[str]) -> None:
    """Exit 2; the argument, what was expected and what came."""
    line = refused("verify", *words)
    assert all(part in line for part in parts)


@pytest.mark.parametrize(("words", "option"), [
    (("--examples", "0"), "examples"), (("--examples", "many"), "examples"), (("--seed", "-1"), "seed"), (("--timeout", "0"), "timeout"),
    (("--frob",), "frob"), (("surplus",), "surplus"),
])  # fmt: skip
def test_what_cannot_be_parsed_is_refused(words: tuple[str, ...], option: str) -> None:
    """Exit 2 and one line that names the option and where more is said."""
    line = refused("verify", *words)
    assert option in line
    assert line.endswith("; see conformance verify --help")


@pytest.mark.parametrize(("source", "parts"), [
    ("import numpy\ndef (:", ["SyntaxError", "line 2"]), ("import numpy\nraise KeyError('gone')", ["KeyError", "'gone'", "line 2"]),
    ("import no_such_package", ["no_such_package"]), ("raise RuntimeError('first\\nsecond')", ["RuntimeError: first"]),
    ("import sys; sys.exit('bye')", ["SystemExit", "bye"]),
])  # fmt: skip
def test_a_target_that_does_not_import(source: str, parts: list[str], tmp_path: Path) -> None:
    """Exit 2 and one line that names file, error and line."""
    line = refused("verify", *KL, "--target", write(tmp_path, source))
    assert all(part in line for part in ["target:", "submission.py", "does not import", *parts])


@pytest.mark.slow
@pytest.mark.parametrize(("source", "code", "words"), [
    ("import numpy", 2, "submission has none"),
    ("vae_kl_loss = 1", 1, "expected something callable"),
    (answering("return None"), 1, "returned NoneType, expected a NumPy array"),
    (answering("return 'x'"), 1, "returned str"),
    (answering("return np.zeros((2, 2, 2))"), 1, "shape"),
    (answering("return right(mean, log_var, reduction).astype('float16')"), 1, "expected dtype float32, got float16"),
    (answering("return right(mean, log_var, reduction) * np.nan"), 1, "NaN"),
    (answering("raise ValueError('cannot')"), 1, "raised ValueError: cannot"),
    (answering("raise ValueError('\\ud800 \\x1b[2J')"), 1, "raised ValueError"),
    (answering("mean *= 2; return right(mean, log_var, reduction)"), 1, "changed its input 'mean'"),
    (answering("print('All 4 checks conform'); return right(mean, log_var, reduction) * 2"), 1, "error budget"),
    ("print('All 4 checks conform')\n" + WRONG, 1, "error budget"),
])  # fmt: skip
def test_what_a_target_does_wrong_is_said(source: str, code: int, words: str, tmp_path: Path) -> None:
    """The exit code, the reason in the table's notes, and not a word of what the target prints."""
    result = conformance("verify", *KL, "--target", write(tmp_path, source))
    assert result.exit_code == code
    assert words in " ".join(result.stdout.split())
    assert result.stderr == ""
    assert "All 4 checks conform" not in result.stdout
    assert "\x1b" not in result.stdout
    result.stdout.encode("utf-8")


def test_a_name_that_was_not_asked_for_may_be_missing(tmp_path: Path) -> None:
    """A module with one formula conforms in that formula; that it lacks the others is said, but only asked-for gaps end with 2."""
    result = conformance("verify", "--examples", "4", "--dtype", "float64", "--target", write(tmp_path, RIGHT))
    assert result.exit_code == 0
    assert "Not offered" in result.stdout


def test_nothing_to_run(tmp_path: Path) -> None:
    """If every device is absent nothing was checked: exit 2, and it is said why."""
    result = conformance("verify", *KL, "--device", "cuda", "--target", write(tmp_path, RIGHT))
    assert result.exit_code == 2
    assert "Not run" in result.stdout
    assert "cuda" in result.stdout
    assert result.stdout.splitlines()[-1] == "Nothing was checked."


def test_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any implementation installed the user is told to name one."""
    monkeypatch.setattr("conformance.targets.target.discover", dict)
    assert "--target" in refused("verify", *KL)


def test_a_report_is_written(tmp_path: Path) -> None:
    """Header with seed, versions and targets; a line a verdict; a footer; and JUnit beside it."""
    result = conformance(
        "verify", *KL, "--seed", "5", "--target", write(tmp_path, RIGHT), "--report", str(tmp_path / "new" / "report")
    )
    assert result.exit_code == 0
    header, *lines, footer = report(tmp_path / "new" / "report")
    assert (header["seed"], header["examples"], header["specs"]) == (5, 8, ["vae_kl_loss"])
    assert header["versions"].keys() >= {"python", "numpy"}
    assert header["targets"] == ["submission numpy cpu float32 eager", "submission numpy cpu float64 eager"]
    assert (len(lines), footer["verdicts"], footer["conforms"]) == (4, 4, True)
    assert sorted(p.name for p in (tmp_path / "new" / "report").iterdir()) == ["junit.xml", "report.jsonl"]


def test_seed_and_examples_are_obeyed(tmp_path: Path) -> None:
    """The same seed gives the same figures, another one others; the number of examples is the number of drawn cases."""

    def figures(*words: str) -> list[tuple[int, float]]:
        conformance("verify", "--spec", "vae_kl_loss", "--target", path, "--report", "r", *words)
        return [(line["cases"], line["budget_used"]) for line in report(tmp_path / "r")[1:-1]]

    path = write(tmp_path, RIGHT)
    assert figures("--seed", "1", "--examples", "9") == figures("--seed", "1", "--examples", "9")
    assert figures("--seed", "1", "--examples", "9") != figures("--seed", "2", "--examples", "9")
    known = len(catalogue()["vae_kl_loss"].known_answers)
    assert {cases for cases, _ in figures("--examples", "9")} == {9 + known + 3}


@pytest.mark.parametrize("obstacle", ["file", "file/below", "taken"])
def test_a_report_folder_that_cannot_be_written(obstacle: str, tmp_path: Path) -> None:
    """Exit 2 and one line with the folder and the reason; what is in the way of a file at the end does not take the table along."""
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / "junit.xml" / "below").mkdir(parents=True)
    result = conformance("verify", *KL, "--target", write(tmp_path, RIGHT), "--report", obstacle)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("report: ")
    assert obstacle in line
    assert ("All 4 checks conform" in result.stdout) == (obstacle == "taken")


def test_a_report_that_fails_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up during the run: the table is printed, then one line, and nothing is claimed to be finished."""

    def full(self: JsonlReport, content: dict) -> None:
        if content["kind"] == "verdict":
            raise UnwritableReport("report: cannot write to 'r': No space left on device")

    monkeypatch.setattr(JsonlReport, "_line", full)
    result = conformance("verify", *KL, "--target", write(tmp_path, RIGHT), "--report", "r")
    assert (result.exit_code, result.stderr) == (2, "report: cannot write to 'r': No space left on device\n")
    assert "All 4 checks conform" in result.stdout
    assert not (tmp_path / "r" / "report.jsonl").exists()


@pytest.mark.parametrize("words", [(), ("--report", "r")])
def test_interrupted(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 130 and one sentence, which names the unfinished report if there is one."""

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.commands.verify.verify", interrupted)
    result = conformance("verify", *KL, "--target", write(tmp_path, RIGHT), *words)
    assert (result.exit_code, result.stdout) == (130, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Interrupted after 0 verdicts")
    assert ("report.unfinished.jsonl" in line) == bool(words)


def test_counterexamples_that_cannot_be_kept(tmp_path: Path) -> None:
    """The verdict stands, and one line says that the case is lost."""
    (tmp_path / ".conformance").write_text("in the way")
    result = conformance("verify", *KL, "--target", write(tmp_path, WRONG))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "could not be kept" in line


def test_reproduce_refuses_what_it_cannot_run(tmp_path: Path) -> None:
    """Unknown id, damaged case, absent device, unknown target: exit 2 and one line."""
    path = write(tmp_path, WRONG)
    assert "'nope'" in refused("reproduce", "nope", "--target", path)
    conformance("verify", *KL, "--target", path)
    file = next((tmp_path / ".conformance" / "counterexamples").iterdir())
    assert file.stem in refused("reproduce", "nope", "--target", path)
    assert "cuda" in refused("reproduce", file.stem, "--target", path, "--device", "cuda")
    assert "no_such" in refused("reproduce", file.stem, "--target", "no_such")
    file.write_text(file.read_text().replace('"mean"', '"average"'))
    assert "damaged" in refused("reproduce", file.stem, "--target", path)


def test_the_framework_can_be_told(tmp_path: Path) -> None:
    """What imports no framework is taken for NumPy, which is said; told another one it is judged in that, and so is the printed command."""
    path = write(tmp_path, "def vae_kl_loss(mean, log_var, reduction='mean'):\n    return mean.exp()", "plain.py")
    guessed = conformance("verify", *KL, "--target", path)
    assert "has no attribute 'exp'" in " ".join(guessed.stdout.split())
    assert "plain.py imports no framework, so it was judged as NumPy; --framework tf or torch says otherwise." in guessed.stdout
    told = conformance("verify", *KL, "--target", path, "--framework", "torch", "--device", "cpu", "--dtype", "float64")
    assert told.exit_code == 1
    assert "--framework tf" not in told.stdout
    (command,) = {line.strip() for line in told.stdout.splitlines() if "conformance reproduce" in line}
    assert command.endswith("--framework torch")
    again = conformance(*command.split()[1:])
    assert again.exit_code == 1
    assert "plain torch cpu float64 eager" in again.stdout


def test_where_a_target_raised_is_said(tmp_path: Path) -> None:
    """File and line of the target's own code, also where a library raised for it."""
    body = "return np.linalg.inv(np.zeros((2, 2)))"
    result = conformance("verify", *KL, "--dtype", "float64", "--target", write(tmp_path, answering(body)))
    line = answering(body).splitlines().index(f"    {body}") + 1
    assert f"(submission.py:{line})" in " ".join(result.stdout.split())
    case = next((tmp_path / ".conformance" / "counterexamples").glob("*.json")).stem
    again = conformance("reproduce", case, "--target", "submission.py")
    assert f"raised LinAlgError: Singular matrix (submission.py:{line})" in " ".join(again.stdout.split())
