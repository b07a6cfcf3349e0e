"""The table of ratios as a page of the documentation."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from conformance.targets import environment
from tests.benchmarks.side_by_side import EPOCHS, ROUNDS, ROWS, SAMPLES, Row

_INTRODUCTION = """# Training throughput

Written by `pytest -n 0 {command}`
on {date}: {versions}; {machine}, {cores} cores, load {load}.

Every model of `impl_tf` and `impl_torch` beside the plainest model that a user would write for the same network, in Keras with `fit`, in
PyTorch with a loop ([plain_keras.py](../tests/benchmarks/plain_keras.py), [plain_torch.py](../tests/benchmarks/plain_torch.py)):
the same data, weights, batches and optimiser; one batch shows first that both have the same loss. A run is {steps} steps of {rows}
samples. Both run by turns, {rounds} times after two rounds that warm them up, so that whatever else the machine does hits both.

The ratio is plain / own, the median of all rounds: above 1, the project's model is faster. **By the clock** counts what other programs on
the machine take; **by work** counts seconds of the processor alone. The aim is 0.95.

| | plain, ms a step | own, ms a step | ratio by the clock | ratio by work |
|---|---:|---:|---:|---:|
"""


def page(rows: Sequence[Row], devices: Sequence[str]) -> str:
    """The table with all that a reader has to know of it."""
    versions = environment.versions()
    line = ", ".join(f"{name} {versions[name]}" for name in ("python", "tensorflow", "keras", "torch") if name in versions)
    introduction = _INTRODUCTION.format(
        command=_command(rows, devices), date=time.strftime("%Y-%m-%d"), versions=line,
        machine=environment.machine(devices), cores=os.cpu_count(),
        load=f"{os.getloadavg()[1]:.1f}", steps=EPOCHS * SAMPLES // ROWS, rows=ROWS, rounds=ROUNDS,
    )  # fmt: skip
    lines = [f"| {row.name} | {row.steps[0]:.2f} | {row.steps[1]:.2f} | {row.ratio:.2f} | {row.of_work:.2f} |" for row in rows]
    least = min(rows, key=lambda row: row.of_work)
    return introduction + "\n".join([*lines, "", f"Least ratio by work: {least.of_work:.2f} ({least.name}).", ""])


def _command(rows: Sequence[Row], devices: Sequence[str]) -> str:
    frameworks = dict.fromkeys(row.name.partition(" ")[0] for row in rows)
    files = " ".join(f"tests/benchmarks/test_training_{framework}.py" for framework in frameworks)
    elsewhere = "".join(f" --device {device}" for device in devices if device != "cpu")
    return f"{files}{elsewhere} --ratios {'docs/performance.md' if not elsewhere else 'FILE'}"
