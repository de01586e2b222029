"""The aggregate room."""
