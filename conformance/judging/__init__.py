"""Expectation + response -> comparison -> verdict, for every case of a plan.

Rules of this room:

* What is expected is computed from the reference alone, and no target ever sees it.
* A budget comes from `conformance.tolerance` and from nowhere else.
* A verdict says what was asked, what came, and the command that shows it again.
"""
