"""The WSGI application that the browser tests look at: the house, seen by an administrator."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")

from django.conf import settings

from huoshui.kernel.actors import CONSOLE


class AsAdministrator:
    """Says that an administrator asks."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = CONSOLE  # type: ignore[attr-defined]
        return self.answer(request)


settings.MIDDLEWARE.insert(-1, f"{__name__}.AsAdministrator")

from huoshui.project.wsgi import application  # noqa: E402 the middleware has to be there before

__all__ = ["AsAdministrator", "application"]
