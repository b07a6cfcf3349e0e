"""What becomes of a text before its characters are counted."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault, Kind

_CLASS = "formulas.tokenization:CharTokenizer"
_SPECS = ("CharTokenizer",)
_SORTED = "sorted(self._counts, key=lambda character: -self._counts[character])"
_LOWERED = "text.lower() if self.lower else text"
_TEXTS = 'list_of_texts("texts", texts)'
_ORDER = "Print the vocabulary of 'hello': which character has which id, and why?"
_UNKNOWN = "What does your tokenizer make of a character that it has never seen, with and without oov_token?"
_LETTERS = "Feed it one character at a time: 'A', 'É', a combining accent, a tab, an emoji. What comes out?"
_LIMIT = "Which ids does num_chars=3 keep, and what happens to the vocabulary?"


def _tokens(id: str, method: str, old: str, new: str, sentence: str, hint: str, seen: str, kind: Kind = "fault") -> Fault:
    return Fault(id, _SPECS, sentence, hint, seen, kind, (Change(f"{_CLASS}.{method}", old, new),))


def _normalised(id: str, form: str, seen: str) -> Fault:
    """A variant that normalises texts first."""
    return _tokens(
        id,
        "_characters",
        _LOWERED,
        f'__import__("unicodedata").normalize("{form}", {_LOWERED})',
        f"Texts are brought to the normal form {form} first.",
        "Write é in its two ways: are they the same to your tokenizer?",
        seen,
        "variant",
    )


ENTRIES = (
    _tokens("not_lowered", "_characters", _LOWERED, "text", "Texts are not lower-cased.", _LETTERS, "common in tutorials"),
    _tokens(
        "always_lowered",
        "_characters",
        _LOWERED,
        "text.lower()",
        "Texts are lower-cased even with lower=False.",
        _LETTERS,
        "think of an argument that was added and forgotten",
    ),
    _tokens(
        "lower_inverted",
        "_characters",
        "if self.lower",
        "if not self.lower",
        "The argument lower means its opposite.",
        _LETTERS,
        "think of a lost not",
    ),
    _tokens(
        "upper_for_lower", "_characters", "text.lower()", "text.upper()", "Texts are upper-cased.", _LETTERS, "think of a slip"
    ),
    _tokens(
        "ascii_lowered",
        "_characters",
        "text.lower()",
        "''.join(c.lower() if c.isascii() else c for c in text)",
        "Only the letters A to Z are lower-cased.",
        _LETTERS,
        "tokenizers written in C; tables of 26 letters",
    ),
    _tokens(
        "lowered_one_by_one",
        "_characters",
        "text.lower()",
        "''.join(c.lower()[:1] for c in text)",
        "Every character is lower-cased to one character, also those that become two.",
        "What is the lower case of 'İ'?",
        "tables from character to character",
    ),
    _tokens(
        "texts_stripped",
        "_characters",
        _LOWERED,
        f"({_LOWERED}).strip()",
        "White space at both ends is dropped.",
        _LETTERS,
        "cleaning before tokenizing",
    ),
    _tokens(
        "spaces_dropped",
        "_characters",
        _LOWERED,
        f"''.join(({_LOWERED}).split())",
        "White space is dropped.",
        _LETTERS,
        "cleaning before tokenizing",
    ),
    _tokens(
        "punctuation_dropped",
        "_characters",
        _LOWERED,
        f"[c for c in ({_LOWERED}) if c.isalnum() or c.isspace()]",
        "Everything but letters, digits and white space is dropped.",
        _LETTERS,
        "filters of word tokenizers",
    ),
    _tokens(
        "non_ascii_dropped",
        "_characters",
        _LOWERED,
        f"[c for c in ({_LOWERED}) if c.isascii()]",
        "Characters beyond ASCII are dropped.",
        _LETTERS,
        "alphabets of 70 characters",
    ),
    _tokens(
        "word_level",
        "_characters",
        _LOWERED,
        f"({_LOWERED}).split()",
        "Words are counted instead of characters.",
        "How many ids does 'hello world' give?",
        "Keras' Tokenizer without char_level=True",
    ),
    _tokens(
        "utf16_units",
        "_characters",
        _LOWERED,
        f"list(map(chr, memoryview(({_LOWERED}).encode('utf-16-le', 'surrogatepass')).cast('H')))",
        "Characters beyond the basic plane are split into two halves.",
        _LETTERS,
        "JavaScript, Java, Windows",
    ),
    _normalised("nfc", "NFC", "text pipelines on the web"),
    _normalised("nfd", "NFD", "file names of macOS"),
    _normalised("nfkc", "NFKC", "google/sentencepiece"),
    _tokens(
        "accents_stripped",
        "_characters",
        _LOWERED,
        f"[c for c in __import__('unicodedata').normalize('NFD', {_LOWERED}) if not __import__('unicodedata').combining(c)]",
        "Accents are stripped.",
        _LETTERS,
        "BERT's uncased tokenizer",
        "variant",
    ),
    _tokens(
        "casefolded",
        "_characters",
        "text.lower()",
        "text.casefold()",
        "Case is folded, so that ß becomes ss.",
        "What is the lower case of 'ß'?",
        "search engines",
        "variant",
    ),
    _tokens(
        "byte_tokens",
        "_characters",
        _LOWERED,
        f"({_LOWERED}).encode('utf-8', 'surrogatepass').decode('latin-1')",
        "Tokens are the bytes of UTF-8, not characters.",
        _LETTERS,
        "byte-level models such as ByT5",
        "variant",
    ),
)
