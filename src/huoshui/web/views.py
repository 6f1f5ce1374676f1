"""The pages that belong to no room: search, choices of language and theme."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from huoshui.web import address, errors, search, shell

A_YEAR = 365 * 24 * 3600


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The search page; for the box of the shell only its list."""
    words = request.GET.get("q", "")[: search.LONGEST]
    kinds = search.search(shell.actor_of(request), words, shell.language_now())
    part = bool(getattr(request, "htmx", False))
    template = "huoshui/search_hits.html" if part else "huoshui/search.html"
    return render(request, template, {"words": words, "kinds": kinds})


def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back."""
    said = request.POST.get("language", "")
    if request.method != "POST":
        return errors.page(request, 405)
    answer = _back(request)
    if said in dict(settings.LANGUAGES):
        translation.activate(said)
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            said,
            max_age=A_YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return answer


def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme and go back."""
    if request.method != "POST":
        return errors.page(request, 405)
    answer = _back(request)
    said = request.POST.get("theme", "")
    if said in shell.THEMES:
        # Scripts read it, so that a page is painted in its theme from the first moment.
        answer.set_cookie(
            shell.THEME_COOKIE, said, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    return answer


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page of this house that the reader came from."""
    return HttpResponseRedirect(address.back(request))
