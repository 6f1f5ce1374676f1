"""The composition root: settings, command line, and what puts the rooms together.

Imports everyone and is imported by none. Holds no rule of the trade.
"""
