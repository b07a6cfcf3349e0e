"""What a student, a teacher and a platform read of a grade: text, Markdown, HTML, CSV, Gradescope; English and Korean.

Rules of this room:

* It decides nothing: outcomes and points come from a grade, which is put into words once for every format.
* What a student may not see is left out before anything is written; Gradescope alone is told of it, and when to show it.
* Text of a submission is untrusted in each of them: it is cleaned first and escaped by whoever writes it.
"""
