"""The outbox to customers: every message on its way, from being wanted to what came of it.

Promises that a marketing message goes out at most once per person, channel, occurrence and origin, and that what may
have gone out or not is *uncertain* until a person decides; that any other message goes out at least once, each time
with the same key; that consent, caps and quiet hours hold at the moment a message is handed over; and that every
message that was wanted is counted in exactly one state, with the reason where it was left out.

An *origin* enqueues, a *channel* hands over (`kernel/outreach.py`); this room knows neither. An *errand* is what one
origin wants on one channel. A *lane* is a channel with its pace and its breaker; a *holder* is one worker on one lane.
"""
