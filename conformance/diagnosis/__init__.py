"""Which known mistake gives these answers; where none does, what the wrong ones have in common.

Rules of this room:

* A diagnosis explains every answer, right ones and wrong ones alike, or it is not given. What two mistakes explain
  equally well is said of both.
* It is bounded by counted work, never by a clock: a grade does not depend on how busy a machine is.
"""
