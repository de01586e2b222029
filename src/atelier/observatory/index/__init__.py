"""Observatory's own index: disposable, caught up from a ledger, asked by the pages."""
