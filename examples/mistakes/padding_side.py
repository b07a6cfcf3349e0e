"""Padding of sequences, on the wrong side."""

import numpy as np


def pad_sequences(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    length = max(map(len, sequences), default=0) if maxlen is None else maxlen
    padded = np.full((len(sequences), length), value, dtype=np.int32)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[len(sequence) - length :] if truncating == "pre" and len(sequence) > length else sequence[:length]
        if padding == "pre":
            row[: len(kept)] = kept
        else:
            row[length - len(kept) :] = kept
    return padded
