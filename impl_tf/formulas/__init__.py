"""Formulas, one file a family, each a plain function of tensors."""
