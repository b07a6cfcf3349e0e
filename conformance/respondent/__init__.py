"""All that runs beside foreign code, in this process or in a worker.

Rules of this room:

* It knows no answer: it imports nothing of the reference, of cases, expectations, comparisons or targets. It is copied whole into a worker.
* Whatever a target does (raise, print, exit, return nonsense, change its inputs, never return) becomes a response.
"""
