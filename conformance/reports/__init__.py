"""What a run leaves: report.jsonl, the terminal's table and sentences, JUnit, one table of several runs, and two runs compared.

Rules of this room:

* One file writes and reads report.jsonl; everything else reads what it gives.
* A report without its footer is unfinished, and says so.
* What foreign code said goes through `escaping` before it stands in a page.
* A format writes down verdicts and decides nothing.
"""
