"""The gate that holds to the table of who may open which address."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import ResolverMatch, reverse
from django.utils.deprecation import MiddlewareMixin

from huoshui.desk.users import keeping
from huoshui.desk.users.views.own import must_set_up
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import NotAllowed
from huoshui.project.access import PUBLIC, SAFE, SIGNED_IN, who_may
from huoshui.project.api import door
from huoshui.web import errors, shell
from huoshui.web.address import own_path

MOST_OF_A_STRANGER = 512 * 1024
"""Bytes of a form of somebody who is not signed in; files have no such limit, and the disk of the house has."""

# What an administrator may open who has not set up the second step yet.
SETTING_UP = frozenset(
    {"account:second_step", "account:confirm", "account:kept", "account:logout", "account:password"}
)


class Gate(MiddlewareMixin):
    """Lets through whom the table names; others are sent to sign in, or refused. Refusals go to the audit log."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse what a stranger sends that is too long for a form, before anything of it is read."""
        stranger = shell.actor_of(request).user_id is None and not door.is_api(request)
        return errors.page(request, 413) if stranger and _length(request) > MOST_OF_A_STRANGER else None

    def process_view(
        self, request: HttpRequest, view: object, args: object, named: object
    ) -> HttpResponse | None:
        """The answer for whoever may not, else nothing."""
        found: ResolverMatch | None = request.resolver_match
        name = found.view_name if found else ""
        who, actor = who_may(name, request.method or ""), shell.actor_of(request)
        if who is PUBLIC:
            return None
        if door.is_api(request):
            right = who if isinstance(who, Right) else None
            return door.enter(request, name, right, listed=who is not None)
        if actor.user_id is None:
            return to_sign_in(request)
        if name not in SETTING_UP and must_set_up(request):
            return _go(request, reverse("account:second_step"))
        if who is SIGNED_IN or (isinstance(who, Right) and actor.may(who)):
            if request.method == "POST":
                _taken(request)
            return None
        refusal = NotAllowed("You may not do this", next_step="Ask an administrator for the right")
        door.note_refusal(request, who.value if isinstance(who, Right) else "")
        return errors.refusal(request, refusal)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Notes a refusal that a verb made; its page is made by `SayRefusals`."""
        if isinstance(exception, NotAllowed):
            door.note_refusal(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the page for signing in, and back afterwards. What was typed into a form is kept in the session."""
    if request.method in SAFE:
        target = request.get_full_path()
    else:
        keeping.keep(request, clock.now())
        target = "/"
    if request.headers.get("HX-Request"):
        target = _page_of_htmx(request)
    query = urlencode({"next": target}) if own_path(request, target) and target != "/" else ""
    return _go(request, f"{reverse('account:login')}?{query}" if query else reverse("account:login"))


def _length(request: HttpRequest) -> int:
    """Bytes that the request says it brings; without such a word nothing of it is read."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdecimal() else 0


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """There, with the whole page also where only a part of it was asked for."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_of_htmx(request: HttpRequest) -> str:
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    if parts.netloc != request.get_host():
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _taken(request: HttpRequest) -> None:
    """A form that was kept is sent now: it is kept no longer."""
    kept = keeping.kept(request, clock.now())
    if kept is not None and kept.path == request.get_full_path():
        keeping.drop(request)
