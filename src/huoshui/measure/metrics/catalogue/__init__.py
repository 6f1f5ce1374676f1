"""The metrics that the house brings along, by topic.

Each says in words what it counts, and what it does with returns and anonymous sales.
"""
