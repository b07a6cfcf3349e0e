"""§2.1: models that read characters and models that know whole words, on words never seen and on misspelt ones.

The task is to tell singular from plural. The words are inflected Turkish and Finnish nouns; a quarter of the stems is held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import Arrays, Laboratory
from conformance.claims.pictures import Pictures
from conformance.languages import LANGUAGES, Words, plural_or_not, split

_TRAIN, _TEST = 3000, 1000
_EPOCHS = {"characters": 20, "word": 20}
# A model of words meets the unknown word in training too, often enough to know which number is the commoner.
_UNKNOWN_SHARE = 0.5
UNKNOWN = 0


@dataclass(frozen=True)
class _Lexicon:
    """Ids of characters and words as the training words give them; `width` is the longest row of characters."""

    tokenizer: Any
    ids: dict[str, int]
    width: int


def measure(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """By language: accuracy on words that were learned, on the same misspelt, on words of unseen stems; and what is lost from the first
    to each of the others. The images are not looked at."""
    return {f"{n}_{key}": value for key in LANGUAGES for n, value in measure_language(laboratory, key, _TRAIN, _TEST, seed).items()}


def measure_language(laboratory: Laboratory, language: str, most_train: int, most_test: int, seed: int) -> Numbers:
    """The same for one language, with at most so many words to learn from and to judge by."""
    learned, unseen = (plural_or_not(forms, seed) for forms in split(LANGUAGES[language], seed=seed))
    learned, unseen = _first(learned, most_train), _first(unseen, most_test)
    tokenizer = laboratory.package.CharTokenizer().fit(list(learned.words))
    words = {word: i for i, word in enumerate(learned.words, start=UNKNOWN + 1)}
    # One more than the longest, for an inserted letter.
    lexicon = _Lexicon(tokenizer, words, max(map(len, learned.words)) + 1)
    learned_words = _first(learned, most_test)
    tests = {"learned": learned_words, "misspelt": misspelt(learned_words, set(learned.words), seed), "unseen": unseen}
    numbers = {}
    for name, train in (("characters", _train_characters), ("word", _train_word)):
        model = train(laboratory, learned, lexicon, seed)
        right = {test: _accuracy(laboratory, model, name, words, lexicon) for test, words in tests.items()}
        numbers |= {f"{name}_{test}": share for test, share in right.items()}
        numbers |= {f"{name}_lost_{test}": right["learned"] - right[test] for test in ("misspelt", "unseen")}
    return numbers


def misspelt(words: Words, vocabulary: set[str], seed: int) -> Words:
    """Every word with one mistake: a letter left out, put in, replaced, or exchanged with the next. What is a known word again is left out.

    Source: F. Damerau, A technique for computer detection and correction of spelling errors, CACM 1964: over 80 % of misspelt words have
    one of these four mistakes.
    """
    rng = np.random.default_rng(seed)
    letters = sorted(set("".join(vocabulary)))
    misspellings = [_one_mistake(word, letters, rng) for word in words.words]
    positions = [i for i, word in enumerate(misspellings) if word not in vocabulary]
    return Words(tuple(misspellings[i] for i in positions), words.labels[positions])


def _one_mistake(word: str, letters: Sequence[str], rng: np.random.Generator) -> str:
    place, kind = int(rng.integers(len(word))), int(rng.integers(4))
    letter = letters[int(rng.integers(len(letters)))]
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + letter + word[place:]
    if kind == 2:
        return word[:place] + letter + word[place + 1 :]
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


def _first(words: Words, most: int) -> Words:
    return Words(words.words[:most], words.labels[:most])


def _train_characters(laboratory: Laboratory, words: Words, lexicon: _Lexicon, seed: int) -> Any:
    """The classifier of the lecture's listing 2."""
    model = laboratory.model("CharClassifier", vocabulary_size=len(lexicon.tokenizer.vocabulary) + 1, seed=seed)
    batch = {**_batch(laboratory, "characters", words.words, lexicon), "labels": words.labels}
    laboratory.train(model, batch, _EPOCHS["characters"], seed, learning_rate=3e-3)
    return model


def _train_word(laboratory: Laboratory, words: Words, lexicon: _Lexicon, seed: int) -> Any:
    """The hybrid classifier with its eyes for characters shut: of the word it sees the id alone, of the characters a padding."""
    model = laboratory.model("HybridClassifier", vocabulary_size=1, words=len(lexicon.ids) + 1, units=1, cell="rnn", seed=seed)
    again = np.random.default_rng(seed).permutation(len(words.words))[: round(_UNKNOWN_SHARE * len(words.words))]
    batch = _batch(laboratory, "word", words.words, lexicon)
    ids = np.concatenate([batch["word"], np.full((len(again), 1), UNKNOWN)])
    labels = np.concatenate([words.labels, words.labels[again]])
    data = {"characters": np.zeros((len(ids), 1), dtype=np.int64), "word": ids, "labels": labels}
    laboratory.train(model, data, _EPOCHS["word"], seed, learning_rate=1e-2)
    return model


def _batch(laboratory: Laboratory, name: str, words: Sequence[str], lexicon: _Lexicon) -> Arrays:
    if name == "word":
        ids = np.array([[lexicon.ids.get(word, UNKNOWN)] for word in words])
        return {"characters": np.zeros((len(ids), 1), dtype=np.int64), "word": ids}
    # The front of a longer word is cut off: number stands at the end.
    encoded = lexicon.tokenizer.encode(list(words))
    padded = laboratory.package.pad_sequences(encoded, maxlen=lexicon.width, padding="post")
    return {"characters": np.asarray(padded).astype(np.int64)}


def _accuracy(laboratory: Laboratory, model: Any, name: str, words: Words, lexicon: _Lexicon) -> float:
    batch = _batch(laboratory, name, words.words, lexicon)
    probability = laboratory.call(model.inference, *batch.values())["probability"]
    return float(np.mean((probability > 0.5) == (words.labels > 0.5)))


EXPERIMENT = Experiment(
    "characters",
    "Is a noun singular or plural? The lecture's LSTM over characters and a model of whole words (the hybrid classifier without its "
    "characters, which has met the unknown word in training) learn from the same inflected nouns; both are asked about words they have "
    "learned, the same words with one typing mistake, and words of held-out stems. What a model loses is its accuracy on the first minus "
    "that on the others.",
    measure,
)
_SENTENCES = {
    "unseen": "Character embeddings ease the problem of words outside the vocabulary.",
    "misspelt": "Character embeddings are robust against misspellings.",
}
CLAIMS = tuple(
    Claim(
        f"{test}-{key}",
        f"{sentence} ({language.name})",
        "000 §2.1",
        EXPERIMENT,
        f"accuracy lost on {test} words: the word model's minus the character model's",
        (f"word_lost_{test}_{key}", f"characters_lost_{test}_{key}"),
        scale=100,
        unit="points",
    )
    for test, sentence in _SENTENCES.items()
    for key, language in LANGUAGES.items()
)
