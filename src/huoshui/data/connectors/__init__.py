"""Connectors: the doors that files come in by.

Promises: nothing is dropped silently (``rows = loaded + rejected``), a bad row does not stop the good ones, a bad
file loads nothing, the same file again changes nothing, and every load can be taken back. Guesses (delimiter, types,
mapping, source) are shown and can be overruled.
"""
