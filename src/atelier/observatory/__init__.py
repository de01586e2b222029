"""Observatory: a reader that shows the ledger in a browser, and the door to start workflows."""
