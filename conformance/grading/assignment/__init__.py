"""What is to be done and how many points it gives: the assignment's file, and the secret that its cases are drawn from.

Rules of this room:

* What comes from a teacher's file is checked whole: every mistake is one line with file, line, key, what was expected and what came.
* The seed of a submission follows from the secret and from its files alone; without the secret nobody can tell its cases.
"""
