"""What a teacher hands out: starter files, autograders and classroom files, and the wheel that they install.

Rules of this room:

* Nothing that is handed to students holds an answer or the secret: bodies, implementations and seeds stay here.
* The same files give the same bytes; no network, no build tool and no index is needed.
"""
