"""Versions of a text or document, what differs between them, and their sign-off."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoshui.desk.threads import queries, services
from huoshui.desk.threads.errors import NoSuchSignOff, NotASignOff
from huoshui.desk.users import queries as users
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Text
from huoshui.web import shell, subjects, undo
from huoshui.web.lists import Tone

STATES: dict[str, tuple[Text, Tone]] = {
    "waiting": (Text("waiting", "待审批"), "info"),
    "approved": (Text("approved", "已通过"), "good"),
    "returned": (Text("returned", "已退回"), "bad"),
    "outdated": (Text("outdated by a newer version", "已被新版本取代"), "warn"),
}


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """The versions, and what differs between two of them: the newest and the one before, unless chosen."""
    actor, language = shell.actor_of(request), shell.language_now()
    about = subjects.seen(actor, subject)
    versions = queries.versions(actor=actor, subject=subject)
    context: dict[str, Any] = {"subject": subject, "about": about, "versions": versions}
    if versions:
        newest = versions[0].number
        b = _number(request.GET.get("b", ""), newest)
        a = _number(request.GET.get("a", ""), max(1, b - 1))
        new = queries.version(actor=actor, subject=subject, number=b)
        signing = queries.sign_off(actor=actor, subject=subject, number=b)
        state = STATES[signing.state] if signing else None
        able = users.who_may(Right.COMMENTS_WRITE) if signing is None else {}
        context |= {
            "a": a,
            "b": b,
            "new": new,
            "content": readable(new.content),
            "changes": [
                (change, readable(change.before), readable(change.after))
                for change in queries.difference(actor=actor, subject=subject, a=a, b=b)
            ],
            "signing": signing,
            "state": state[0].in_(language) if state else "",
            "tone": state[1] if state else "",
            "answers": signing.awaits(actor) if signing else False,
            "may_write": actor.may(Right.COMMENTS_WRITE),
            "able": [(id_, name) for id_, name in able.items() if id_ != actor.user_id],
            "teams": [
                (id_, name.in_(language))
                for id_, name in queries.teams_to_ask(actor=actor, subject=subject).items()
            ]
            if able and b == newest
            else [],
        }
    return render(request, "threads/versions.html", context)


@require_POST
def restore(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """An old version is the newest again."""
    actor = shell.actor_of(request)
    new = services.restore_version(actor=actor, subject=subject, number=number, now=clock.now())
    undo.say(request, _("Version %(old)s is now version %(new)s") % {"old": number, "new": new})
    return _back(subject, new)


@require_POST
def ask(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Ask colleagues to sign a version off."""
    try:
        services.ask(
            actor=shell.actor_of(request),
            subject=subject,
            number=number,
            of=[_number(text, 0) for text in request.POST.getlist("of")],
            teams=[_number(text, 0) for text in request.POST.getlist("team")],
            note=request.POST.get("note", ""),
            now=clock.now(),
        )
    except NotASignOff as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
    return _back(subject, number)


@require_POST
def answer(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Approve, or return with a reason."""
    actor = shell.actor_of(request)
    signing = queries.sign_off(actor=actor, subject=subject, number=number)
    if signing is None:
        raise NoSuchSignOff("There is no such request", received=f"version {number}")
    try:
        services.answer(
            actor=actor,
            sign_off_id=signing.id,
            word=request.POST.get("word", ""),  # type: ignore[arg-type]  # refused where it is neither
            reason=request.POST.get("reason", ""),
            now=clock.now(),
        )
    except NotASignOff as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
    return _back(subject, number)


def readable(value: Any) -> str:
    """A value of a document as people can read it."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _back(subject: str, number: int) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('threads:versions', kwargs={'subject': subject})}?b={number}")


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise
