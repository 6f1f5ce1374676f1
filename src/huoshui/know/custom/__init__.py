"""Custom traits: values per customer that people define without code, and the catalogue of all traits.

Promises that a definition says what it computes in one written language, checked before it is kept; that its values are
computed with those of the program, in the same refresh; that every change is a version; and that a definition which has
lost its ground has no values and says so, whatever else is computed.
"""
