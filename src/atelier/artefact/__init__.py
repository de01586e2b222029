"""The artefact room."""
