"""Programmes that try the house harder and longer than its tests; see README.md."""
