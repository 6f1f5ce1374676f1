"""Segments: the language in which the company says "these customers"."""
