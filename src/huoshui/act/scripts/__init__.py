"""The script library 话术: what colleagues say and write to customers, found by question, stage of life and segment.

Whoever works on a task of a customer is offered what fits that customer; the library counts what is copied.
"""
