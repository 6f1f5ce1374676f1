"""Metrics: every figure of the house, declared once and evaluated in one place.

Promises that page, export, plan and command line show the same number for the same period and slice, and that every
number opens down to the customers behind it. Does not store figures and does not know who shows them.
"""
