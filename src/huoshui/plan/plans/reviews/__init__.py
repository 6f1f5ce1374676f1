"""Reviews of a plan: when they are due, what they talk about, what they saw and decided; and the plan's story.

Promises that the numbers of a review that was held never change, and that a decision and its task come together or not
at all.
"""
