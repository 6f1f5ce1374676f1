"""Set-wise work on the database: many rows at once, in transactions that stay short.

Promises the same result on SQLite and PostgreSQL, and that no transaction of a bulk write keeps others waiting for
long. Holds the only SQL strings outside the lake. Knows no room and no model.
"""
