"""Who asks, on every request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from huoshui.desk.users import signing_in
from huoshui.kernel import clock
from huoshui.web.shell import NOBODY


class SayWho:
    """Sets ``request.actor``, nobody where nobody is signed in, and ``request.signed_in``."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        who = signing_in.found(request, clock.now())
        request.signed_in = who  # type: ignore[attr-defined]
        request.actor = who.actor if who else NOBODY  # type: ignore[attr-defined]
        answer = self.answer(request)
        if who is not None:
            # What a colleague saw stays in no cache, neither of a proxy nor of the browser's way back.
            answer.setdefault("Cache-Control", "no-store")
        return answer
