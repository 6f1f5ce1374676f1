"""Receipts: why somebody got a message, and why not.

Promises one answer to "why did I get this, why not": the rule and the values it looked at, consent, lots, caps, times,
and what the other side answered, of every message that was wanted for a person, sent or left out. Holds no table: it
reads what the rooms below have stored.
"""
