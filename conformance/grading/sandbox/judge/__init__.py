"""The ends of the sandbox that stay outside: a worker's files, pools of workers, channels, and what comes back through them.

Rules of this room:

* Nothing that comes out of a worker is trusted: sizes and types are checked before anything is made of it, and every wait has an end.
* It keeps the time, and ends a process from outside.
* It never imports foreign code. Whatever a submission does becomes a response; a wall that is missing is the grader's fault.
"""
