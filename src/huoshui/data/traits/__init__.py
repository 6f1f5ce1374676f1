"""Traits: everything we know of a customer as one value each, as of any moment.

Promises that all registered traits are computed together, one pass per relation of the facts, from one consistent
picture, and that every stored value says as of when and when it was computed. Does not know which traits there are:
the rooms above declare them.
"""
