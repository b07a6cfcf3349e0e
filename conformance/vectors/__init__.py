"""Test vectors: cases with their answers in files that need neither Python nor this package.

Rules of this room:

* A file says everything that a checker has to know: inputs, answers, how far off each element may be, which elements are not compared.
* Numbers are exact in both directions: every one is written as the shortest decimal that gives the same binary64 number back.
* Nothing is believed: the hash, the schema and the id of every case are checked on reading; the tests verify the faults it says it kills.
"""
