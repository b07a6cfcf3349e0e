"""What a run leaves: report.jsonl, the terminal's table and sentences, JUnit, and one table of several runs.

Rules of this room:

* One file writes and reads report.jsonl; everything else reads what it gives.
* A report without its footer is unfinished, and says so.
* A format writes down verdicts and decides nothing.
"""
