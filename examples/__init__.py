"""The lecture's listings as scripts: `python -m examples.NAME --framework tf|torch`; each saves its figure."""
