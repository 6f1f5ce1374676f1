"""The budget of a plan by channel, measure and month: planned, committed, spent, what remains and what came back.

Promises that every total is exactly the sum of its cells, that what was spent is the metric's own figure, and that what
is not known is never 0.
"""
