"""The API: the same reading as the pages', as JSON."""
