"""The ways on which a message reaches a person, each declared as a `huoshui.kernel.outreach.Channel`.

A way knows its own rules, its own addresses and what the other side answers. It knows nothing of campaigns and keeps
no outbox: whether a message may go out, and whether it did, is decided above it.
"""
