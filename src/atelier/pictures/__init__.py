"""Pictures as SVG, drawn by pure functions: layered graphs and small charts."""
