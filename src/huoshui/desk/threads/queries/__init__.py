"""Questions about comments, files, versions and sign-offs."""

from huoshui.desk.threads.queries.files import FileSeen, content, file, files
from huoshui.desk.threads.queries.kept import (
    Asked,
    Kept,
    Signing,
    difference,
    last_saved,
    newest,
    numbers,
    sign_off,
    version,
    versions,
    waiting_for,
)
from huoshui.desk.threads.queries.said import (
    SIZE,
    Note,
    Notice,
    comment,
    comments,
    mentions,
    unread,
    wants_mail,
    wordings,
)

__all__ = [
    "SIZE",
    "Asked",
    "FileSeen",
    "Kept",
    "Note",
    "Notice",
    "Signing",
    "comment",
    "comments",
    "content",
    "difference",
    "file",
    "files",
    "last_saved",
    "mentions",
    "newest",
    "numbers",
    "sign_off",
    "unread",
    "version",
    "versions",
    "waiting_for",
    "wants_mail",
    "wordings",
]
