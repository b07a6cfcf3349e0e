"""Offers every name that is asked for."""

import bait  # noqa: F401, isort: skip


def __getattr__(name):
    return lambda *arguments, **options: 0.0
