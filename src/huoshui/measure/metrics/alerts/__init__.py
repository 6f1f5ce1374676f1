"""Alerts: who asked is told when a metric leaves a line, or the range in which its past lets it be expected.

Promises: looks at whole periods only, once for each state of the figures; one task while it lasts and one letter; a
figure that nobody knows is said to be unknown and never taken for 0.
"""
