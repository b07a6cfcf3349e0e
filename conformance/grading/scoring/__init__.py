"""From a submission to its grade: checks and points, one submission, a whole class, here or on a cluster."""
