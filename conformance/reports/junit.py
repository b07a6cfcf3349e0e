"""JUnit XML, which every CI service displays: a suite a target, a test a specification and quantity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.files import write_atomically
from conformance.judging.verdicts import Verdict

# XML 1.0 has no way to write these, and one of them in a message would spoil the whole file.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENT = {"failed": "failure", "errored": "error", "unsupported": "skipped", "not run": "skipped"}


def write(path: Path, verdicts: Sequence[Verdict]) -> None:
    """Write `junit.xml` atomically."""
    root = ET.Element("testsuites", name="conformance")
    for target in dict.fromkeys(v.target for v in verdicts):
        own = [v for v in verdicts if v.target == target]
        kinds = [_ELEMENT.get(v.outcome) for v in own]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_clean(target.label),
            tests=str(len(own)),
            failures=str(kinds.count("failure")),
            errors=str(kinds.count("error")),
            skipped=str(kinds.count("skipped")),
            time=f"{sum(v.seconds for v in own):.3f}",
        )
        for verdict in own:
            _test(suite, verdict)
    ET.indent(root)
    write_atomically(path, ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n")


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)


def _test(suite: ET.Element, verdict: Verdict) -> None:
    test = ET.SubElement(
        suite,
        "testcase",
        classname=_clean(verdict.target.label),
        name=f"{verdict.spec} {verdict.quantity}",
        time=f"{verdict.seconds:.3f}",
    )
    kind = _ELEMENT.get(verdict.outcome)
    if verdict.without_values:
        ET.SubElement(test, "system-out").text = verdict.said
    if kind is not None:
        element = ET.SubElement(test, kind, message=_clean(f"{verdict.outcome}: {verdict.reason or ''}"))
        explanation = "" if verdict.diagnosis is None else f"{verdict.diagnosis.sentence}\n"
        element.text = _clean(explanation + (verdict.reproduce or ""))
