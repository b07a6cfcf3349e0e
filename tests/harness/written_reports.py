"""Reports with the lines that a test gives, in a folder as `verify --report` leaves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.reports.jsonl import FINISHED, SCHEMA, Report

HEADER = {
    "kind": "header",
    "schema": SCHEMA,
    "versions": {"torch": "2.13"},
    "machine": "Linux",
    "started": "2030-01-02T",
    "seed": 3,
}


def verdict(**changed: Any) -> dict[str, Any]:
    """A line of a check that passes, but for what is changed."""
    plain = {
        "kind": "verdict", "spec": "vae_kl_loss", "target": "mine", "device": "cpu", "dtype": "float32", "mode": "eager",
        "quantity": "value", "outcome": "passed", "cases": 10, "budget_used": 0.25, "reason": None,
    }  # fmt: skip
    return {**plain, **changed}


def written(folder: Path, *verdicts: dict[str, Any], **header: Any) -> Path:
    """A finished report in a new folder."""
    folder.mkdir()
    conforms = all(v["outcome"] not in ("failed", "errored") for v in verdicts)
    footer = {"kind": "footer", "verdicts": len(verdicts), "conforms": conforms, "seconds": 2.0}
    lines = [{**HEADER, **header}, *verdicts, footer]
    (folder / FINISHED).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return folder


def held(*verdicts: dict[str, Any], **header: Any) -> Report:
    """The same, never written."""
    return Report({**HEADER, **header}, verdicts, {"kind": "footer"})
