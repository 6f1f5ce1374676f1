"""The stage of life a customer is in, by the customer's own rhythm of buying.

Promises every customer exactly one stage. What is done about it, the rooms of ``act`` decide.
"""
