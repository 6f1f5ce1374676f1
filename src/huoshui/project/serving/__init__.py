"""``huoshui serve``: one supervisor of the web server and the worker, which starts again what dies.

Promises that nothing is left running when the supervisor goes, whichever way it goes, and that a child which cannot
live is not started for ever. The worker holds the clock (`desk/jobs`), so there is no third process.
"""
