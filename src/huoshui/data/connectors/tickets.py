"""Files that are sent to a page and read once: between its steps the file is named by a signed ticket.

A room that reads tables of its own kind takes them so: the page of `form` receives the file, and the address of its
next step holds the ticket; `opened` finds the file again, for who sent it and for a day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from huoshui.data.connectors.errors import NoFileCame
from huoshui.data.connectors.receiving import ToFolder
from huoshui.data.connectors.services import uploads
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.web import shell

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read once, at most."""


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


def form(
    *, room: str, right: Right, template: str, then: str, read: Callable[[Path], object]
) -> Callable[[HttpRequest], HttpResponse]:
    """The page that takes the file of a ``room``, for who has the ``right``, and goes to the page ``then``.

    What ``read`` refuses by a `HuoshuiError` is said on the page, and the file is removed.
    """

    @csrf_exempt  # what is sent is read, and its token checked, when it is known where it goes
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        shell.actor_of(request).require(right)
        if request.method == "POST":
            request.upload_handlers = [ToFolder(min(LARGEST, uploads.largest()))]
        return checked(request)

    @csrf_protect
    def checked(request: HttpRequest) -> HttpResponse:
        refused: HuoshuiError | None = None
        if request.method == "POST":
            try:
                return HttpResponseRedirect(reverse(then, args=[taken(request)]))
            except HuoshuiError as error:
                refused = error
        context = {"refused": refused, "largest": LARGEST // 1024**2}
        return render(request, template, context, status=400 if refused else 200)

    def taken(request: HttpRequest) -> str:
        sent = received(request)
        try:
            read(sent.path)
        except HuoshuiError:
            sent.remove()
            raise
        return ticket(sent, actor=shell.actor_of(request), room=room)

    return page


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
