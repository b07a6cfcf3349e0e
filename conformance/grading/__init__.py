"""Grading submissions: assignment, intake, isolation, workers, scores."""
