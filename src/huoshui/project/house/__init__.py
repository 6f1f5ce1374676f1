"""Pages of the house as a whole: its name, its festivals, how its data are, and which version it is.

They stand at the top because they bring together what rooms below know of their own.
"""
