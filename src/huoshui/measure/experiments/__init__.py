"""Experiments: what an action added, read from people who were treated and people who were not.

Promises: a table of results from elsewhere, one row per person, is read into differences with their intervals; kept are
the moments of each arm, never the people. Every reading says how its arms were drawn, or why it cannot be known. Knows
no campaign and no segment.
"""
