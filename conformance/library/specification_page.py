"""A specification as a page: what it computes, of which inputs, what holds of it, and which other meanings and mistakes there are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

from conformance.cases.kinds import kind_of
from conformance.faults.catalogue import entries_for
from conformance.faults.fault import Fault, Kind
from conformance.library.blocks import Block, Code, Heading, Item, Items, Page, Paragraph
from conformance.library.citations import DOCUMENTS, cited, signature
from conformance.library.domain_words import domain_words
from conformance.reports.printed_values import value_text
from reference.specification import KnownAnswer, Spec

Link = Callable[[Fault], str | None]
_LISTS: tuple[tuple[Kind, str, str], ...] = (
    ("variant", "Variants", "Right elsewhere. `verify --accept` and an assignment can let one pass with a remark."),
    ("fault", "Mistakes", "Each is recognised by its numbers, and named."),
    ("rewrite", "Other ways to write it", "All right, and all within the error budget."),
)


def specification_page(spec: Spec, link: Link = lambda fault: None) -> Page:
    """The whole page; `link` says where an entry of the catalogue stands in full."""
    return Page(spec.name, (*asked_blocks(spec), *_known_answers(spec), *_forms(spec), *_lists(spec, link)))


def asked_blocks(spec: Spec) -> tuple[Block, ...]:
    """What is asked, and no answer: equation, source, signature, docstring, domain, laws."""
    sources = [Paragraph(f"{number}: {DOCUMENTS[number]}.") for number in cited(spec)]
    inputs = Items(tuple(Item(name, domain_words(domain)) for name, domain in spec.inputs.items()))
    laws = Items(tuple(Item(law.sentence, prose=True) for law in spec.laws))
    return (
        Paragraph(spec.equation),
        Heading("Source"),
        Paragraph(spec.source),
        *sources,
        Heading("Signature"),
        Code(signature(spec), "python"),
        *_described(spec),
        Heading("Configurations" if kind_of(spec).trained else "Domain"),
        inputs,
        Paragraph(f"Compared in: {', '.join(spec.quantities)}."),
        *((Heading("Laws"), laws) if spec.laws else ()),
    )


def _described(spec: Spec) -> Iterator[Block]:
    """The docstring, without the source, which stands above, and without its example, which is an answer."""
    for part in (inspect.getdoc(spec.evaluate) or "").split("\n\n"):
        if not part.startswith(("Source:", ">>>")):
            yield Code(part) if "\n " in part else Paragraph(" ".join(part.split()))


def _known_answers(spec: Spec) -> Iterator[Block]:
    if spec.known_answers:
        yield Heading("Known answers")
        yield Items(tuple(_known_answer(answer) for answer in spec.known_answers))


def _known_answer(answer: KnownAnswer) -> Item:
    inputs = ", ".join(f"{name} = {value_text(value)}" for name, value in answer.inputs.items())
    return Item(f"{inputs} → {value_text(answer.value)}", answer.source)


def _forms(spec: Spec) -> Iterator[Block]:
    if spec.accepted:
        yield Heading("Accepted forms")
        yield Paragraph("They lose digits, and pass with a remark within a budget of their own; `--strict` fails them.")
        yield Items(tuple(Item(form.name, f"{form.equation}: {form.remark['en']}") for form in spec.accepted))


def _lists(spec: Spec, link: Link) -> Iterator[Block]:
    for kind, title, sentence in _LISTS:
        entries = entries_for(spec.name, (kind,))
        if entries:
            yield Heading(f"{title} ({len(entries)})")
            yield Paragraph(sentence)
            yield Items(tuple(Item(entry.id, _said(entry), link(entry)) for entry in entries))


def _said(entry: Fault) -> str:
    """The sentence, and of a variant who means it."""
    return f"{entry.sentence} Seen: {entry.seen.rstrip('.')}." if entry.kind == "variant" else entry.sentence
