"""Tokenization and padding against Keras itself, on Unicode that is easy to get wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reference import CharTokenizer, pad_sequences

keras = pytest.importorskip("keras", reason="the Keras oracle needs Keras")
KerasTokenizer = pytest.importorskip("tensorflow").keras.preprocessing.text.Tokenizer

LISTING_1 = ["hello world", "machine learning", "deep learning"]

PIECES = [
    *"aabbcAB 01.,!?",
    "한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8",  # the same word in NFC and NFD
    "가", "\u1100\u1161",
    "İ", "I", "ı", "i\u0307", "ß", "ẞ", "SS", "Σ", "ς", "σ", "ΑΣ",
    "é", "e\u0301", "\u0301", "Å", "\u212b", "ﬁ", "Ǆ", "ǅ",
    "👩‍👩‍👧", "🏽", "🇰🇷", "\ufe0f", "\u200d",
    "\ud83d", "\udc69", "\udfff",  # lone surrogates
    "\x00", "\t", "\n", "\u00a0", "\u2028", "\ufeff", "\U0010ffff",
]  # fmt: skip

texts = st.lists(st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=12)), max_size=5)
fitting_texts = texts.filter(lambda batch: any(batch))


def both(lower, oov_token, num_chars, *batches):
    """A tokenizer of each kind, fitted on the same batches."""
    ours = CharTokenizer(lower, oov_token, num_chars)
    theirs = KerasTokenizer(num_words=num_chars, lower=lower, char_level=True, oov_token=oov_token)
    for batch in batches:
        ours.fit(batch)
        theirs.fit_on_texts(batch)
    return ours, theirs


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(
    values=fitting_texts,
    more=texts,
    unseen=texts,
    lower=st.booleans(),
    oov_token=st.sampled_from([None, "<OOV>", "unknown"]),
    num_chars=st.none() | st.integers(1, 12),
)
@example(LISTING_1, [], ["héllo"], True, None, None)
@example(["İ", "I\u0307"], ["i"], ["İi"], True, "<OOV>", 3)
@example(["\ud83d\udc69"], [""], ["👩"], False, None, 2)
@example(["bbaa", "ab"], ["b"], ["ab"], True, None, None)
def test_tokenizer_is_that_of_keras(values, more, unseen, lower, oov_token, num_chars):
    """Vocabulary, its order, and ids are those of Keras, after one fit and after two, for seen and unseen texts."""
    for batches in ((values,), (values, more)):
        ours, theirs = both(lower, oov_token, num_chars, *batches)
        assert list(ours.vocabulary.items()) == list(theirs.word_index.items())
        for batch in (values, more, unseen):
            assert ours.encode(batch) == theirs.texts_to_sequences(batch)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(values=fitting_texts, lower=st.booleans(), oov_token=st.sampled_from([None, "<OOV>"]))
def test_decode_is_keras_without_spaces(values, lower, oov_token):
    """Decoding gives back what was tokenized, and equals Keras' answer, which puts a space between tokens; padding is left out."""
    ours, theirs = both(lower, oov_token, None, values)
    sequences = ours.encode(values)
    decoded = ours.decode(sequences)
    assert decoded == [text.lower() if lower else text for text in values]
    assert [" ".join(text) for text in decoded] == theirs.sequences_to_texts(sequences)
    assert ours.decode(pad_sequences(sequences)) == decoded


@settings(deadline=None, max_examples=100)
@given(values=fitting_texts, unseen=texts)
def test_ids_are_ranks(values, unseen):
    """Ids are 1, 2, …; a smaller id is at least as frequent, and among equals appeared first; 0 is never given."""
    tokenizer, characters = CharTokenizer().fit(values), "".join(text.lower() for text in values)
    ids = tokenizer.vocabulary
    assert list(ids.values()) == list(range(1, len(set(characters)) + 1))
    ranks = [(-characters.count(c), characters.index(c)) for c in ids]
    assert ranks == sorted(ranks)
    assert all(i > 0 for row in tokenizer.encode(unseen) for i in row)


@settings(deadline=None, max_examples=100)
@given(values=fitting_texts, unseen=texts, num_chars=st.integers(1, 12))
def test_limit_and_unknown_characters(values, unseen, num_chars):
    """With num_chars=n only ids below n are given; the rest is dropped, or is id 1 with an oov_token, which keeps lengths."""
    dropped = CharTokenizer(num_chars=num_chars).fit(values).encode(unseen)
    marked = CharTokenizer(num_chars=num_chars, oov_token="<OOV>").fit(values).encode(unseen)
    assert all(i < num_chars for row in dropped for i in row)
    assert all(i == 1 or i < num_chars for row in marked for i in row)
    assert [len(row) for row in marked] == [len(text.lower()) for text in unseen]


def test_composed_and_decomposed_hangul_differ():
    """Nothing is normalised: one syllable is one character in NFC and three in NFD."""
    tokenizer = CharTokenizer().fit(["한", "\u1112\u1161\u11ab"])
    assert [len(row) for row in tokenizer.encode(["한", "\u1112\u1161\u11ab"])] == [1, 3]
    assert len(tokenizer.vocabulary) == 4


def test_golden_case():
    """Listing 1: the published vocabulary, and a (3, 16) padded array whose rows are the texts."""
    tokenizer = CharTokenizer().fit(LISTING_1)
    assert list(tokenizer.vocabulary.items()) == list(zip("eln raihodgwmcp", range(1, 16), strict=True))
    padded = pad_sequences(tokenizer.encode(LISTING_1))
    assert padded.shape == (3, 16)
    assert padded.dtype == np.int32
    assert padded[0].tolist() == [0] * 5 + [8, 1, 2, 2, 9, 4, 12, 9, 5, 2, 10]
    assert tokenizer.decode(padded) == LISTING_1


numbers = st.integers(-(2**31), 2**31 - 1)


@settings(deadline=None, max_examples=200)
@given(
    sequences=st.lists(st.lists(numbers, max_size=7), min_size=1, max_size=5),
    maxlen=st.none() | st.integers(1, 9),
    padding=st.sampled_from(["pre", "post"]),
    truncating=st.sampled_from(["pre", "post"]),
    value=numbers,
)
@example([[1, 2, 3], [4]], 2, "post", "pre", 0)
@example([[]], None, "pre", "pre", 0)
def test_padding_is_that_of_keras(sequences, maxlen, padding, truncating, value):
    """Every array equals Keras', in values, shape and dtype."""
    actual = pad_sequences(sequences, maxlen, padding, truncating, value)
    expected = keras.utils.pad_sequences(sequences, maxlen, "int32", padding, truncating, value)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    assert np.array_equal(actual, expected)


@settings(deadline=None, max_examples=50)
@given(sequences=st.lists(st.lists(numbers, max_size=7), min_size=1, max_size=5), maxlen=st.integers(1, 9))
def test_padding_defaults_are_those_of_keras(sequences, maxlen):
    """Left to their defaults, both fill and cut the front; `padding="post"` alone still cuts the front."""
    assert np.array_equal(pad_sequences(sequences, maxlen), keras.utils.pad_sequences(sequences, maxlen))
    assert np.array_equal(
        pad_sequences(sequences, maxlen, padding="post"), keras.utils.pad_sequences(sequences, maxlen, padding="post")
    )


def test_alphabet_reaches_what_it_names():
    """The drawn pieces hold characters that grow when lowered, lone surrogates, joiners, and both forms of Hangul."""
    joined = "".join(PIECES)
    assert any(len(c.lower()) > 1 for c in joined)
    assert any("\ud800" <= c <= "\udfff" for c in joined)
    assert "\u200d" in joined
    assert "한" in joined
    assert "\u1112" in joined
