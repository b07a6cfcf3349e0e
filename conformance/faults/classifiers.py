"""Character and hybrid classifiers around their cells."""

from __future__ import annotations

from conformance.faults.families import CHARACTER_MODELS, UNSEEN
from conformance.faults.fault import Change, Fault

_BINARY = "models.character:_BinaryClassifier"
_CHARACTERS = "models.character:CharClassifier"
_HYBRID = "models.character:HybridClassifier"
_LSTM_CELL = "models.sequence_cells:Lstm.forward"
_CALL = 'binary_cross_entropy(self._labels(labels, len(named["logits"])), named["logits"])'
_LABELS = 'self._labels(labels, len(named["logits"]))'


def _binary(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, CHARACTER_MODELS, sentence, hint, seen, changes=changes)


def _hybrid(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, ("HybridClassifier",), sentence, hint, seen, changes=changes)


_OF_CHARACTERS = (
    _binary(
        "summary_of_first_step",
        "The LSTM's summary is its first state instead of its last.",
        "Does the logit change when the last character does?",
        "(B, T, H) indexed as (T, B, H), with and without batch_first",
        Change(_LSTM_CELL, "states[:, -1]", "states[:, 0]"),
    ),
    _binary(
        "summary_is_mean",
        "The LSTM's summary is the mean of its states instead of the last.",
        "Is it right for texts of one character?",
        "pooling added on top of return_sequences=True",
        Change(_LSTM_CELL, "states[:, -1]", "states.mean(axis=1)"),
    ),
    _binary(
        "summary_is_maximum",
        "The LSTM's summary is the maximum of its states over time instead of the last.",
        "Is it right for texts of one character?",
        "GlobalMaxPooling1D behind every cell",
        Change(_LSTM_CELL, "states[:, -1]", "states.max(axis=1)"),
    ),
    _binary(
        "probability_without_sigmoid",
        "The probability is the logit.",
        "Are there probabilities outside [0, 1]?",
        "models for losses from logits, used without a sigmoid",
        Change(f"{_BINARY}._head", "sigmoid(logits)", "logits"),
    ),
    _binary(
        "probability_of_class_0",
        "The probability is that of class 0.",
        "To which class does a large logit belong?",
        UNSEEN,
        Change(f"{_BINARY}._head", "sigmoid(logits)", "sigmoid(-logits)"),
    ),
    _binary(
        "probabilities_as_logits",
        "The cross-entropy from logits is given probabilities, so the sigmoid is applied twice.",
        "Can the loss come near zero?",
        "BCEWithLogitsLoss or from_logits=True behind a sigmoid",
        Change(
            f"{_BINARY}._binary_loss",
            'labels, len(named["logits"])), named["logits"]',
            'labels, len(named["logits"])), named["probability"]',
        ),
    ),
    _binary(
        "labels_broadcast",
        "Labels of shape (B,) are broadcast against logits of shape (B, 1): every text is compared with every label.",
        "How many numbers is the loss a mean of?",
        "binary_cross_entropy with (N,) labels and (N, 1) logits, in countless threads",
        Change(
            f"{_BINARY}._binary_loss",
            _CALL,
            f'binary_cross_entropy(*np.broadcast_arrays({_LABELS}.T, named["logits"]))',
        ),
        Change(
            f"{_BINARY}._head_vjp",
            'vjp(np.ones(()), targets, named["logits"])',
            'vjp(np.ones(()), np.full_like(targets, targets.mean()), named["logits"])',
        ),
    ),
    _binary(
        "labels_inverted",
        "The classes are exchanged in the loss.",
        "What is the loss of a large logit with label 1?",
        UNSEEN,
        Change(f"{_BINARY}._binary_loss", _LABELS, f"1.0 - {_LABELS}"),
        Change(f"{_BINARY}._head_vjp", "targets = self", "targets = 1.0 - self"),
    ),
    _binary(
        "cross_entropy_summed",
        "The cross-entropy is summed over the batch instead of averaged, so the step depends on B.",
        "How does the loss change when every text is stated twice?",
        'reduction="sum"',
        Change(f"{_BINARY}._binary_loss", "return ", 'return len(named["logits"]) * '),
        Change(f"{_BINARY}._head_vjp", "np.ones(())", "np.asarray(len(features))"),
    ),
    _binary(
        "squared_error_of_probability",
        "The loss is the squared error of the probability instead of the cross-entropy.",
        "What is the loss of a certain but wrong answer?",
        'compile(loss="mse") left from the autoencoder',
        Change(f"{_BINARY}._binary_loss", _CALL, f'np.mean((named["probability"] - {_LABELS}) ** 2)'),
        Change(f"{_BINARY}._head_vjp", '["logits"]\n', '["logits"] * 2.0 * named["probability"] * (1.0 - named["probability"])\n'),
    ),
    _binary(
        "predict_gives_logits",
        "Used, the model returns logits instead of probabilities.",
        "Is what the model says of a batch between 0 and 1?",
        "models for losses from logits, used without a sigmoid",
        Change(f"{_CHARACTERS}.inference", '(characters)["probability"]', '(characters)["logits"]'),
        Change(f"{_HYBRID}.inference", '(characters, word)["probability"]', '(characters, word)["logits"]'),
    ),
    _binary(
        "embedding_not_trained",
        "No gradient reaches the character embedding.",
        "Which parameters are still what they were after a training step?",
        "ids looked up outside the graph",
        Change(f"{_CHARACTERS}.gradients", "= embedding_vjp(", "= 0.0 * embedding_vjp("),
        Change(f"{_HYBRID}.gradients", "= embedding_vjp(embedded_bar", "= 0.0 * embedding_vjp(embedded_bar"),
    ),
)

_OF_WORDS = (
    _hybrid(
        "hybrid_parts_exchanged",
        "The word's vector stands before the characters' summary.",
        "Which rows of the head belong to which part?",
        UNSEEN,
        Change(f"{_HYBRID}.activations", "[summary, of_word]", "[of_word, summary]"),
    ),
    _hybrid(
        "hybrid_word_ignored",
        "The word's vector is left at zero.",
        "Does the logit change when the word does?",
        UNSEEN,
        Change(f"{_HYBRID}.activations", "[summary, of_word]", "[summary, 0.0 * of_word]"),
    ),
    _hybrid(
        "hybrid_characters_ignored",
        "The characters' summary is left at zero.",
        "Does the logit change when the characters do?",
        UNSEEN,
        Change(f"{_HYBRID}.activations", "[summary, of_word]", "[0.0 * summary, of_word]"),
    ),
    _hybrid(
        "hybrid_word_of_first_sample",
        "All samples share the first one's word.",
        "Is it right for a single sample?",
        UNSEEN,
        Change(f"{_HYBRID}.activations", "words[:, 0]", "np.repeat(words[:1, 0], len(ids))"),
    ),
    _hybrid(
        "hybrid_word_not_trained",
        "No gradient reaches the word embedding.",
        "Which parameters are still what they were after a training step?",
        UNSEEN,
        Change(f"{_HYBRID}.gradients", "= embedding_vjp(word_bar", "= 0.0 * embedding_vjp(word_bar"),
    ),
)

ENTRIES = (*_OF_CHARACTERS, *_OF_WORDS)
