"""Where a crash of a submission becomes a response: how its process ended, as the fork server reports it."""

from __future__ import annotations

import json
import math
import os
import select
from collections.abc import Mapping
from typing import Any

from conformance.respondent.responses import Crashed, OverLimit, Response
from conformance.workers.exits import crashed, signal_name

_SECONDS_TO_REPORT = 10.0


def read_exit_report(handle: int) -> Mapping[str, Any]:
    """What the fork server, which can be trusted, says about the end of its child; empty if it says nothing."""
    ready, _, _ = select.select([handle], [], [], _SECONDS_TO_REPORT)
    text = os.read(handle, 4096) if ready else b""
    return json.loads(text) if text else {}


def response_of_exit(report: Mapping[str, Any], seconds_total: float) -> Response:
    """The response that an exit code or a signal stands for; so many seconds of processor time were allowed."""
    code = report.get("code")
    if code is None:
        return Crashed("in an unknown way")
    if code < 0 and signal_name(-code) in ("SIGXCPU", "SIGKILL") and report["seconds"] >= math.floor(seconds_total):
        return OverLimit(f"{seconds_total:g} s of processor time")
    return crashed(code)
