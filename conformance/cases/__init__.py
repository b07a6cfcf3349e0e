"""Domain -> values -> case: what is drawn, what is real, what is stored, and how a failing case is made small.

Rules of this room:

* A case is data. It knows its specification by name, and holds no answer.
* Nothing leaves its domain, and every number is one of the dtype's numbers.
* A seed and the versions reproduce every case.
"""
