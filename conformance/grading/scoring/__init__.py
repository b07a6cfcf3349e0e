"""From a submission to its grade: checks and points, one submission, a whole class, on this machine or on a cluster.

Rules of this room:

* Points follow from verdicts, and verdicts from responses of a worker; the submission itself is never imported here.
* One mistake is paid for once: a part that follows from a wrong one is skipped, and says so.
* Nothing is lost with anything else: a submission, a check or a machine that fails is a grade of its own, without a score.
"""
