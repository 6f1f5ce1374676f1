"""Plans 客户发展管理计划书: what a company intends for its customers, and how it stands today.

Promised: a plan is written in parts of blocks; figures, charts, goals, budgets and timelines in it are live and are the
same as everywhere else; what is not known yet says when it will be, and is never 0. Nothing that somebody wrote is lost
when two write at once. A snapshot freezes every number, chart and word of a day: it exports to the same file later,
whatever happened to the data since. What a measure counts for is its measured lift (`measure/experiments`), never the
hope of who planned it.
"""
