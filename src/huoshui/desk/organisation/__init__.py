"""The one organisation that this installation serves: its currency and its time zone.

Promises that both stay what the house was founded with, whatever an environment says later: amounts and days already
counted would silently mean something else.
"""
