"""The secret of a course decides the cases of every submission, and nobody can tell them without it."""

from __future__ import annotations

import hashlib
import stat
from itertools import product
from pathlib import Path

import pytest

from conformance.errors import UnusableSecret
from conformance.grading.assignment.secret_seed import PUBLIC, SeededAssignment, kept_secret, read_secret
from tests.grading.in_process_workers import SECRET, assignment

GIVEN = assignment('[specs.vae_kl_loss]\npoints = { value = 2, gradient = 1, edges = 1 }\npublic = ["value"]')
# printf 'abc\0vae_kl_loss\0float32' | openssl dgst -sha256 -hmac 'secret of the course', the first 16 digits
KNOWN = 0x44D89EFFF20C1284


def test_the_seed_is_the_known_one() -> None:
    """As OpenSSL computes it, and as RFC 2104 defines it."""
    message, key = b"abc\0vae_kl_loss\0float32", SECRET.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in key) + message).digest()
    by_hand = hashlib.sha256(bytes(k ^ 0x5C for k in key) + inner).hexdigest()
    assert SeededAssignment(GIVEN, SECRET).seed("abc", "vae_kl_loss", "float32") == KNOWN == int(by_hand[:16], 16)


def test_everything_that_a_grade_rests_on_changes_the_seed() -> None:
    """Secret, submission, specification, dtype, and where one ends and the next begins."""
    words = product((b"a", b"b"), ("h1", "h2", "h1v"), ("vae_kl_loss", "ae_kl_loss", "reparameterize"), ("float32", "float64"))
    seeds = [SeededAssignment(GIVEN, secret).seed(hash, spec, dtype) for secret, hash, spec, dtype in words]
    assert len(set(seeds)) == len(seeds) == 36


def test_the_id_of_a_secret_tells_it_from_others_and_gives_none_away() -> None:
    """It is printed in every grade."""
    ids = {SeededAssignment(GIVEN, secret).seed_id for secret in (b"a", b"b", SECRET)}
    assert len(ids) == 3
    assert SeededAssignment(GIVEN, SECRET).seed_id == "04fad08c166b"  # printf 'seed id\0secret of the course' | sha256sum
    assert SeededAssignment(GIVEN, PUBLIC).seed_id == "public"


def test_the_hash_of_an_assignment_is_of_what_it_says() -> None:
    """Not of how it is written down."""
    text = "[specs.vae_kl_loss]\npoints = { value = %s }"
    first, same, other = (
        SeededAssignment(assignment(text), SECRET).assignment_hash for text in (text % 2, "# same\n" + text % 2.0, text % 3)
    )
    assert first == same != other


def test_only_public_parts_are_asked_of_a_student() -> None:
    """All of them by a teacher."""
    asked = GIVEN.specs["vae_kl_loss"]
    assert SeededAssignment(GIVEN, SECRET).parts(asked) == ("value", "gradient", "edges")
    assert SeededAssignment(GIVEN, PUBLIC, public_only=True).parts(asked) == ("value",)


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """32 random bytes, mode 0600, and the same at the next run."""
    first, again, other = (kept_secret(tmp_path / name) for name in ("seed", "seed", "other"))
    assert first == again == (tmp_path / "seed").read_bytes()
    assert first != other
    assert len(bytes.fromhex(first.decode())) == 32
    assert stat.S_IMODE((tmp_path / "seed").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "expected a secret, found '{}' empty"),
        (b" \n", "expected a secret, found '{}' empty"),
        (b"x" * 65_537, "expected at most 65536 bytes, got more in '{}'"),
        (None, "'{}' cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_secret_is_refused(tmp_path: Path, content: bytes | None, expected: str) -> None:
    """In one line that names the file."""
    path = tmp_path / "seed"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableSecret) as caught:
        read_secret(path)
    assert str(caught.value) == "seed-file: " + expected.format(path)


def test_the_largest_secret_is_taken_whole(tmp_path: Path) -> None:
    """And a folder in its place is none."""
    (tmp_path / "seed").write_bytes(b"x" * 65_536)
    assert len(read_secret(tmp_path / "seed")) == 65_536
    with pytest.raises(UnusableSecret, match="cannot be read: Is a directory"):
        kept_secret(tmp_path)
