"""Grading submissions: from what was handed in to grade.json, and from that to everything that people read.

Rules of this room:

* Foreign code runs in `sandbox/inside` alone. Whoever decides about it, `scoring` above all, never imports it and never runs it.
* grade.json is what a grade is: feedback, tables and platforms are made from it and from nothing else.
* A mistake of the grader is never a student's zero: such a check has no points and such a grade no score, until it is graded again.
* A worker gets a copy of this file, so nothing is imported here.
"""
