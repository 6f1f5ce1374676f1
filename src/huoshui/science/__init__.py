"""Formulas and models of customer analytics: a library of its own.

Promises: functions take and return Ibis tables and values (or arrays), work on every engine that has window
functions, and read nothing else. No Django, no files, no database, no clock: time is an argument. Knows no lake
table, only the columns it is given.
"""
