"""The demo company: a shop for smart homes that does not exist, and its customers, who do not either.

Promises that the same customers, days, seed and last day give the same company, that it comes in by the same doors as
anybody's files, and that the truth about it (rates, drop-out, effects, what comes next) is written beside the house and
never into it. Addresses end in example.com (RFC 2606); phone numbers count up from +86 199 0000 0000. Does not
pretend to be anybody's data. Its processes, with formulas and sources: docs/demo.md.
"""
