"""The embedding: row i of a table for id i."""

from __future__ import annotations

import numpy as np

from reference.specification import Array


def embedding(ids: Array, table: Array) -> Array:
    """table[ids], for ids (B, T) and table (V, E); the result is (B, T, E)."""
    return table[ids]


def embedding_vjp(cotangent: Array, ids: Array, table: Array) -> Array:
    """Cotangent of the table: every row gathers the cotangents of all places where its id stands."""
    gradient = np.zeros(table.shape, dtype=cotangent.dtype)
    np.add.at(gradient, ids, cotangent)
    return gradient
