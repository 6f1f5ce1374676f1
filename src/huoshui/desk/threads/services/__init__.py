"""Verbs of comments, files, versions and sign-offs."""

from huoshui.desk.threads.services.agreeing import answer, ask
from huoshui.desk.threads.services.attaching import attach, bring_back, detach, sweep
from huoshui.desk.threads.services.commenting import comment, delete, edit, read, restore, wish
from huoshui.desk.threads.services.keeping import restore_version, save_version

__all__ = [
    "answer",
    "ask",
    "attach",
    "bring_back",
    "comment",
    "delete",
    "detach",
    "edit",
    "read",
    "restore",
    "restore_version",
    "save_version",
    "sweep",
    "wish",
]
