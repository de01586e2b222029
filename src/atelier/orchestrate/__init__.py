"""The orchestrate room."""
