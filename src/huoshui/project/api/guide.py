"""The page that explains the API: how to begin, examples, every operation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe

from huoshui.desk.users.words import RIGHTS
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Language, Text
from huoshui.project import access
from huoshui.project.api import door, once
from huoshui.project.api.examples import EXAMPLES, START
from huoshui.project.api.root import api
from huoshui.project.api.words import OPERATIONS, TAGS
from huoshui.web import shell

ANY_TOKEN = Text("any token", "任意令牌")
NO_TOKEN = Text("no token", "无需令牌")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An operation as the page shows it; ``who`` is the right that its token needs."""

    method: str
    path: str
    words: str
    who: str


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """How to begin, with examples, and every operation."""
    language, url = shell.language_now(), settings.HUOSHUI_URL.rstrip("/")
    context = {
        "url": url,
        "start": START.replace("{house}", url),
        "examples": [
            {
                "slug": one.slug,
                "title": one.title.in_(language),
                "note": one.note.in_(language),
                "curl": one.curl_at(url),
                "python": one.python_at(url),
            }
            for one in EXAMPLES
        ],
        "groups": [
            {"slug": tag, "title": words.in_(language), "lines": _lines(tag, language)}
            for tag, words in TAGS.items()
        ],
        "limit": door.LIMIT,
        "header": once.HEADER,
    }
    return render(request, "api/guide.html", context)


@cache
def _described() -> Sequence[tuple[str, str, dict[str, Any]]]:
    paths = api.get_openapi_schema()["paths"]
    return [(path, method, one) for path, methods in paths.items() for method, one in methods.items()]


def _lines(tag: str, language: Language) -> list[Line]:
    return [
        Line(
            method=method.upper(),
            path=path,
            words=OPERATIONS[one["operationId"]].in_(language),
            who=_who(path, method).in_(language),
        )
        for path, method, one in _described()
        if tag in one["tags"]
    ]


def _who(path: str, method: str) -> Text:
    """The right that an operation needs, in words: that of the table of `project.access`."""
    example = re.sub(r"\{\w+\}", "7", path)  # a number is a name, too
    try:
        name = resolve(example).view_name
    except Resolver404 as error:
        raise LookupError(f"{path} has an argument that the guide does not know") from error
    who = access.who_may(name, method.upper())
    if isinstance(who, Right):
        return RIGHTS[who]
    return NO_TOKEN if who is access.PUBLIC else ANY_TOKEN
