"""Pages of campaigns: the list, the steps of the form, one campaign and what is done to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.campaigns import (
    advising,
    audiences,
    drafts,
    forms,
    leading,
    looks,
    pages,
    queries,
    reaching,
    services,
    stages,
)
from huoshui.act.campaigns.drafts import Draft
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.campaigns.queries import Described
from huoshui.act.holdouts.trials import CHOICES, GOALS
from huoshui.act.templates import queries as templates
from huoshui.act.templates.views import framing
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import memberships
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule
from huoshui.lake import open_lake
from huoshui.web import figures, shell, undo


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Every campaign: where it is on its way, and how many got it."""
    actor = shell.actor_of(request)
    context = {
        "lines": [
            pages.summary(one, standing, shell.language_now())
            for one, standing in queries.with_progress(actor=actor, now=clock.now())
        ],
        "may_edit": actor.may(Right.CAMPAIGNS_EDIT),
    }
    return render(request, "campaigns/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The first step of a campaign that is not there yet: its name and audience."""
    actor = shell.actor_of(request)
    actor.require(Right.CAMPAIGNS_EDIT)
    refused: HuoshuiError | None = None
    draft = Draft(name="")
    if request.method == "POST":
        try:
            draft = forms.read("audience", request.POST, draft)
            if request.POST.get("do") != "look":
                number = services.make(actor=actor, draft=draft, now=clock.now())
                return HttpResponseRedirect(pages.after("audience", number))
        except (NotACampaign, BadRule) as error:
            refused = error
    context = {"step": "audience", "draft": draft, "refused": refused, **_audience_of(draft)}
    return render(request, "campaigns/audience.html", context, status=400 if refused else 200)


@framing
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """A step of the form of a draft."""
    actor = shell.actor_of(request)
    actor.require(Right.CAMPAIGNS_EDIT)
    if slug not in forms.STEPS:
        raise Http404
    one = queries.campaign(number, actor=actor)
    stages.require("change", one.state)
    draft, refused = one.draft, None
    if request.method == "POST":
        try:
            draft = forms.read(slug, request.POST, draft)
            if request.POST.get("do") != "look":
                return _kept(request, actor, number, draft, slug)
        except (NotACampaign, BadRule) as error:
            refused = error
    context = {
        "one": one,
        "step": slug,
        "tabs": pages.steps(one, slug, shell.language_now()),
        "draft": draft,
        "version": request.POST.get("version", one.version),
        "refused": refused,
        **(_message_of(request, actor, one) if slug == "message" else CONTEXTS[slug](draft)),
    }
    return render(request, f"campaigns/{slug}.html", context, status=400 if refused else 200)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One campaign: where its people are, what is fixed, what was done."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    one, progress = queries.in_whole(number, actor=actor, now=now)
    house = HOUSE()
    words, tone = stages.STATES[one.state]
    context = {
        "one": one,
        "state": words.in_(language),
        "tone": tone,
        "audience": pages.audience(one.draft.audience),
        "missing": pages.missing(one, now, house.zone, language),
        "acts": pages.acts(one, actor, language),
        "facts": pages.facts(one, house.currency, language),
        "history": pages.history(one, language),
        "progress": progress if one.frozen else None,
        "parts": pages.parts(progress, language),
        "law": pages.law(progress, language),
        "reasons": pages.reasons(progress, language),
        "cost": figures.money(progress.cost, house.currency, language, exact=True),
        "reach": pages.reach(one, language),
        "stop_address": reverse("campaigns:act", args=[number, "stop"]),
        "may_approve": any(act.slug == "approve" for act in pages.acts(one, actor, language)),
        "result": pages.result(one),
        "may_edit": actor.may(Right.CAMPAIGNS_EDIT),
        "may_change": actor.may(Right.CAMPAIGNS_EDIT) and stages.may("change", one.state),
        "may_return": actor.may(Right.CAMPAIGNS_APPROVE) and stages.may("return", one.state),
        "may_stop": actor.may(Right.CAMPAIGNS_EDIT) and stages.may("stop", one.state),
        "moving": one.state == "sending",
    }
    return render(request, "campaigns/campaign.html", context)


@require_POST
def do(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Do something to a campaign."""
    actor = shell.actor_of(request)
    actor.require(Right.CAMPAIGNS_EDIT)
    now, zone = clock.now(), HOUSE().zone
    if slug == "reach":
        tables = open_lake().snapshot()
        if job := reaching.look(actor=actor, number=number, tables=tables, zone=zone, now=now):
            return HttpResponseRedirect(reverse("jobs:job", args=[job]))
    elif slug == "duplicate":
        name = _name_of_copy(number, actor)
        number = services.duplicate(actor=actor, number=number, name=name, now=now)
        undo.say(request, _("This is the copy: a draft without schedule"))
    elif slug in leading.ACTS:
        remark = request.POST.get("remark", "")
        leading.lead(slug, actor=actor, number=number, zone=zone, now=now, remark=remark)
    else:
        raise Http404
    if slug == "pause":
        resume = reverse("campaigns:act", args=[number, "resume"])
        undo.offer(request, _("The campaign is paused: nothing more leaves"), undo=resume)
    return HttpResponseRedirect(reverse("campaigns:campaign", args=[number]))


def _kept(request: HttpRequest, actor: Actor, number: int, draft: Draft, step: str) -> HttpResponse:
    """Keep a step and go on; what reach depends on is counted anew where that takes moments."""
    said = request.POST.get("version", "")
    now = clock.now()
    services.change(
        actor=actor, number=number, version=int(said) if said.isdecimal() else 0, draft=draft, now=now
    )
    if step in ("audience", "message"):
        reaching.look_if_few(
            actor=actor, number=number, tables=open_lake().snapshot(), zone=HOUSE().zone, now=now
        )
    if request.POST.get("do") == "leave":
        return HttpResponseRedirect(reverse("campaigns:campaign", args=[number]))
    if request.POST.get("do") == "stay":
        return HttpResponseRedirect(reverse("campaigns:edit", args=[number, step]))
    return HttpResponseRedirect(pages.after(step, number))


def _name_of_copy(number: int, actor: Actor) -> str:
    name = queries.campaign(number, actor=actor).name
    return _("Copy of %(name)s") % {"name": name[: drafts.LONGEST_NAME - 20]}


def _audience_of(draft: Draft) -> dict[str, Any]:
    choice = audiences.choice_of(draft.audience)
    sides = dict.fromkeys(choice.within, "in") | dict.fromkeys(choice.without, "out") if choice else {}
    sizes = memberships.states()
    size = None
    if draft.audience is not None:
        tables = open_lake().snapshot()
        size = reaching.size(tables=tables, rule=draft.audience, zone=HOUSE().zone, now=clock.now())
    return {
        "segments": [
            (slug, name, sides.get(slug, ""), sizes[slug].size if slug in sizes else None)
            for slug, name in segments.names().items()
        ],
        "join": choice.join if choice else "any",
        "own_rule": choice is None,
        "sentence": pages.audience(draft.audience),
        "size": size,
    }


def _message_of(request: HttpRequest, actor: Actor, one: Described) -> dict[str, Any]:
    draft, language = one.draft, shell.language_now()
    kept = [*draft.variants, *[None] * forms.ROWS][: max(forms.ROWS, len(draft.variants))]
    channels = [(one, one.unready()) for one in CHANNELS]
    return {
        "channels": sorted(channels, key=lambda one: one[1] is not None),
        "templates": templates.templates(),
        "rows": [(place, drafts.LETTERS[place], one) for place, one in enumerate(kept)],
        "senders": looks.senders(actor, draft),
        "email": drafts.EMAIL,
        "problems": pages.problems(draft, language),
        "look": looks.look(actor, draft, request.GET, language),
        "address": request.get_full_path(),
    }


def _measuring_of(draft: Draft) -> dict[str, Any]:
    return {
        "choices": CHOICES.items(),
        "goals": GOALS.items(),
        "percent": f"{draft.share * 100:g}" if draft.share else "10",
        "currency": HOUSE().currency,
        "advice": advising.advice(draft, tables=open_lake().snapshot(), zone=HOUSE().zone, now=clock.now()),
    }


def _schedule_of(draft: Draft) -> dict[str, Any]:
    return {"plans": drafts.PLANS.items(), "zone": HOUSE().zone.key, "most_waves": drafts.MOST_WAVES}


CONTEXTS = {
    "audience": _audience_of,
    "measuring": _measuring_of,
    "schedule": _schedule_of,
}
