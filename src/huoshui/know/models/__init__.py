"""Models of the house: what was learnt from the facts, when, from how much, and how well it holds.

Promises that each training is kept as a numbered version with its parameters as JSON and a card that says whether the
data sufficed, and that any past day is told by the newest version that knew nothing later. Knows no formula: rooms
above declare their kinds of models.
"""
