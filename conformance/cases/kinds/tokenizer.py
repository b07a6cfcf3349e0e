"""A tokenizer is built, fitted on texts, and asked to encode and decode them and others; what it answers is compared exactly."""

from __future__ import annotations

from conformance.cases import real_data
from conformance.cases.kinds.function import draw_arguments, simpler_arguments
from conformance.cases.kinds.kind import Kind

TOKENIZER = Kind(
    name="tokenizer",
    label="formula",
    title="Tokenizers",
    called=False,
    trained=False,
    cost=1,
    compiled_examples=8,
    attempts=120,
    measured=False,
    draw=draw_arguments,
    real=lambda spec, dtype, images: iter((real_data.text_inputs(),)),
    real_count=lambda spec: 1,
    simpler=simpler_arguments,
    options=lambda inputs: inputs,
    tensors=lambda spec: (),
)
