"""The value of a customer: what they spent, how often and how recently, and the class that follows from it.

Promises one definition of a purchase's worth for the whole house, before returns and after. Does not predict: the
worth of the future belongs to a room of its own.
"""
