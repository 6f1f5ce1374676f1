"""Views that ask first whether it is still the same person who sits there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huoshui.desk.users import keeping
from huoshui.desk.users.models import User
from huoshui.desk.users.signing_in import SignedIn
from huoshui.kernel import clock

View = Callable[..., HttpResponse]


def session_of(request: HttpRequest) -> int | None:
    """The number of the session that asks."""
    who: SignedIn | None = getattr(request, "signed_in", None)
    return who.session_id if who else None


def confirmed(view: View) -> View:
    """Ask for the password once more, unless it was given within 15 minutes; what was typed is kept meanwhile.

    Who has no password came by a link of the console a short while ago.
    """

    @wraps(view)
    def ask_first(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        who: SignedIn | None = getattr(request, "signed_in", None)
        user = request.user
        if who is None or not isinstance(user, User):
            return view(request, *args, **named)  # what it needs, it refuses itself
        now = clock.now()
        if who.fresh(now) or not user.has_usable_password():
            return view(request, *args, **named)
        target = request.get_full_path()
        if request.method == "POST":
            keeping.keep(request, now)
            target = reverse("account:home")
        return HttpResponseRedirect(f"{reverse('account:confirm')}?{urlencode({'next': target})}")

    return ask_first
