"""The doors: who is let in, from where, to what, and within which limits."""
