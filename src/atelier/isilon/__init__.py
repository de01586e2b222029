"""The isilon room."""
