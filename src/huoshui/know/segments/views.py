"""Pages of segments: the list, and the form of a rule. The page of one is in `showing`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right, Scope
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, SUBJECTS
from huoshui.know.segments import (
    builder,
    differing,
    doubting,
    drafts,
    gallery,
    memberships,
    moving,
    previewing,
    queries,
    sentences,
    services,
)
from huoshui.know.segments.drafts import Draft
from huoshui.know.segments.errors import BadRule, SegmentChanged, SegmentNameTaken
from huoshui.know.segments.offering import offers_of
from huoshui.lake import open_lake
from huoshui.lake.errors import QueryTooLong
from huoshui.web import shell, undo


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All segments, each with how many it has."""
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_VIEW)
    found = queries.segments()
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())
    counts = queries.counts(tables=tables, as_of=as_of, slugs=[one.slug for one in found])
    states = memberships.states()
    lines = [
        (
            one,
            counts.get(one.slug),
            state,
            state is not None and state.is_stale(version=one.version, as_of=as_of.at),
        )
        for one in found
        for state in [states.get(one.slug)]
    ]
    context = {
        "own": [line for line in lines if not line[0].built_in],
        "built_in": [line for line in lines if line[0].built_in],
        "as_of": as_of.at,
        "may_edit": actor.may(Right.SEGMENTS_EDIT),
        "may_declare": actor.may(Right.HOUSE_MANAGE),
        "gallery": gallery.shown(offers_of(actor, tables)) if actor.may(Right.SEGMENTS_EDIT) else [],
    }
    return render(request, "segments/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The form of a new segment: empty, from a template, or as a copy of another one."""
    actor = shell.actor_of(request)
    actor.require(Right.SEGMENTS_EDIT)
    if request.method == "POST":
        return _worked_on(request, slug="")
    if copied := request.GET.get("copy", ""):
        found = queries.segment(copied)
        return _form(request, drafts.from_rule(found.rule), name=found.name, note=found.note)
    begun = gallery.rule_of(request.GET.get("from", ""), offers_of(actor, open_lake().snapshot()))
    if begun is None:
        return _form(request, drafts.EMPTY)
    return _form(request, drafts.from_rule(begun[1]), name=begun[0].in_(shell.language_now()))


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


@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Two versions of a segment side by side: ``?old=`` and ``?new=``, the last two without them."""
    shell.actor_of(request).require(Right.CUSTOMERS_VIEW)
    found = queries.segment(slug)
    numbers = [number for number, *_rest in queries.versions(slug)]
    asked = [int(said) if (said := request.GET.get(name, "")).isdecimal() else 0 for name in ("old", "new")]
    new = asked[1] or found.version
    old = asked[0] or max([number for number in numbers if number < new], default=new)
    context = {
        "segment": found,
        "numbers": numbers,
        "old": old,
        "new": new,
        "lines": differing.differences(
            queries.version(slug, old), queries.version(slug, new), queries.words_now()
        ),
    }
    return render(request, "segments/compare.html", context)


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
    focus, refused = "", None
    if act in moving.ACTS:
        try:
            draft, focus = moving.changed(draft, act, key)
        except BadRule as error:
            refused = error
    if act != "save":
        return _form(
            request, draft, name=name, note=note, slug=slug, version=version, refused=refused, at=(act, focus)
        )
    of_traits, of_attributes = queries.fields()
    written = drafts.write(draft, traits=of_traits, attributes=of_attributes)
    actor, rule, now = shell.actor_of(request), written.rule, clock.now()
    kept = slug
    try:
        if slug:
            services.change(actor=actor, slug=slug, version=version, name=name, note=note, rule=rule, now=now)
        else:
            kept = services.add(actor=actor, name=name, note=note, rule=rule, now=now)
    except (BadRule, SegmentNameTaken, SegmentChanged) as error:
        return _form(request, draft, name=name, note=note, slug=slug, version=version, refused=error)
    undo.say(request, _("The segment is stored."))
    address = reverse("segments:segment", args=[kept])
    return HttpResponseClientRedirect(address) if _by_script(request) else HttpResponseRedirect(address)


def _form(
    request: HttpRequest,
    draft: Draft,
    *,
    name: str = "",
    note: str = "",
    slug: str = "",
    version: int = 0,
    refused: HuoshuiError | None = None,
    at: tuple[str, str] = ("", ""),
) -> HttpResponse:
    """The form with what the rule means so far, or what is wrong with it and where.

    ``at`` is the button that was pressed and the key of the part to go on with: the focus goes there.
    """
    actor = shell.actor_of(request)
    tables = open_lake().snapshot()
    offers = offers_of(actor, tables)
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())
    try:
        found = previewing.preview(tables=tables, as_of=as_of, draft=draft, unless=slug, among=offers.among)
    except QueryTooLong as late:
        found = previewing.Preview(count=None, customers=0, parts={}, sample=(), as_of=as_of.at)
        refused = late
    of_traits, of_attributes = queries.fields()
    written = drafts.write(draft, traits=of_traits, attributes=of_attributes)
    problem, where, sentence, doubts = "", "", None, {}
    try:
        rule = queries.read(written.rule, unless=slug)
        sentence, doubts = queries.sentence(rule), doubting.doubts(rule, offers)
    except BadRule as wrong:
        problem, where = wrong.words.in_(shell.language_now()), written.key_of(wrong.path)
    form = builder.Form(
        language=shell.language_now(),
        offers=offers,
        counts=found.parts,
        problem=problem,
        at=where,
        doubts={written.key_of(path): text for path, text in doubts.items()},
    )
    root = form.row(draft)
    told = _told(refused) if refused else ""
    context: dict[str, Any] = {
        "root": root,
        "lists": form.offered(),
        "segments": [(other, text) for other, text in queries.names().items() if other != slug],
        "purposes": sentences.PURPOSES.items(),
        "name": name,
        "note": note,
        "slug": slug,
        "version": version,
        "sentence": sentence,
        "other_language": "en" if shell.language_now() == "zh" else "zh-Hans",
        "found": found,
        "share": found.count / found.customers if found.count and found.customers else 0.0,
        "sample": _called(actor, found.sample),
        "some_only": actor.scope != Scope.ALL,
        "refused": None if told == problem else told,
        "ready": found.count is not None,
        "moves": _moves(),
        "pressed": at[0],
        "focus": at[1],
        "on_field": at[0] not in ("up", "down", "in", "out", "copy"),
    }
    # A page of a refusal would not be put in the place of the form by the script.
    status = 400 if refused and not _by_script(request) else 200
    return render(request, "segments/form.html", context, status=status)


def _told(refused: HuoshuiError) -> str:
    """A refusal as the form says it."""
    language = shell.language_now()
    if isinstance(refused, BadRule):
        return refused.words.in_(language)
    whole = f"{refused.problem}. {refused.next_step}"
    return whole if language == "en" or refused.says is None else refused.says.zh


def _called(actor: Actor, ids: Sequence[int]) -> list[tuple[int, str]]:
    """Some customers with their names, as far as the actor sees them."""
    titles = SUBJECTS["customer"].titles(actor, [str(one) for one in ids])
    return [(one, titles[str(one)]) for one in ids if str(one) in titles]


def _moves() -> list[tuple[str, str, str]]:
    """The buttons of a part: act, icon, words."""
    return [
        ("up", "arrow-up", _("Move up")),
        ("down", "arrow-down", _("Move down")),
        ("out", "arrow-left", _("Move out of the group")),
        ("in", "arrow-right", _("Move into a group")),
        ("copy", "copy", _("Copy")),
        ("remove", "trash", _("Remove")),
    ]


def _by_script(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
