"""Layers, as far as torch.nn does not have them in the meaning wanted here."""
