"""A project with months of history, made through the harness: for a first look, and for tests."""
