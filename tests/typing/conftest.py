"""These files are read by type checkers and never run."""

collect_ignore = ["api.py", "bad_api.py"]
