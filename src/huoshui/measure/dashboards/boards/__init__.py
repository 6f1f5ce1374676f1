"""Boards: dashboards that people compose of metrics, charts, lists and text, share, and get by mail.

Promises that a figure on a board is the metric's own, that a block whose data is gone says so and never shows 0, that
a list shows only whom its reader may see, and that of two who edit a board neither loses anything.
"""
