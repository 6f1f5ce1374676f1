"""How long the words of an entry may be, in characters."""

LONGEST_NAME, LONGEST_TEXT, LONGEST_SOURCE = 120, 4000, 300
