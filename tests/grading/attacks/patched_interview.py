"""Replaces the interview in its own process: every answer is an object that equals everything."""

import bait  # isort: skip
import sys

from conformance.respondent.responses import Returned


class Everything:
    def __eq__(self, other):
        return True

    def __iter__(self):
        return iter(("value",))


child = sys.modules["conformance.grading.sandbox.inside.submission_process"]
child.interview = lambda respondent, question, seconds: {q: Returned({"value": Everything()}) for q in question.quantities}


vae_kl_loss = bait.wrong
