"""Campaigns: one message, in variants, to the people of an audience, some of whom are left out to compare.

Promised: the audience is computed in one picture of the house, and each of its people is accounted for at every moment:
sent, uncertain, pending, suppressed, failed or held out. What is compared is fixed before the start. Whether and when a
message leaves is for the outbox (`act/messages`) to say; what a campaign added, for `measure/experiments`.
"""
