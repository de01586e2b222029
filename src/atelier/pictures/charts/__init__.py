"""Small charts as SVG, each with the table that says the same."""
