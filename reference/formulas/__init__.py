"""Formulas, one file a family, each a plain function with its specification beside it."""
