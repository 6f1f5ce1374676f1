"""Snapshots of plans, and the files that are made of them: a snapshot says the same for ever."""
