"""Layers, forward and vector-Jacobian product, written to be read beside the equation."""
