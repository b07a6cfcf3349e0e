"""Applies an entry of the catalogue to the reference: a changed copy of its modules, the real ones untouched."""
