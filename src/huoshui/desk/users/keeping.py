"""What somebody typed while nobody was signed in any more: kept in their session until they send it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from huoshui.web.address import own_path

KEPT = "kept_form"
LIVES = timedelta(minutes=30)
LARGEST = 200_000
"""In characters; a larger form is not kept, so that strangers cannot fill the database."""
SECRET = ("csrfmiddlewaretoken", "password", "old", "new", "again", "code")


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent and not taken. Passwords and files are not in it; ``files`` says that there were some."""

    path: str
    fields: Sequence[tuple[str, str]]
    files: bool


def keep(request: HttpRequest, now: datetime) -> bool:
    """Keep the form of this request; says whether it was kept."""
    fields = [(n, v) for n, values in request.POST.lists() for v in values if n not in SECRET]
    if sum(len(n) + len(v) for n, v in fields) > LARGEST:
        return False
    request.session[KEPT] = {
        "path": request.get_full_path(),
        "fields": fields,
        "files": bool(request.FILES),
        "until": (now + LIVES).timestamp(),
    }
    return True


def kept(request: HttpRequest, now: datetime) -> Form | None:
    """The form that is kept, if there is one."""
    row = request.session.get(KEPT)
    if not row or row["until"] < now.timestamp() or not own_path(request, row["path"]):
        return None
    return Form(row["path"], [(n, v) for n, v in row["fields"]], row["files"])


def drop(request: HttpRequest) -> None:
    """Keep it no longer."""
    request.session.pop(KEPT, None)
