"""What a student, a teacher and a platform read of a grade: text, Markdown, HTML, CSV, Gradescope; English and Korean.

Rules of this room:

* One view of a grade serves every format; a format only writes it down.
* Text of a submission is untrusted in each of them.
"""
