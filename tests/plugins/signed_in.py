"""Somebody who asks for pages in tests: ``pages`` is a client of Django whose requests an administrator makes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from huoshui.kernel.actors import CONSOLE

MIDDLEWARE = f"{__name__}.AsAdministrator"


class AsAdministrator:
    """Says that an administrator asks."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = CONSOLE  # type: ignore[attr-defined]
        return self.answer(request)


def with_administrator(middleware: list[str]) -> list[str]:
    """The middleware, and somebody who may do everything in front of the last one."""
    return [*middleware[:-1], MIDDLEWARE, middleware[-1]]


@pytest.fixture
def pages(settings) -> Client:
    """A client whose requests an administrator makes, in English."""
    settings.MIDDLEWARE = with_administrator(settings.MIDDLEWARE)
    return Client(headers={"host": "127.0.0.1", "accept-language": "en"})


@pytest.fixture
def stranger() -> Client:
    """A client that nobody has signed in to."""
    return Client(headers={"host": "127.0.0.1", "accept-language": "en"})
