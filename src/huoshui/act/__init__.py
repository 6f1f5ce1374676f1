"""How we reach our customers: who is told what, by which way, and who is left out to compare."""
