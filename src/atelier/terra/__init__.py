"""The terra room."""
