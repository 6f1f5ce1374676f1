"""Dashboards: what a person sees at once, of the whole house or of one customer.

Promises that every figure is a registered metric or trait, evaluated where all are evaluated; nothing is counted
here a second time. Does not draw: pages, the command line and exports show the same plain values.
"""
