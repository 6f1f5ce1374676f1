"""The demo company: a shop for smart-home products that does not exist, and its customers, who do not either.

Promises that the same seed and last day give the same company, and that it comes in by the same doors as anybody's
files: written as CSV, loaded by the connectors, computed by the traits. Addresses end in example.com (RFC 2606);
phone numbers count up from +86 199 0000 0000. Does not pretend to be anybody's data.
"""
