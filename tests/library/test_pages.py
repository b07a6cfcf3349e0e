"""The library says all that specifications and entries say, in a terminal and in Markdown, and what is committed of it is today's."""

from __future__ import annotations

import re

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.faults.catalogue import entries
from conformance.library import shelf
from conformance.library.as_html import as_html
from conformance.library.as_markdown import as_markdown
from conformance.library.as_text import as_text
from conformance.library.blocks import Code, Heading, Item, Items, Page, Paragraph
from conformance.library.domain_words import domain_words
from conformance.library.entry_page import entry_page
from conformance.library.specification_page import specification_page
from reference.domains import Bits, Choice, Ids, Length, Number, Reals, Sequences, Texts, Whole, Widths
from reference.specification import Spec, catalogue
from tests.architecture.signatures import ROOT

FOLDER = ROOT / "docs" / "library"


def _flat(text: str) -> str:
    """Without what wrapping and folding put in."""
    return re.sub(r"\s+[-+]?", "", text)


@pytest.mark.slow
def test_what_is_committed_is_what_is_said_today() -> None:
    """Every page, and no page of what is no more; otherwise: conformance explain --all docs/library."""
    pages = shelf.pages()
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(pages), shelf.COMMAND
    assert [name for name, text in pages.items() if (FOLDER / name).read_text(encoding="utf-8") != text] == [], shelf.COMMAND


def test_every_link_of_the_library_leads_somewhere() -> None:
    """To a page, and to a heading on it."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    links = {link for text in pages.values() for link in re.findall(r"\]\(([^)#]+\.md)(?:#(\w+))?\)", text)}
    assert len(links) > len(entries())
    # A heading's underscores are escaped; what is linked to is its text.
    headings = {name: {h.replace("\\", "") for h in re.findall(r"^### (.*)$", text, re.MULTILINE)} for name, text in pages.items()}
    assert [link for link in links if link[0] not in pages or (link[1] and link[1] not in headings[link[0]])] == []


def test_every_entry_is_in_full_on_one_page() -> None:
    """That of the specification which is nearest to it."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    for entry in entries().values():
        heading = "### " + entry.id.replace("_", r"\_") + "\n"
        assert [name for name, text in pages.items() if heading in text] == [f"{entry.specs[0]}.md"]


@pytest.mark.parametrize("spec", catalogue().values(), ids=lambda spec: spec.name)
def test_a_page_says_all_of_a_specification(spec: Spec) -> None:
    """Equation, source, every input, law, known answer, form, variant and mistake; no line is longer than there is room."""
    page = specification_page(spec)
    for width in (80, 50):
        text = as_text(page, width)
        assert [line for line in text.splitlines() if len(line) > width] == []
    flat = _flat(as_text(page, 80))
    said = [spec.equation, spec.source, *spec.inputs, *(law.sentence for law in spec.laws)]
    said += [answer.source for answer in spec.known_answers] + [form.equation for form in spec.accepted]
    own = [entry for entry in entries().values() if spec.name in entry.specs]
    said += [entry.sentence for entry in own] + [entry.seen for entry in own if entry.kind == "variant"]
    assert [words for words in said if _flat(words) not in flat] == []


def test_a_mistake_says_what_it_changes() -> None:
    """The lines of the reference before and after it, and nothing else of the file."""
    page = entry_page(entries()["half_missing"])
    (code,) = [block for block in page.blocks if isinstance(block, Code)]
    assert code.text.splitlines() == [
        "--- reference/formulas/variational.py",
        "@@",
        '     with np.errstate(over="ignore"):',
        "-        per_sample = 0.5 * (mean * mean + (stored(np.expm1(log_var)) - log_var)).sum(axis=1)",
        "+        per_sample = (mean * mean + (stored(np.expm1(log_var)) - log_var)).sum(axis=1)",
        "         return reduce_batch(per_sample, reduction)",
    ]


@pytest.mark.slow
def test_every_entry_shows_what_it_is() -> None:
    """A diff, or the function that it is, or a form that loses digits."""
    for entry in entries().values():
        codes = [block.text for block in entry_page(entry).blocks if isinstance(block, Code)]
        assert codes, entry.id
        assert all(codes), entry.id
        if entry.changes:
            assert re.search("^[-+](?![-+])", codes[0], re.MULTILINE), entry.id


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        (Reals(("batch",), -1e3, 1.0, (-1.0, 1.0), (0.0, "delta"), near="other", data=True),
         "real, (batch,), from −1000 to 1, mostly from −1 to 1; delicate at 0, `delta`; now and then hardly different from `other`; "
         "data, of which nobody asks a gradient"),
        (Reals((), 0.0, 1.0, (0.0, 1.0)), "real, a scalar, from 0 to 1, mostly from 0 to 1"),
        (Ids(("batch", "time"), 7), "whole numbers from 0 to 6, (batch, time)"),
        (Bits(("batch",)), "zeros and ones, (batch,)"),
        (Number(0.0, 1.0, 0.1, (0.0,)), "a number between 0 and 1, 0.1 by default; delicate at 0"),
        (Whole(1, 9, True, (0,)), "a whole number from 1 to 9, or None; right, and easy to get wrong, at 0"),
        (Length(1, 9), "a length of at least 1, drawn up to 9"),
        (Choice((False, False, "a")), "one of False, 'a'"),
        (Texts(0, 2), "a list of 0 to 2 texts, over alphabets that are easy to get wrong"),
        (Sequences(0, 9), "lists of whole numbers from 0 to 9, of unequal lengths, some of them empty"),
        (Widths(2, 4), "2 to 4 widths of layers, drawn up to 9"),
    ],
)  # fmt: skip
def test_a_domain_in_words(domain: object, words: str) -> None:
    """Every kind of domain, with all that it says."""
    assert domain_words(domain) == words  # type: ignore[arg-type]


def test_markdown_shows_what_is_meant() -> None:
    """Signs of Markdown are shown, code stays code, and a fence is longer than those in it."""
    page = Page(
        "a_b",
        (
            Heading("c*d", 3),
            Paragraph("|x| of `y_z` * w"),
            Items((Item("e_f", "g", "h.md#e_f"), Item("i", prose=True), Item("j", "k", prose=True))),
            Code("```\nl"),
        ),
    )
    assert as_markdown(page).splitlines() == [
        r"# a\_b", "", r"### c\*d", "", r"\|x\| of `y_z` \* w", "", "- [`e_f`](h.md#e_f): g", "- i", "- **j**: k", "",
        "````text", "```", "l", "````",
    ]  # fmt: skip


def test_code_that_has_no_room_is_folded_behind_its_sign() -> None:
    """Nothing is lost, and a line of a diff stays one of its side."""
    line = "+        " + " ".join(["words"] * 12)
    shown = as_text(Page("x", (Code(line),)), 50).splitlines()[2:]
    assert all(part.startswith("    +        ") and len(part) <= 50 for part in shown)
    assert _flat("\n".join(shown)).count("words") == 12


def test_html_shows_what_is_meant() -> None:
    """Every text is escaped, code is code, a diff says in its marks what its colours say, and nothing is fetched."""
    blocks = (
        Heading("b&", 3),
        Paragraph("<c> of `d<e`"),
        Items((Item("f<", "`g`"), Item("h&", prose=True), Item("i", "j", prose=True))),
        Code("--- k\n-l<\n+m\n n", "diff"),
    )
    shown = as_html(Page("<a>", blocks)).partition("<main>")[2]
    for part in (
        "<h1>&lt;a&gt;</h1>", "<h3>b&amp;</h3>", "<p>&lt;c&gt; of <code>d&lt;e</code></p>", "<li><code>f&lt;</code>: <code>g</code></li>",
        "<li>h&amp;</li>", "<li><strong>i</strong>: j</li>", "<pre>--- k\n<del>-l&lt;</del>\n<ins>+m</ins>\n n\n</pre>",
    ):  # fmt: skip
        assert part in shown
    assert "http" not in shown


def test_every_page_is_one_of_html_too() -> None:
    """Well-formed as far as every mark that is opened is closed."""
    for page in (specification_page(catalogue()["CharTokenizer"]), entry_page(entries()["naive_cancellation"])):
        body = as_html(page)
        for mark in ("ul", "li", "pre", "code", "p", "del", "ins", "h2"):
            assert len(re.findall(rf"<{mark}[ >]", body)) == body.count(f"</{mark}>"), mark
