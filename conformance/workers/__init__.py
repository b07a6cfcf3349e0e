"""Targets in processes of their own, so that what one of them does to its process is said of it and of nothing else.

Grading builds walls against a submission; here are none: a target is the user's own code. What is left is what no care can prevent: a
target that ends its process, never comes back, fills the memory, or needs a framework that does not go with another's.

    * The judge holds the cases and the answers, and asks; a target's process holds one module in one framework, and answers
      (`target_process`). They share a socket, and what comes out of it is data (`conformance.respondent.wire`).
    * A process that ends is a response. The next specification finds a new one.
    * Several judges share the specifications of a run (`judges`); each has target processes of its own, so that nobody waits for another.
    * Everything is forked from a process that has imported no framework; one that has is never forked (`forking`).
"""
