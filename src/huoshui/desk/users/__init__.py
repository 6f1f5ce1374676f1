"""Colleagues who work in the house, and the role of each.

Promises that an e-mail address stands for one person however it is written, and that nobody acts who has been
deactivated. People are never deleted, so that what they did keeps its author.
"""
