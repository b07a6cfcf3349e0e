"""What stands wrong in a file of the catalogue is refused in one line, with the file, the entry and the key."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from conformance.errors import BrokenCatalogue
from conformance.faults import catalogue
from conformance.faults.catalogue import described
from conformance.faults.code import noise, rewrites, wraps
from conformance.faults.entry_file import UNSEEN, read
from conformance.faults.fault import Replacement

ROOT = Path(__file__).parents[2]
FAMILIES = """order = ["latent", "pixels"]

[groups]
both = ["vae_kl_loss", "VariationalAutoencoder"]
"""
LATENT = """# Comments are for readers.

[half_missing]
specs = "both"
sentence.en = "The factor is missing."
sentence.ko = "인수가 빠져 있습니다."
hint.en = "What is the divergence?"
hint.ko = "발산은 얼마입니까?"
seen = "a thread"
place = "formulas.variational:vae_kl_loss"
old = "0.5 * (mean"
new = "(mean"

[kl_twice]
specs = ["vae_kl_loss"]
kind = "variant"
sentence.en = "It is counted twice."
hint.en = "How often?"
same_as = "half_missing"
untranslated = true

[[kl_twice.changes]]
place = "formulas.variational:vae_kl_loss"
old = "0.5 * (mean"
new = "(mean"

[[kl_twice.changes]]
place = "layers.activations:"
old = "abs"
new = ""
"""
PIXELS = """[returns_none]
specs = ["mean_squared_error"]
sentence.en = "Nothing is returned."
hint.en = "Print it."
wrap = "wraps.returns_none"
symptom = "returned_none"

[mse_norm]
specs = ["mean_squared_error"]
kind = "rewrite"
sentence.en = "The norm squared."
wrap = "rewrites.mse_norm"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of two files, right until a test breaks it."""
    (tmp_path / "faults" / "entries").mkdir(parents=True)
    for name, text in (("families", FAMILIES), ("entries/latent", LATENT), ("entries/pixels", PIXELS)):
        (tmp_path / "faults" / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path / "faults"


def _replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_file_says_what_a_fault_holds(folder: Path) -> None:
    """In the order of the files; with what it does not say as it is usually."""
    entries = described(folder)
    assert list(entries) == ["half_missing", "kl_twice", "returns_none", "mse_norm"]
    half, twice, nothing, norm = (entry.fault for entry in entries.values())
    assert (half.specs, half.kind, half.seen) == (("vae_kl_loss", "VariationalAutoencoder"), "fault", "a thread")
    assert half.changes == (Replacement("formulas.variational:vae_kl_loss", "0.5 * (mean", "(mean"),)
    assert entries["half_missing"].translations["ko"] == {"sentence": "인수가 빠져 있습니다.", "hint": "발산은 얼마입니까?"}
    assert (twice.kind, twice.same_as, twice.seen, len(twice.changes)) == ("variant", "half_missing", UNSEEN, 2)
    assert entries["kl_twice"].untranslated
    assert entries["kl_twice"].translations["ko"] == {}
    assert (nothing.wrap, nothing.symptom, nothing.changes) == (wraps.returns_none, "returned_none", ())
    assert (norm.hint, norm.seen) == ("", "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('seen = "a thread"', 'source = "a thread"', "[half_missing] source: expected one of specs, kind, sentence,"),
        ('specs = "both"\n', "", "[half_missing] specs: expected the specifications that it touches, found no such key"),
        ('specs = "both"', 'specs = "vae_kl_loss"', "[half_missing] specs: expected a group of families.toml (both) or a list of names"),
        ('specs = "both"', "specs = []", "[half_missing] specs: expected a list of names of specifications, each once, got []"),
        ('specs = "both"', 'specs = ["vae kl loss"]', "[half_missing] specs: expected a list of names of specifications"),
        ('specs = "both"', 'specs = ["a", "a"]', "[half_missing] specs: expected a list of names of specifications"),
        ('specs = "both"', "specs = 3", "[half_missing] specs: expected a list of names of specifications"),
        ('sentence.en = "The factor is missing."\n', "", "[half_missing] sentence en: expected a text, found no such key"),
        ("sentence.ko", "sentence.kr", "[half_missing] sentence kr: expected one of en, ko; there is no such key"),
        ('sentence.ko = "인수가 빠져 있습니다."', "sentence.ko = 1", "[half_missing] sentence ko: expected a text, got 1"),
        ('hint.en = "How often?"\n', "", "[kl_twice] hint: expected texts by language"),
        ('seen = "a thread"', 'seen = ""', "[half_missing] seen: expected a text, got ''"),
        ('seen = "a thread"', "seen = true", "[half_missing] seen: expected a text, got True"),
        ('kind = "variant"', 'kind = "mistake"', "[kl_twice] kind: expected one of fault, variant, rewrite, got 'mistake'"),
        ("formulas.variational:vae", "formulas.variational.vae", "[half_missing] place: expected module and function"),
        ('old = "0.5 * (mean"\n', "", "[half_missing] old: expected a text, found no such key"),
        ('new = "(mean"\n', "", "[half_missing] new: expected a text, found no such key"),
        ('new = ""', "news = 1", "[kl_twice] changes news: expected one of place, old, new; there is no such key"),
        ('old = "abs"', "old = 4", "[kl_twice] changes old: expected a text, got 4"),
        ('kind = "variant"', 'old = "x"', "[kl_twice] changes: expected every replacement in it, found old beside it"),
        ('same_as = "half_missing"', 'same_as = "half"', "[kl_twice] same_as: expected the id of another entry, got 'half'"),
        ('same_as = "half_missing"', 'same_as = "kl_twice"', "[kl_twice] same_as: expected the id of another entry"),
        ('seen = "a thread"', 'constant = "2"', "[half_missing] constant: expected a number that stands in what is new, got '2'"),
        ("untranslated = true", "untranslated = 1", "[kl_twice] untranslated: expected true or false, got 1"),
        ('seen = "a thread"', "untranslated = true", "[half_missing] untranslated: expected no such mark"),
        ("[half_missing]", "[HalfMissing]", "[HalfMissing]: expected an id of small letters, digits and underscores"),
        ("[half_missing]\n", "", "[specs]: expected a table, got 'both'; is the line [id] above it missing?"),
        ("[kl_twice]\n", "[half_missing]\n", "Cannot declare ('half_missing',) twice (at line 14, column 14)"),
        ('seen = "a thread"', "seen = a thread", "Invalid value (at line 9, column 8)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(folder: Path, old: str, new: str, message: str) -> None:
    """In one line that begins with the file."""
    _replaced(folder / "entries" / "latent.toml", old, new)
    with pytest.raises(BrokenCatalogue) as refusal:
        described(folder)
    assert str(refusal.value).startswith("faults/entries/latent.toml")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "name",
    [
        "returns_none",
        "wraps.",
        "wraps.no_such",
        "wraps._asking",
        "wraps.np",
        "wraps.Callable",
        "noise.expanded_square",
        "os.getcwd",
    ],
)
def test_only_functions_for_entries_can_be_named(folder: Path, name: str) -> None:
    """A name that is not there, is for the file itself, or stands somewhere else is refused."""
    _replaced(folder / "entries" / "pixels.toml", "wraps.returns_none", name)
    with pytest.raises(BrokenCatalogue) as refusal:
        described(folder)
    expected = f"[returns_none] wrap: expected a function of conformance/faults/code/ (wraps, rewrites), got {name!r}"
    assert str(refusal.value) == f"faults/entries/pixels.toml {expected}"


def test_an_entry_changes_something(folder: Path) -> None:
    """One that is different in nothing is no mistake."""
    _replaced(folder / "entries" / "pixels.toml", 'wrap = "wraps.returns_none"\n', "")
    with pytest.raises(BrokenCatalogue, match=r"\[returns_none\] place: expected what is different"):
        described(folder)


def test_an_id_stands_in_one_file(folder: Path) -> None:
    """Of two the later would win."""
    _replaced(folder / "entries" / "pixels.toml", "[returns_none]", "[kl_twice]")
    with pytest.raises(BrokenCatalogue) as refusal:
        described(folder)
    assert str(refusal.value).endswith("pixels.toml [kl_twice]: expected every id once, faults/entries/latent.toml has it too")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"pixels"', '"pixel"', "order: expected the files of entries/; pixel.toml is listed, but not there"),
        (', "pixels"', "", "order: expected the files of entries/; pixels.toml is not listed"),
        (', "pixels"', ', "pixels", "latent"', "order: expected a list of files, each once"),
        ('order = ["latent", "pixels"]', "", "order: expected a list of files, each once, got None"),
        ("[groups]\n", "", "groups: expected a table, got None"),
        ('"VariationalAutoencoder"]', "3]", "[groups] both: expected a list of names of specifications, each once"),
    ],
)
def test_files_and_groups_are_listed(folder: Path, old: str, new: str, message: str) -> None:
    """Every file once, and nothing that is not there."""
    _replaced(folder / "families.toml", old, new)
    with pytest.raises(BrokenCatalogue) as refusal:
        described(folder)
    assert str(refusal.value).startswith(f"faults/families.toml {message}")


def test_what_is_no_text_is_refused(folder: Path) -> None:
    """Another encoding, as some editors write it."""
    (folder / "entries" / "latent.toml").write_bytes(LATENT.encode("cp949"))
    with pytest.raises(BrokenCatalogue, match=r"^faults/entries/latent\.toml: 'utf-8' codec can't decode"):
        described(folder)


def test_the_shipped_files_are_a_catalogue_anywhere(tmp_path: Path) -> None:
    """Read from another folder they say the same, so that nothing of them stands elsewhere."""
    shipped = Path(catalogue.__file__).parent
    shutil.copytree(shipped / "entries", tmp_path / "entries")
    shutil.copy(shipped / "families.toml", tmp_path)
    assert described(tmp_path) == described()


def test_the_example_of_the_documentation_is_an_entry(tmp_path: Path) -> None:
    """What a contributor copies is right, and is what the catalogue says."""
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    example = tmp_path / "example.toml"
    example.write_text(text.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    assert read(example, {}) == (described()["half_missing"],)


def test_the_files_are_packed() -> None:
    """An installed package holds every one."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"][
        "conformance"
    ]
    packed = {path for pattern in patterns for path in (ROOT / "conformance").glob(pattern)}
    assert set((ROOT / "conformance" / "faults").rglob("*.toml")) <= packed


def test_every_function_for_entries_is_named_by_one() -> None:
    """What no entry names any more goes."""
    named = {function for entry in described().values() for function in (entry.fault.wrap, entry.fault.noise) if function}
    idle = [f"{file.__name__}.{name}" for file in (noise, rewrites, wraps) for name, value in vars(file).items()
            if not name.startswith("_") and getattr(value, "__module__", None) == file.__name__ and value not in named]  # fmt: skip
    assert not idle


def test_help_reads_no_catalogue() -> None:
    """Nobody waits for it who only asks what there is."""
    program = (
        "import sys; sys.argv = ['conformance', '--help']\n"
        "import atexit; from conformance.__main__ import main; from conformance.faults import catalogue\n"
        "atexit.register(lambda: print('read:', catalogue.described.cache_info().currsize))\n"
        "main()"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "read: 0" in run.stdout
