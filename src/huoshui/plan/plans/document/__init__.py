"""The document of a plan: its parts and blocks as people write them, and the paper that they make with live figures."""
