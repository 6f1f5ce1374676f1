"""Measures of a plan: what is done, by whom, when, after what, at what cost, and what it really added.

Promises that measures never wait for each other in a ring, that one which begins too early is told and not hidden, and
that the effect which counts is the measured lift of its campaigns; what is not known says from when it will be.
"""
