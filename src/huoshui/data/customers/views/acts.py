"""Acts on many customers: tag, owner, export; and taking them back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from huoshui.data.customers import asking, chores, keeping, services
from huoshui.data.customers.conditions import NotACondition
from huoshui.desk.jobs import exporting
from huoshui.desk.jobs import services as jobs
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.ids import looks_like_id
from huoshui.lake import open_lake
from huoshui.web import shell, undo

AT_ONCE = 1_000
"""For as many customers a page waits; more are changed in the background."""
VERBS = ("tag", "untag", "owner", "export")


@require_POST
def act(request: HttpRequest) -> HttpResponseBase:
    """Tag, untag, assign or export the ticked customers, or all that match."""
    actor, now = shell.actor_of(request), clock.now()
    verb = request.POST.get("verb", "")
    if verb not in VERBS:
        raise NotACondition("There is no such act", received=repr(verb[:40]), valid=", ".join(VERBS))
    actor.require(Right.CUSTOMERS_EXPORT if verb == "export" else Right.CUSTOMERS_EDIT)
    said = _said(request)
    back = _back(said["query"])
    if not said["ids"] and not request.POST.get("everything"):
        undo.say(request, _("Tick customers first, or choose all that match."), tone="warn")
        return HttpResponseRedirect(back)
    ids = chores.chosen(actor, said)
    if verb == "export":
        return _export(request, said, ids)
    value = request.POST.get("tag" if verb in ("tag", "untag") else "owner", "").strip()
    if verb == "owner" and not (value == "" or (value.isascii() and value.isdecimal() and len(value) < 16)):
        raise NotACondition("This is no colleague", received=repr(value[:40]))
    if len(ids) > AT_ONCE:
        arguments = {**said, "verb": verb, "value": value}
        job = jobs.start(actor=actor, slug="customers.bulk", arguments=arguments, now=now)
        return HttpResponseRedirect(reverse("jobs:job", args=[job]))
    if verb == "owner":
        number, count = services.assign_many(
            actor=actor, customer_ids=ids, owner_id=int(value) if value else None, now=now
        )
    else:
        number, count = services.tag_many(
            actor=actor, customer_ids=ids, tag=value, now=now, lake=open_lake(), take=verb == "untag"
        )
    text = ngettext("%(number)s customer was changed.", "%(number)s customers were changed.", count) % {
        "number": f"{count:,}"
    }
    if count:
        undo.offer(request, text, undo=reverse("customers:undo", args=[number]), next=back)
    else:
        undo.say(request, _("Nothing to change: they were so already."))
    return HttpResponseRedirect(back)


@require_safe
def show(request: HttpRequest, act_id: int) -> HttpResponse:
    """What was done to many, with the way back."""
    found = keeping.act(shell.actor_of(request), act_id)
    return render(request, "customers/act.html", {"act": found})


@require_POST
def take_back(request: HttpRequest, act_id: int) -> HttpResponse:
    """Take an act back."""
    actor, now = shell.actor_of(request), clock.now()
    found = keeping.act(actor, act_id)
    if found.count > AT_ONCE:
        job = jobs.start(actor=actor, slug="customers.take_back", arguments={"act": act_id}, now=now)
        return HttpResponseRedirect(reverse("jobs:job", args=[job]))
    count = services.undo_act(actor=actor, act_id=act_id, now=now, lake=open_lake())
    text = ngettext("%(number)s customer is as before.", "%(number)s customers are as before.", count)
    undo.say(request, text % {"number": f"{count:,}"})
    target = request.POST.get("next", "")
    safe = target.startswith(reverse("customers:list")) and "\\" not in target
    return HttpResponseRedirect(target if safe else reverse("customers:list"))


def _export(request: HttpRequest, said: dict[str, Any], ids: Any) -> HttpResponseBase:
    actor, now = shell.actor_of(request), clock.now()
    format_, language = request.POST.get("format", "csv"), shell.language_now()
    columns = list(asking.read(QueryDict(said["query"])).columns)
    if len(ids) > AT_ONCE:
        arguments = {**said, "format": format_, "columns": columns, "language": language}
        job = jobs.start(actor=actor, slug="customers.export", arguments=arguments, now=now)
        return HttpResponseRedirect(reverse("jobs:job", args=[job]))
    name = exporting.file_name("customers", format_)
    with exporting.passing_file(name) as file:
        services.export(
            actor=actor,
            tables=open_lake().snapshot(),
            customer_ids=ids,
            columns=columns,
            format=format_,
            file=file,
            language=language,
            now=now,
        )
        # Opened before its name goes: the answer holds the only way to it.
        answer = FileResponse(file.open("rb"), as_attachment=True, filename=name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


def _said(request: HttpRequest) -> dict[str, Any]:
    """The ticked ids, or none where all that match are meant; and the query of the list."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop("page", None)
    ids = [one for one in request.POST.getlist("id") if looks_like_id(one)]
    if request.POST.get("everything"):
        ids = []
    return {"ids": ids, "query": query.urlencode()}


def _back(query: str) -> str:
    path = reverse("customers:list")
    return f"{path}?{query}" if query else f"{path}?{urlencode({'all': 1})}"
