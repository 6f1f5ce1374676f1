"""Who did what when: one row for each act, never changed, each holding the digest of the one before.

Promises that an act and its row are one transaction, that rows are in one line without forks, and that `queries.verify`
names the first row that was changed, removed or put in between. The database refuses to change or remove a row. What
it does not promise: somebody with full rights on the database can rewrite all rows after a point; then the newest
digest differs from the one noted elsewhere (``huoshui doctor`` prints it). Holds no personal data of customers: ids and
numbers only.
"""
