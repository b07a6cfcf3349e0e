"""Specifications with their default cases, made once a process."""

from __future__ import annotations

from functools import cache

from conformance.audit.diagnosis_accuracy import Examination
from reference.specification import catalogue


@cache
def examination(spec: str, dtype: str = "float64") -> Examination:
    """The default cases of `conformance verify`."""
    return Examination(catalogue()[spec], dtype, 0, 100)
