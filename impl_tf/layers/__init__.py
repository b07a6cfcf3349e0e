"""Layers, as far as Keras does not have them in the meaning wanted here."""
