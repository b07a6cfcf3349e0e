"""Four submissions with one mistake each, and what their authors read: docs/feedback.md."""
