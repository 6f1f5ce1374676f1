"""Holdouts: who is left out, so that what an action added can be known.

Promises: lots are drawn once, by a law that anybody can draw again (`science.drawing`); the terms of a
trial (goal, horizon, largest amount counted, share, variants) are fixed before it starts and never change; who was in
the global control group at any time stays known; every assignment is a fact of the lake (`decisions`). Knows nothing of
campaigns: whatever draws lots names itself, such as ``campaign:12``.
"""
