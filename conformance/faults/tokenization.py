"""Characters to ids. What becomes of a text before stands in `characters`."""

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


ENTRIES = (
    _tokens(
        "zero_for_character",
        "vocabulary",
        "start=1",
        "start=0",
        "Id 0, the padding, is given to a character.",
        _ORDER,
        "common: enumerate() without a start",
    ),
    Fault(
        "ids_from_two",
        _SPECS,
        "Ids start at 2.",
        _ORDER,
        "TextVectorization reserves 0 and 1",
        changes=(
            Change(f"{_CLASS}.vocabulary", "start=1", "start=2"),
            Change(f"{_CLASS}.encode", "len(vocabulary) + 1", "len(vocabulary) + 2"),
        ),
    ),
    _tokens(
        "appearance_order",
        "vocabulary",
        _SORTED,
        "list(self._counts)",
        "Ids follow first appearance, not frequency.",
        _ORDER,
        "common in tutorials",
    ),
    _tokens(
        "alphabetical_ids",
        "vocabulary",
        _SORTED,
        "sorted(self._counts)",
        "Ids follow the alphabet, not frequency.",
        _ORDER,
        "karpathy/char-rnn and its many children: sorted(set(text))",
    ),
    _tokens(
        "rising_frequency",
        "vocabulary",
        "-self._counts",
        "self._counts",
        "The rarest character comes first.",
        _ORDER,
        "think of a lost sign",
    ),
    _tokens(
        "ties_reversed",
        "vocabulary",
        "sorted(self._counts,",
        "sorted(reversed(list(self._counts)),",
        "Among equally frequent characters the last to appear comes first.",
        "Which of the characters of 'ba' has the lower id?",
        "sorting upwards and reversing",
    ),
    _tokens(
        "ties_alphabetical",
        "vocabulary",
        "sorted(self._counts,",
        "sorted(sorted(self._counts),",
        "Among equally frequent characters the alphabet decides.",
        "Which of the characters of 'ba' has the lower id?",
        "counts sorted as pairs",
    ),
    _tokens(
        "first_text_only",
        "fit",
        _TEXTS,
        f"{_TEXTS}[:1]",
        "Only the first text is counted.",
        "Fit two texts, then exchange them.",
        "a return inside a loop",
    ),
    _tokens(
        "last_text_only",
        "fit",
        "counts.update(self._characters(text))",
        "counts = Counter(self._characters(text))",
        "Every text starts a new count, so only the last one remains.",
        "Fit two texts, then exchange them.",
        "a reset inside a loop",
    ),
    _tokens(
        "documents_counted",
        "fit",
        "self._characters(text)",
        "list(dict.fromkeys(self._characters(text)))",
        "It counts in how many texts a character stands, not how often.",
        "Fit 'aab' and 'b': which is more frequent?",
        "document frequency for frequency",
    ),
    _tokens(
        "unknown_as_padding",
        "encode",
        "None if self.oov_token is None",
        "0 if self.oov_token is None",
        "Unknown characters become id 0, the padding.",
        _UNKNOWN,
        "common: vocabulary.get(c, 0)",
    ),
    _tokens(
        "unknown_dropped",
        "encode",
        "None if self.oov_token is None else vocabulary[self.oov_token]",
        "None",
        "Unknown characters are dropped even where oov_token has an id.",
        _UNKNOWN,
        "think of an argument that was added and forgotten",
    ),
    _tokens(
        "unknown_ends_text",
        "encode",
        "if i is not None]",
        "if i is not None and None not in row]",
        "A text with an unknown character becomes empty.",
        _UNKNOWN,
        "a KeyError caught around the whole text",
    ),
    _tokens(
        "oov_last",
        "vocabulary",
        "[self.oov_token, *by_frequency]",
        "[*by_frequency, self.oov_token]",
        "oov_token gets the last id instead of 1.",
        _UNKNOWN,
        "vocabularies extended at the end",
    ),
    _tokens("num_chars_included", "encode", "i < limit", "i <= limit", "num_chars itself is kept as an id.", _LIMIT, "off by one"),
    _tokens(
        "num_chars_one_less",
        "encode",
        "else self.num_chars",
        "else self.num_chars - 1",
        "One id too few is kept.",
        _LIMIT,
        "off by one",
    ),
    _tokens(
        "num_chars_ignored",
        "encode",
        "len(vocabulary) + 1 if self.num_chars is None else self.num_chars",
        "len(vocabulary) + 1",
        "num_chars is not looked at.",
        _LIMIT,
        "think of an argument that was added and forgotten",
    ),
    _tokens(
        "vocabulary_truncated",
        "vocabulary",
        "start=1)}",
        "start=1) if self.num_chars is None or i < self.num_chars}",
        "num_chars shortens the vocabulary itself.",
        _LIMIT,
        "what one would expect, and Keras does not do",
    ),
    _tokens(
        "refits_on_encode",
        "encode",
        "self._fitted_vocabulary()",
        "self.fit(texts)._fitted_vocabulary()",
        "Encoding counts the new texts too, so that ids change.",
        "Is the vocabulary after encoding what it was before?",
        "fit_transform on validation data",
    ),
    _tokens(
        "empty_texts_dropped",
        "encode",
        "for row in ids]",
        "for row in ids if row]",
        "Empty texts vanish from the result.",
        "Encode an empty text between two others.",
        "a filter that was meant for characters",
    ),
    _tokens(
        "duplicates_dropped",
        "encode",
        "for row in ids]",
        "for row in map(dict.fromkeys, ids)]",
        "Every character is encoded once a text.",
        "Encode 'hello'.",
        "sets in place of lists",
    ),
    _tokens(
        "encoded_backwards",
        "encode",
        "in self._characters(text)]",
        "in self._characters(text)[::-1]]",
        "The sequences run backwards.",
        "Encode and decode 'abc'.",
        "sequence-to-sequence models that reverse their input",
    ),
    _tokens(
        "decode_spaced",
        "decode",
        '"".join',
        '" ".join',
        "Decoding puts spaces between the characters.",
        "Encode and decode 'abc'.",
        "Keras' sequences_to_texts",
    ),
    _tokens(
        "decode_hides_unknown",
        "decode",
        "if i != 0",
        "if i > (self.oov_token is not None)",
        "Decoding leaves oov_token out.",
        "Encode an unknown character with oov_token, and decode it.",
        "special tokens skipped",
    ),
    Fault(
        "textvectorization",
        _SPECS,
        "Ties are in reverse lexicographic order, and only A to Z are lower-cased.",
        "Which of the characters of 'ab' has the lower id?",
        "keras.layers.TextVectorization(split='character')",
        "variant",
        (
            Change(f"{_CLASS}.vocabulary", "sorted(self._counts,", "sorted(sorted(self._counts, reverse=True),"),
            Change(f"{_CLASS}._characters", "text.lower()", "''.join(c.lower() if c.isascii() else c for c in text)"),
        ),
    ),
    Fault(
        "texts_sorted",
        _SPECS,
        "The list of texts is sorted in place.",
        "Look at your argument after the call.",
        "list.sort() for sorted()",
        changes=(Change(f"{_CLASS}.fit", _TEXTS, f"(texts.sort(), {_TEXTS})[1]"),),
        symptom="changed_input",
    ),
)
