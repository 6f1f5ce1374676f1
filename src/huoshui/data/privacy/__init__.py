"""What each person agreed to, with the proof, and who may therefore be written to.

Promises that nobody counts as marketable without a recorded statement of theirs: by whom, for what, on which channel,
in which wording, from which source, when and how. Statements are only ever added; the newest one holds.
"""
