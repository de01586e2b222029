"""A typed graph of stages: declared, checked, planned and run."""
