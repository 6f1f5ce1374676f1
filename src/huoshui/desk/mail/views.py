"""The outbox for administrators."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huoshui.desk.audit import services as audit
from huoshui.desk.mail import queries, services
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Text
from huoshui.web import shell, undo
from huoshui.web.lists import Tone

STATES: dict[str, tuple[Text, Tone]] = {
    "waiting": (Text("waiting", "等待发送"), "info"),
    "sent": (Text("sent", "已发送"), "good"),
    "failed": (Text("failed", "失败"), "bad"),
    "kept": (Text("not sent", "未发送"), "warn"),
}


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    """The newest letters. Those that were not sent can be read, which is noted."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    found = queries.letters(actor=actor)
    readable = [f"letter:{letter.id}" for letter in found if letter.text]
    if readable:
        audit.record(actor=actor, act="mail.viewed", detail={"letters": len(readable)}, now=now)
    smtp = settings.HUOSHUI_SMTP
    context = {
        "letters": [
            (letter, STATES[letter.state][0].in_(language), STATES[letter.state][1]) for letter in found
        ],
        "smtp": smtp,
        "fenced": organisation.fence() is not None,
        "can_send": services.can_send(),
    }
    return render(request, "mail/list.html", context)


@require_POST
def send_again(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Try a letter again."""
    services.send_again(actor=shell.actor_of(request), letter_id=letter_id, now=clock.now())
    undo.say(request, gettext("It is tried again now."))
    return HttpResponseRedirect(reverse("mail:list"))


@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Write to oneself, to see whether mail arrives."""
    actor = shell.actor_of(request)
    actor.require(Right.USERS_MANAGE)
    to = str(getattr(request.user, "email", ""))
    if to:
        subject, text = gettext("A letter from Huoshui"), gettext("Mail from Huoshui arrives.")
        services.send(to=to, subject=subject, text=text, now=clock.now())
        undo.say(request, gettext("A letter to yourself is on its way."))
    return HttpResponseRedirect(reverse("mail:list"))
