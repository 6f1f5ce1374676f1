"""Goals of a plan: what a metric is to reach, how it stands today, how likely it is to be reached, and why not.

Promises that a goal's actual value is the metric's own, that parts which should add up are shown to or are not, that a
probability comes from a forecast whose intervals were checked on the past, and that what cannot be known is never 0.
"""
