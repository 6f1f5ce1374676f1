"""Links by which readers without an account read a snapshot of a plan, until a day or until they are ended."""
