"""Grading submissions: assignment, intake, outputs."""
