"""What a specification that leaves it out says all the same: its gradient, where that is unique, and its error scales.

Rules of this room:

* All of it follows from the function as it is written. It is run over other arrays (`exchanged`), never read.
* What is derived fills the fields of a `Spec` that whoever wrote it by hand would fill, so that nobody else tells the two apart.
"""
