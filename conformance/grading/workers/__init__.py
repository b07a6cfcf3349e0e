"""Warm processes that hold one submission each, and how the judge talks to them."""
