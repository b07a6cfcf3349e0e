"""What was handed in: files, zips, notebooks, folders, and whose they are.

Rules of this room:

* Nothing of it is executed, nothing is extracted to disk, and no link is followed.
* Sizes are counted while reading; what an archive or a folder says of itself is not believed.
* What cannot be accepted becomes a `Refused` with one line of why, and never stops the others.
"""
