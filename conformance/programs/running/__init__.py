"""Running a folder of programs, and saying what came of it. NumPy and jaxlib are all that it needs."""
