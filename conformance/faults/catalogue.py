"""Every entry by id, from the files that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from conformance.faults import (
    activity,
    autoencoders,
    behaviour,
    characters,
    classifiers,
    convolution,
    cross_entropy,
    generative,
    gradients,
    gradients_of_reconstruction,
    gradients_of_sparsity,
    interface,
    layers,
    masking,
    optimizers,
    padding,
    penalties,
    pretraining,
    reconstruction,
    recurrence,
    rewrites,
    rewrites_of_layers,
    rewrites_of_models,
    sampling,
    second_head,
    sparsity,
    tokenization,
    training,
    variational,
    variational_variants,
)
from conformance.faults.fault import Fault, Kind

_FILES = (
    sparsity,
    layers,
    recurrence,
    convolution,
    autoencoders,
    penalties,
    pretraining,
    generative,
    variational_variants,
    classifiers,
    masking,
    optimizers,
    training,
    activity,
    variational,
    second_head,
    sampling,
    reconstruction,
    cross_entropy,
    tokenization,
    characters,
    padding,
    gradients,
    gradients_of_reconstruction,
    gradients_of_sparsity,
    interface,
    behaviour,
    rewrites,
    rewrites_of_layers,
    rewrites_of_models,
)


@cache
def entries() -> Mapping[str, Fault]:
    """All of them by id, in the order of the files."""
    found: dict[str, Fault] = {}
    for file in _FILES:
        for fault in file.ENTRIES:
            if fault.id in found:
                raise ValueError(f"faults: expected every id once, got {fault.id!r} twice")
            found[fault.id] = fault
    return found


@cache
def entries_for(spec: str, kinds: tuple[Kind, ...] = ("fault", "variant")) -> tuple[Fault, ...]:
    """Those that touch a specification."""
    return tuple(fault for fault in entries().values() if spec in fault.specs and fault.kind in kinds)


@cache
def known_variants(spec: str) -> frozenset[str]:
    """Ids of the meanings of a specification, legitimate elsewhere, that an assignment may accept; none for an unknown name."""
    return frozenset(fault.id for fault in entries_for(spec, ("variant",)))
