"""Lecture 000, listings 1 and 2: texts as padded rows of character ids, and an LSTM that reads them.

The listing has three texts. What reading characters is good for shows on words whose stems were never seen: is a Turkish or
Finnish noun plural? To a vocabulary of whole words all of them are the same unknown word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from conformance.languages import LANGUAGES, Language, Words, plural_or_not, split
from examples import drawing
from examples.experiment import Experiment

TEXTS = ["hello world", "machine learning", "deep learning"]
_COLOURS = {"turkish": drawing.ORANGE, "finnish": drawing.BLUE}


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    drawn = drawing.figure(4.5)
    above, below = drawn.subplots(2, 1, height_ratios=(1, 2.1))
    _draw_padded(above, run)
    epochs = run.epochs(12)
    for name, language in LANGUAGES.items():
        accuracy, commoner = _accuracy_on_new_stems(run, language, epochs)
        print(f"{language.name}: {accuracy[-1]:.1%} of the words of unseen stems right; always the commoner class: {commoner:.1%}")
        below.plot(range(1, epochs + 1), 100 * accuracy, color=_COLOURS[name], marker="o", markersize=3)
        below.axhline(100 * commoner, color=_COLOURS[name], linestyle=":")
        lowest = min(accuracy[-3:])  # the text stands right, clear of the curve
        for text, share in ((f"{language.name}, LSTM", lowest), (f"{language.name}, always the commoner class", commoner)):
            below.text(epochs + 0.4, 100 * share - 1.5, text, color=_COLOURS[name], ha="right", va="top")
    below.set_title("Listing 2: is the noun plural? Judged on words of stems that were never seen")
    below.set_xlabel("epoch")
    below.set_ylabel("accuracy / %")
    below.set_xlim(0.5, epochs + 0.5)
    below.set_ylim(40, 102)
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    return drawing.save(drawn, run.out, "character_classifier")


def _draw_padded(axes: Axes, run: Experiment) -> None:
    """Listing 1: each character in its cell, its id below; padding is empty."""
    tokenizer = run.package.CharTokenizer().fit(TEXTS)
    padded = run.package.pad_sequences(tokenizer.encode(TEXTS), padding="post")
    padded = np.asarray(padded)
    model = run.model("CharClassifier", vocabulary_size=len(tokenizer.vocabulary) + 1)
    print(
        f"listing 1: padded {padded.shape}, {len(tokenizer.vocabulary)} characters; listing 2: {model.parameter_count:,} parameters"
    )
    axes.imshow(np.where(padded, padded, np.nan), cmap="Blues", vmin=-2, vmax=34, aspect="auto")
    for (row, column), identity in np.ndenumerate(padded):
        text = TEXTS[row][column] if identity else ""
        axes.text(column, row - 0.12, "␣" if text == " " else text, ha="center", va="center", fontsize=10)
        axes.text(column, row + 0.3, str(identity), ha="center", va="center", fontsize=6, color="#374151")
    axes.set_title("Listing 1: character ids, padded with 0 to the longest text")
    axes.set_xticks(np.arange(padded.shape[1] + 1) - 0.5, labels=[])
    axes.set_yticks(np.arange(len(TEXTS) + 1) - 0.5, labels=[])
    axes.grid(True, color="white", linewidth=2)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _accuracy_on_new_stems(run: Experiment, language: Language, epochs: int) -> tuple[np.ndarray, float]:
    """The share of held-out words that are judged right after each epoch, and by the class that is commoner in training."""
    train, test = (plural_or_not(forms, run.seed) for forms in split(language, seed=run.seed))
    if run.quick:
        train, test = Words(train.words[:256], train.labels[:256]), Words(test.words[:128], test.labels[:128])
    tokenizer = run.package.CharTokenizer().fit(list(train.words))
    width = max(map(len, train.words))
    characters, unseen = (
        np.asarray(run.package.pad_sequences(tokenizer.encode(list(part.words)), maxlen=width, padding="post")).astype(np.int64)
        for part in (train, test)
    )
    model = run.model("CharClassifier", vocabulary_size=len(tokenizer.vocabulary) + 1)
    accuracy: list[float] = []

    def judge() -> None:
        probability = run.call(model.inference, unseen)["probability"]
        accuracy.append(float(np.mean((probability > 0.5) == (test.labels > 0.5))))

    batch = {"characters": characters, "labels": train.labels}
    run.train(model, batch, epochs, batch_size=64, learning_rate=2e-3, after_epoch=judge)
    commoner = train.labels.mean() > 0.5
    return np.array(accuracy), float(np.mean((test.labels > 0.5) == commoner))


if __name__ == "__main__":
    main()
