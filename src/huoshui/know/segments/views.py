"""Pages of segments: the list, one segment with its reasons, and the form of a rule."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.data.customers import queries as customers
from huoshui.data.customers.scope import require_seen
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right, Scope
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import builder, drafts, queries, services
from huoshui.know.segments.drafts import Draft
from huoshui.know.segments.errors import BadRule, SegmentChanged, SegmentNameTaken
from huoshui.know.segments.queries import Count
from huoshui.know.segments.rules import OPS
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.web import shell, undo

COMPARISONS = tuple(dict.fromkeys((*OPS["text"], *OPS["number"])))
ACTS = ("add", "nest", "copy", "remove", "up", "down")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All segments, each with how many it has."""
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_VIEW)
    found = queries.segments()
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())
    counts = queries.counts(tables=tables, as_of=as_of, slugs=[one.slug for one in found])
    context = {
        "lines": [(one, counts.get(one.slug)) for one in found],
        "customers": next((count.customers for count in counts.values()), 0),
        "as_of": as_of.at,
        "may_edit": actor.may(Right.SEGMENTS_EDIT),
        "templates": [(slug, text) for slug, (text, _rule) in builder.TEMPLATES.items()],
    }
    return render(request, "segments/list.html", context)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One segment: who, how many, and with ``?customer=`` why somebody belongs to it or not."""
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_VIEW)
    found = queries.segment(slug)
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())
    rule = queries.rule_of(slug)
    count = queries.count(tables=tables, as_of=as_of, rule=rule)
    asked = request.GET.get("customer", "").strip()[:100]
    context = {
        "segment": found,
        "count": count,
        "share": _share(count),
        "versions": queries.versions(slug),
        "users": services.users_of(slug),
        "written": json.dumps(found.rule, ensure_ascii=False, indent=2),
        "may_edit": actor.may(Right.SEGMENTS_EDIT),
        "asked": asked,
        **(_reason(actor, tables, as_of, rule, asked) if asked else {}),
    }
    return render(request, "segments/segment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The form of a new segment."""
    actor = shell.actor_of(request)
    actor.require(Right.SEGMENTS_EDIT)
    if request.method != "POST":
        begun = builder.TEMPLATES.get(request.GET.get("from", ""))
        name = begun[0].in_(shell.language_now()) if begun else ""
        return _form(request, drafts.from_rule(begun[1]) if begun else drafts.EMPTY, name=name)
    return _worked_on(request, slug="")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a segment that is there."""
    actor = shell.actor_of(request)
    actor.require(Right.SEGMENTS_EDIT)
    found = queries.segment(slug)
    if request.method != "POST":
        draft = drafts.from_rule(found.rule)
        return _form(request, draft, name=found.name, note=found.note, slug=slug, version=found.version)
    return _worked_on(request, slug=slug)


@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a segment away."""
    services.retire(actor=shell.actor_of(request), slug=slug, now=clock.now())
    undo.offer(request, _("The segment is put away."), undo=reverse("segments:bring_back", args=[slug]))
    return HttpResponseRedirect(reverse("segments:list"))


@require_POST
def bring_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take that back."""
    services.bring_back(actor=shell.actor_of(request), slug=slug, now=clock.now())
    undo.say(request, _("The segment is back."))
    return HttpResponseRedirect(reverse("segments:segment", args=[slug]))


def _worked_on(request: HttpRequest, *, slug: str) -> HttpResponse:
    """The form after a button: changed, looked at, or stored."""
    sent = {name: ", ".join(map(str, values)) for name, values in request.POST.lists()}
    name, note = sent.get("name", ""), sent.get("note", "")
    version = int(sent["version"]) if sent.get("version", "").isdecimal() else 0
    draft = drafts.from_form(sent)
    act, _colon, key = sent.get("do", "look").partition(":")
    if act in ACTS:
        draft = drafts.changed(draft, act, key)
    if act != "save":
        return _form(request, draft, name=name, note=note, slug=slug, version=version)
    of_traits, of_attributes = queries.fields()
    written = drafts.write(draft, traits=of_traits, attributes=of_attributes)
    actor, rule, now = shell.actor_of(request), written.rule, clock.now()
    try:
        if slug:
            services.change(actor=actor, slug=slug, version=version, name=name, note=note, rule=rule, now=now)
        else:
            slug = services.add(actor=actor, name=name, note=note, rule=rule, now=now)
    except (BadRule, SegmentNameTaken, SegmentChanged) as refused:
        return _form(request, draft, name=name, note=note, slug=slug, version=version, refused=refused)
    undo.say(request, _("The segment is stored."))
    return HttpResponseRedirect(reverse("segments:segment", args=[slug]))


def _form(
    request: HttpRequest,
    draft: Draft,
    *,
    name: str = "",
    note: str = "",
    slug: str = "",
    version: int = 0,
    refused: HuoshuiError | None = None,
) -> HttpResponse:
    """The form with what the rule means so far, or what is wrong with it and where."""
    language = shell.language_now()
    tables = open_lake().snapshot()
    of_traits, of_attributes = queries.fields()
    written = drafts.write(draft, traits=of_traits, attributes=of_attributes)
    problem, at, count, sentence = "", "", None, None
    try:
        rule = queries.read(written.rule, unless=slug)
        sentence = queries.sentence(rule)
        as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())
        count = queries.count(tables=tables, as_of=as_of, rule=rule)
    except BadRule as wrong:
        problem, at = str(wrong.problem), written.key_of(wrong.path)
        if wrong.valid:
            problem = f"{problem}: {wrong.valid[:300]}"
    context: dict[str, Any] = {
        "rows": builder.rows(draft, language, problem=problem, at=at),
        "fields": builder.fields(language),
        # Values tell of customers: who sees some of them only types what they look for.
        "offered": builder.offered(tables) if shell.actor_of(request).scope == Scope.ALL else None,
        "comparisons": COMPARISONS,
        "segments": [one for one in builder.segment_names() if one[0] != slug],
        "name": name,
        "note": note,
        "slug": slug,
        "version": version,
        "sentence": sentence,
        "count": count,
        "share": _share(count) if count else 0,
        "refused": refused if refused and not problem else None,
        "ready": count is not None,
    }
    return render(request, "segments/form.html", context, status=400 if refused else 200)


def _share(count: Count) -> float:
    return count.count / count.customers if count.customers else 0.0


def _reason(actor: Actor, tables: Snapshot, as_of: Any, rule: Any, asked: str) -> dict[str, Any]:
    """Why the customer that was asked for belongs or not; those of other teams are not found."""
    found = customers.find(asked)
    if len(found) != 1:
        return {"unclear": len(found)}
    customer_id = found[0].customer_id
    try:
        require_seen(actor, customer_id)
    except HuoshuiError:
        return {"unclear": 0}
    reason = queries.why(tables=tables, as_of=as_of, rule=rule, customer_id=customer_id)
    return {"reason": reason, "customer_id": customer_id, "unclear": None if reason else 0}
