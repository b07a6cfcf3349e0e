"""Many seeds, form by form: `python -m tests.right_forms --seeds 50`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.right_forms.pool import pool


def main() -> int:
    """1 where a form fails; every failure is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--examples", type=int, default=40)
    parser.add_argument("--spec", default=None)
    parser.add_argument("--framework", default=None)
    asked = parser.parse_args()
    forms = [f for f in pool() if asked.spec in (None, f.spec) and asked.framework in (None, f.framework)]
    failures, remarks, started = 0, Counter[str](), time.perf_counter()
    for form in forms:
        for seed in range(asked.first, asked.first + asked.seeds):
            try:
                remarks.update(f"{form.spec}: {remark.form}" for v in form.asked(seed, asked.examples) for remark in v.remarks)
            except AssertionError as complaint:
                failures += 1
                print(f"{form.spec} {form.framework} {form.name}, seed {seed}: {complaint}\n", flush=True)
    print(f"{len(forms)} forms, {asked.seeds} seeds: {failures} failures ({time.perf_counter() - started:.0f} s)")
    for remark, count in remarks.items():
        print(f"  remarked {count} times: {remark}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
