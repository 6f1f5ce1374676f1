"""Research 市场研究: competitors, market figures, interviews and quotes, each with its source, date and confidence.

Promised: what is written here can be cited in a plan, and a citation leads back to it. Figures of a market are entered
by hand and say so. Surveys come later.
"""
