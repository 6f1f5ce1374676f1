"""Documents: what leaves the house as a file of its own, made from plain values.

Promises that the same values give the same bytes, and that every Chinese character is drawn: the font comes with the
package. Knows no room and no page.
"""
