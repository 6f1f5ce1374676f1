"""Pages of the outbox: what is on its way, what waits for a person, and the pace of channels."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.messages import forms, queries, services, tuning, words
from huoshui.act.messages.queries import ErrandNow, LaneNow, Receipt
from huoshui.data.customers import queries as customers
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Language
from huoshui.web import shell, undo

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The lanes, what is on its way, and what a person has to decide."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    actor.require(Right.CUSTOMERS_VIEW)
    wanted = queries.errands(now=now)
    context = {
        "lanes": [(lane, _state(lane, language)) for lane in queries.all_lanes(now=now)],
        "errands": [_line(one, language) for one in wanted],
        "overdue": [(one, one.counts.by_state["pending"]) for one in wanted if one.overdue],
        "uncertain": _unclear(queries.uncertain(actor=actor), language),
        "choices": [(code, text.in_(language)) for code, text in words.CHOICES.items()],
        "may_decide": actor.may(Right.CAMPAIGNS_APPROVE),
        "may_tune": actor.may(Right.HOUSE_MANAGE),
    }
    return render(request, "outbox/list.html", context)


@never_cache
@read_or_send
def settings(request: HttpRequest) -> HttpResponse:
    """Caps, quiet hours and grace of all channels, and the pace of each."""
    actor, now = shell.actor_of(request), clock.now()
    lanes = queries.all_lanes(now=now)
    given = request.POST if request.method == "POST" else None
    about = given.get("about", "") if given is not None else None
    rules = forms.RulesForm(
        given if about == "" else None,
        initial=forms.RulesForm.initial_of(queries.all_rules()),
        auto_id="id_%s",
    )
    of_lanes = [
        (
            lane,
            forms.LaneForm(
                given if about == lane.channel else None,
                initial=forms.LaneForm.initial_of(lane),
                auto_id=f"id_{lane.channel}_%s",
            ),
        )
        for lane in lanes
    ]
    if about == "" and rules.is_valid():
        tuning.set_rules(actor=actor, now=now, **rules.said())
        return _saved(request)
    for lane, form in of_lanes:
        if about == lane.channel and form.is_valid():
            tuning.set_lane(actor=actor, channel=lane.channel, now=now, **form.cleaned_data)
            return _saved(request)
    return render(request, "outbox/settings.html", {"rules": rules, "lanes": of_lanes})


@require_POST
def lane(request: HttpRequest, channel: str) -> HttpResponse:
    """Stop a channel, or let it go on."""
    actor, now = shell.actor_of(request), clock.now()
    if request.POST.get("act") == "stop":
        tuning.stop_lane(actor=actor, channel=channel, now=now)
        undo.say(request, _("Nothing leaves on this channel until it is started again."))
    else:
        tuning.start_lane(actor=actor, channel=channel, now=now)
        undo.say(request, _("The channel goes on."))
    return HttpResponseRedirect(reverse("outbox:list"))


@require_POST
def overdue(request: HttpRequest, origin: str, origin_id: int) -> HttpResponse:
    """Let go what is overdue, or stop it for good."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.CAMPAIGNS_APPROVE)
    queries.require_errand(origin=origin, origin_id=origin_id)
    if request.POST.get("act") == "stop":
        stopped = services.stop(actor=actor, origin=origin, origin_id=origin_id, now=now)
        undo.say(
            request,
            _("Stopped. Messages that do not leave any more: %(number)s") % {"number": f"{stopped:,}"},
        )
    else:
        services.resume(actor=actor, origin=origin, origin_id=origin_id, now=now)
        undo.say(request, _("What is overdue leaves now."))
    return HttpResponseRedirect(reverse("outbox:list"))


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Decide on uncertain messages: on the chosen ones, or on all of one origin."""
    origin, _colon, number = request.POST.get("all", "").partition(":")
    done = tuning.decide_uncertain(
        actor=shell.actor_of(request),
        choice=request.POST.get("choice", ""),
        message_ids=[
            int(one) for one in request.POST.getlist("message") if one.isdecimal() and len(one) < 18
        ],
        origin=origin,
        origin_id=int(number) if number.isdecimal() else 0,
        now=clock.now(),
    )
    undo.say(request, _("Messages decided on: %(number)s") % {"number": f"{done:,}"})
    return HttpResponseRedirect(reverse("outbox:list"))


def _saved(request: HttpRequest) -> HttpResponse:
    undo.say(request, _("Saved. It holds from the next message on."))
    return HttpResponseRedirect(reverse("outbox:settings"))


def _state(lane: LaneNow, language: Language) -> tuple[str, str]:
    """The word of a lane and its tone."""
    if lane.why_not is None:
        return _("at work"), "good"
    return lane.why_not.in_(language), "bad" if lane.broken_until else "warn"


def _line(errand: ErrandNow, language: Language) -> dict[str, object]:
    """An errand as a line of the table: numbers by state, and why people were left out."""
    by_state = errand.counts.by_state
    out = sorted(errand.counts.by_reason.items(), key=lambda one: -one[1])
    return {
        "errand": errand,
        "channel": CHANNELS[errand.channel].label.in_(language)
        if errand.channel in CHANNELS
        else errand.channel,
        "audience": errand.counts.audience,
        "waiting": by_state["pending"] + by_state["claimed"],
        "held": errand.counts.held,
        **{name: by_state[name] for name in ("sent", "uncertain", "failed", "suppressed", "held_out")},
        "reasons": [(words.reason(code, language), number) for code, number in out],
    }


def _unclear(receipts: Sequence[Receipt], language: Language) -> list[dict[str, object]]:
    """Uncertain messages by what they belong to, each with the name of the person."""
    names = customers.names([one.customer_id for one in receipts])
    groups: dict[tuple[str, int], list[Receipt]] = {}
    for one in receipts:
        groups.setdefault((one.origin, one.origin_id), []).append(one)
    return [
        {
            "title": some[0].title,
            "all": f"{origin}:{number}",
            "messages": [
                (one, names.get(one.customer_id) or str(one.customer_id), words.reason(one.reason, language))
                for one in some
            ],
        }
        for (origin, number), some in groups.items()
    ]
