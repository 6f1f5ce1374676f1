"""Keeping the house safe: both stores together in one file, and a house made from such a file.

Promises that a backup shows one moment, that a damaged file is found before anything is changed, that a restored house
answers the same, and that it is fenced: it sends nothing until a person says so (decision 0010).
"""
