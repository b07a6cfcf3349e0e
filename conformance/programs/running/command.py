"""`python -m conformance.programs run DIR`: arguments, what is printed, exit codes. Plain Python: no typer, no rich."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.errors import NotRun, UnknownChoice, UnusablePrograms, UnwritableReport
from conformance.programs.running import pjrt
from conformance.programs.running.folder import Manifest, read_folder
from conformance.programs.running.pjrt import Device
from conformance.programs.running.report import Report, Verdict
from conformance.programs.running.run import verdicts

CONFORMS, DIFFERS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is what `conformance` has for the same."""
    arguments = _parser().parse_args(words)
    report = None if arguments.report is None else Path(arguments.report)
    try:
        return _run(Path(arguments.folder), report, arguments.device, arguments.jobs)
    except (NotRun, UnknownChoice, UnusablePrograms, UnwritableReport) as error:
        print(error.line, file=sys.stderr)
        return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.programs", description="Run what `conformance programs export` wrote."
    )
    run = parser.add_subparsers(required=True).add_parser(
        "run",
        help="run a folder on every device that jaxlib sees",
        epilog="Exit code 0: all conforms. 1: something does not. 2: it could not run. 130: interrupted.",
    )
    run.add_argument("folder", metavar="DIR", help="what `conformance programs export` wrote")
    run.add_argument("--report", metavar="DIR", help="folder for report.jsonl, which `conformance table` reads")
    run.add_argument("--device", action="append", metavar="NAME", help="cpu, cuda, cuda:1 …; every one by default")
    run.add_argument(
        "--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N", help="programs compiled at once; the cores by default"
    )
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def _run(folder: Path, report: Path | None, names: Sequence[str] | None, jobs: int) -> int:
    started = time.perf_counter()
    manifest = read_folder(folder)
    devices = _chosen(pjrt.devices(), names)
    done: list[Verdict] = []
    with Report(report, manifest, _header(manifest, devices)) as lines:
        progress = _Progress(sum(entry.programs for entry in manifest.files) * len(devices))
        try:
            for verdict in verdicts(manifest, devices, jobs, progress.advance):
                done.append(verdict)
                lines.write(verdict)
                if verdict.wrong:
                    progress.clear()
                    print(
                        f"{verdict.spec} {verdict.quantity} {verdict.dtype} {verdict.device}: {verdict.outcome}: {verdict.reason}"
                    )
            lines.finish(time.perf_counter() - started)
        except KeyboardInterrupt:
            progress.clear()
            _say(manifest, devices, done, time.perf_counter() - started)
            kept = "" if lines.unfinished is None else f"; they are in {lines.unfinished}"
            print(f"Interrupted after {len(done)} verdicts{kept}.", file=sys.stderr)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(INTERRUPTED)  # a compiler that is at work would be waited for
    progress.clear()
    _say(manifest, devices, done, time.perf_counter() - started)
    return DIFFERS if any(verdict.wrong for verdict in done) else CONFORMS


def _chosen(devices: Sequence[Device], names: Sequence[str] | None) -> list[Device]:
    known = {device.name: device for device in devices}
    for name in names or ():
        if name not in known:
            raise UnknownChoice(f"device: expected one that jaxlib sees here, {', '.join(known)}; got {name!r}")
    return [known[name] for name in dict.fromkeys(names)] if names else list(devices)


def _header(manifest: Manifest, devices: Sequence[Device]) -> dict[str, Any]:
    """`versions` are of what made the programs, as in a report of `verify`; `ran_with` are of what ran them."""
    kinds = {device.name: device.title for device in devices}
    return {
        "version": manifest.version,
        "versions": dict(manifest.versions),
        "machine": f"{platform.system()} {platform.machine()}",
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seed": manifest.seed,
        "specs": list(dict.fromkeys(entry.spec for entry in manifest.files)),
        "targets": [manifest.target],
        "ran_with": {"python": platform.python_version(), **pjrt.versions()},
        "devices": kinds,
        "platforms": {device.name: device.client.platform_version for device in devices},
        "not_exported": len(manifest.not_exported),
    }


def _say(manifest: Manifest, devices: Sequence[Device], done: Sequence[Verdict], seconds: float) -> None:
    for device in devices:
        mine = [verdict for verdict in done if verdict.device == device.name]
        passed = sum(verdict.outcome == "passed" for verdict in mine)
        largest = max((v.comparison.budget_used for v in mine if v.comparison is not None), default=0.0)
        print(
            f"{device.name} ({device.title}): {passed} of {len(mine)} verdicts passed, "
            f"largest fraction of an error budget {largest:.3g}"
        )
    print(
        f"{manifest.target}: {seconds:.1f} s; {len(manifest.not_exported)} things are no program, {manifest.folder}/manifest.json says why"
    )


class _Progress:
    """A counter on standard error, where that is a terminal."""

    def __init__(self, total: int) -> None:
        self._total, self._count, self._shown = total, 0, sys.stderr.isatty()

    def advance(self) -> None:
        self._count += 1
        if self._shown:
            print(f"\r{self._count}/{self._total} programs", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
