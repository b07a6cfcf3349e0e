"""`python -m tests.derivation`: derived gradients and error scales beside the hand-made ones."""

from __future__ import annotations

from tests.derivation.tables import lines

for line in lines(examples=32):
    print(line)
