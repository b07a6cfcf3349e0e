"""A folder with one program, x ↦ (2x, x + 1), made without TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxlib import xla_client

from conformance.programs.running.folder import MANIFEST, FileEntry, Manifest, Program, Result, manifest_text, packed

_TEXT = """HloModule twice
ENTRY main {
  x = f32[3] parameter(0)
  one = f32[] constant(1)
  ones = f32[3] broadcast(one), dimensions={}
  twice = f32[3] add(x, x)
  more = f32[3] add(x, ones)
  ROOT both = (f32[3], f32[3]) tuple(twice, more)
}"""
X = np.array([1.0, 2.0, 3.0], np.float32)
VALUE = Result("value", "value", "float32", np.array([2.0, 4.0, 6.0]), np.full(3, 0.5))
GRADIENT = Result("gradient", "x", "float32", np.array([2.0, 3.0, 4.0]), np.asarray(0.5))


def program(*results: Result) -> Program:
    """The program, held to these results."""
    code = xla_client.hlo.hlo_module_from_text(_TEXT).as_serialized_hlo_module_proto()
    return Program("abc", ("known",), "value and gradient", code, (X,), results or (VALUE, GRADIENT))


def write(folder: Path, *programs: Program, **changed: str) -> Path:
    """The folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return rewritten(folder, programs or (program(),), **changed)


def rewritten(folder: Path, programs: Sequence[Program], **changed: str) -> Path:
    content = packed(programs)
    (folder / "twice.float32.npz").write_bytes(content)
    entry = FileEntry("twice.float32.npz", "twice", "float32", len(programs), len(content), hashlib.sha256(content).hexdigest())
    manifest = Manifest("ours, XLA program, PJRT", "ours", "numpy", "0", {"python": "3"}, 0, (entry,))
    (folder / MANIFEST).write_text(manifest_text(replace(manifest, **changed)))  # type: ignore[arg-type]
    return folder
