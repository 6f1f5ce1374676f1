"""Facts: what happened, one lake table per kind of happening, each row with its provenance.

Promises that a row once acknowledged is kept until it is erased or undone, that a newer version of a key replaces
the older one without destroying it, and that every reader sees one consistent picture as of one moment. Facts of
people carry only a random ``customer_id``; who that is, the room ``customers`` knows.
"""
