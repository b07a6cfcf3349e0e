"""The library of what is right, what is right elsewhere and what is wrong, to read: in a terminal, in Markdown, and as `docs/library/`.

Rules of this room:

* It says what specifications and the catalogue of mistakes say, and knows nothing of its own.
* A page is blocks; how they look is the business of one file a format.
"""
