"""The one organisation that this installation serves: its currency and its time zone.

Promises that both stay what the house was founded with, whatever an environment says later: amounts and days already
counted would silently mean something else.

Knows as well which instance of the house this is: a restored or copied house is fenced, so that no customer hears from
two houses. Whoever sends asks `queries.require_may_send` first.
"""
