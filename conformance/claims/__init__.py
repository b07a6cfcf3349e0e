"""The lecture's claims as experiments: a claim says what is measured and which side of a threshold it promises.

Data run one way: catalogue of claims → measurements (one a framework and seed, kept on disk) → outcomes → table and page.

Rules of this room:

* What is measured, and the threshold, are fixed before anything is run; the verdict follows from an interval by one rule.
* Both frameworks learn from the same batches in the same order, with the same noise. Their initial weights differ.
* A claim that does not hold is a finding, not an error.
"""
