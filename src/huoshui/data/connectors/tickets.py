"""Files that are sent to a page and read once: between its steps the file is named by a signed ticket.

A room that reads tables of its own kind takes them so: `received` after the form came, with `receiving.ToFolder` as its
handler; the address of the next step holds the ticket; `opened` finds the file again, for who sent it and for a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.core import signing
from django.http import HttpRequest

from huoshui.data.connectors.errors import NoFileCame
from huoshui.data.connectors.receiving import ToFolder
from huoshui.data.connectors.services import uploads
from huoshui.kernel.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file that was sent: the ``token`` of its folder, and its ``name``."""

    token: str
    name: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return uploads.path_of(self.token, self.name)

    def remove(self) -> None:
        """Remove it."""
        uploads.remove_folder(self.token)


def received(request: HttpRequest) -> Sent:
    """The file of the form, whose one handler is a `ToFolder`. Raises `UploadRefused`, `NoFileCame`."""
    request.POST, request.FILES  # noqa: B018 now what is sent is read
    (handler,) = request.upload_handlers
    if not isinstance(handler, ToFolder):
        raise TypeError("files that are read once go to a folder of their own")
    if handler.problem is not None:
        raise handler.problem
    if not handler.token:
        raise NoFileCame("No file came", next_step="Choose a file")
    return Sent(token=handler.token, name=handler.name)


def ticket(sent: Sent, *, actor: Actor, room: str) -> str:
    """The name of the file in addresses of a ``room``: signed, so that nobody names the file of another."""
    return signing.dumps([sent.token, sent.name, actor.user_id], salt=f"{__name__}.{room}")


def opened(words: str, *, actor: Actor, room: str) -> Sent | None:
    """The file of a ticket; None where it is no ticket of theirs, is too old, or the file is gone."""
    try:
        token, name, user = signing.loads(words, salt=f"{__name__}.{room}", max_age=uploads.KEPT)
    except signing.BadSignature:
        return None
    sent = Sent(token=token, name=name)
    return sent if user == actor.user_id and sent.path.is_file() else None
