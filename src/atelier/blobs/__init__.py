"""The blobs room."""
