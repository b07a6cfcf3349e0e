"""Known mistakes and named variants, and what they say about a failure.

Rules of this room:

* A fault is data: a one-line change of the reference, the sentence that explains it, a hint that does not give the answer away.
* A changed reference is an implementation like any other. It runs through the same path as whatever is judged.
* Every fault is caught by some check, every correct rewrite passes all of them; `conformance audit` shows both.
* A diagnosis explains all cases, failed and passed alike, or it is not given. What two faults explain equally well is said of both.
"""
