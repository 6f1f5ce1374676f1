"""Work in the background: started by a page, a verb or the clock, run by ``huoshui worker``.

Promises that a job is there exactly when the transaction that started it was committed; that of many workers one runs
it; that it is run again when its worker was killed, and ends once; that its starter sees how far it is, may cancel it,
and is the only one to get its file, for as long as it is kept. A job is run with the rights that its starter has when
it runs, never more than when it was started. What must not happen twice must say so itself: a job that is run again
begins anew.

Kinds are declared in `kinds.KINDS`, what the clock starts in `kinds.PERIODIC`.
"""
