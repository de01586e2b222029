"""The soqratic room."""
