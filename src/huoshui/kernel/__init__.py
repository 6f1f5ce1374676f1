"""Plain Python that every floor may use: errors, money, time, ids, texts, actors and the plug points.

Promises: no I/O, no framework, no state but the registries of ``plugs``. Does not know any room.
"""
