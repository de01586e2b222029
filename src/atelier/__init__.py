"""Atelier: a harness for multi-stage AI."""
