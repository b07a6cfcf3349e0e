"""`python -m conformance.programs run DIR`."""

from __future__ import annotations

import sys

from conformance.programs.running.command import main

if __name__ == "__main__":
    sys.exit(main())
