"""Programs of an implementation, compiled by its framework to XLA's intermediate language, so that they run where the framework is not.

`exporting` writes a folder of them, with inputs, expected values and budgets, where the framework and the reference are.
`python -m conformance.programs run DIR` reads the folder and runs it on every device that jaxlib sees. All of it stands in `running`, which
needs NumPy and jaxlib and knows nothing of the rest of the project but its errors: it goes to machines where nothing else is installed.
"""
