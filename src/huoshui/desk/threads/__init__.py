"""What colleagues say to each other about anything of the house, and what they agree on.

Comments with mentions, files, versions of a text or a document with their differences, and sign-offs on a version:
built once for all rooms, about any subject (``customer:482113095127844``, ``task:12``). Whoever may see the subject
sees what is said about it, and nobody else learns that there is anything.
"""
