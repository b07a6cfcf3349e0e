"""Where the parameters of a model lie."""

from __future__ import annotations

from typing import Any

from conformance.respondent.frameworks import Framework
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom


def refuse_strays(framework: Framework, model: Any, device: str) -> None:
    """Raises NotAnAnswer for the first parameter that lies on another device than the model was put on."""
    for name, elsewhere in framework.strays(model, device).items():
        raise NotAnAnswer(f"its parameter {name!r} lies on {elsewhere}, expected {device}", Symptom.WRONG_DEVICE)
