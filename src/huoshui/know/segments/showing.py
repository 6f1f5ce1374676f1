"""The page of one segment, and the parts of it that take longer: what its customers are like, overlap, some of them.

Opening the page reads the database alone and the number of all customers: no member, and no fact about one. The parts
come after it; each is a page of its own for who has no script.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.data.customers import conditions as known
from huoshui.data.customers import keeping, listing
from huoshui.data.customers import queries as customers
from huoshui.data.customers.conditions import Conditions
from huoshui.data.customers.scope import require_seen
from huoshui.data.customers.subjects import called, masked_contact
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right, Scope
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, TRAITS
from huoshui.know.segments import memberships, pages, past, profiles, queries, services
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.queries import Described
from huoshui.lake import open_lake
from huoshui.lake.kept import kept
from huoshui.lake.snapshot import Snapshot
from huoshui.web import figures, panels, shell

SHOWN = 8
SHOWN_OF_EACH = ("stage", "net_monetary", "last_order_at")


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One segment: who, how many, since when, and with ``?customer=`` why somebody belongs to it or not."""
    actor, language, house = _reader(request), shell.language_now(), HOUSE()
    found, broken = _described(slug)
    tables = open_lake().snapshot()
    as_of = _moment(tables)
    state = memberships.states([slug]).get(slug)
    sizes, everybody = memberships.sizes(slug), _everybody(tables)
    share = state.size / everybody if state and everybody else 0.0
    asked = request.GET.get("customer", "").strip()[:100]
    context = {
        "segment": found,
        "broken": broken,
        "state": state,
        "stale": state is not None and state.is_stale(version=found.version, as_of=as_of.at),
        "share": share,
        "share_text": figures.share(share, language),
        "everybody": everybody,
        "group": f"segment:{slug}",
        "chart": pages.curve(sizes, house),
        "moves": pages.moves(slug, sizes, language),
        "versions": queries.versions(slug),
        "users": services.users_of(slug),
        "views": [view.name for view in keeping.views(actor) if f"in=segment%3A{slug}" in view.query],
        "written": json.dumps(found.rule, ensure_ascii=False, indent=2),
        "may_edit": actor.may(Right.SEGMENTS_EDIT),
        "may_export": actor.may(Right.CUSTOMERS_EXPORT),
        "whole": actor.scope == Scope.ALL,
        "asked": asked,
        "panels": panels.shown(request, "segment", f"segment:{slug}"),
        **(_reason(actor, tables, as_of, slug, asked) if asked and not broken else {}),
    }
    return render(request, "segments/segment.html", context)


@require_safe
def show_profile(request: HttpRequest, slug: str) -> HttpResponse:
    """What the customers of a segment have more or less of than all customers."""
    actor, language, house = _reader(request), shell.language_now(), HOUSE()
    found = queries.segment(slug)
    context: dict[str, Any] = {
        "part": "profile",
        "segment": found,
        "group": f"segment:{slug}",
        "hidden": actor.scope != Scope.ALL,
    }
    if actor.scope == Scope.ALL:
        tables, fields = open_lake().snapshot(), known.known()
        profile = profiles.profile(tables=tables, as_of=_moment(tables), rule=queries.rule_of(slug))
        telling = [one for one in profile.categories if one.inside or one.everybody >= profiles.FEW]
        whole = "all" in request.GET
        apart = [one for one in profile.middles if one.strength >= 0.01][: pages.MOST_MIDDLES]
        context |= {
            "profile": profile,
            "few": profiles.FEW,
            "lines": [
                pages.category(one, f"segment:{slug}", fields, language)
                for one in telling[: None if whole else pages.MOST_CATEGORIES]
            ],
            "middles": [
                pages.middle(one, fields, house, language) for one in (profile.middles if whole else apart)
            ],
            "whole": whole,
        }
    return render(request, "segments/profile.html", context)


@require_safe
def show_overlap(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom a segment shares with the others."""
    _reader(request)
    found, tables = queries.segment(slug), open_lake().snapshot()
    shared = profiles.overlaps(tables=tables, as_of=_moment(tables), slug=slug)
    most = None if "all" in request.GET else pages.MOST_SHARED
    lines = [pages.shared(one, f"segment:{slug}", shell.language_now()) for one in shared[:most]]
    context = {"part": "overlap", "segment": found, "lines": lines, "more": len(shared) - len(lines)}
    return render(request, "segments/overlap.html", context)


@require_safe
def show_some(request: HttpRequest, slug: str) -> HttpResponse:
    """Some of the customers of a segment whom the reader sees, those who bought last first."""
    actor, language, house = _reader(request), shell.language_now(), HOUSE()
    found, offered = queries.segment(slug), known.known()
    columns = [one for one in SHOWN_OF_EACH if one in offered]
    some = listing.find(
        actor=actor,
        tables=open_lake().snapshot(),
        conditions=Conditions(populations=(f"segment:{slug}",)),
        columns=columns,
        size=SHOWN,
    )
    lines = [
        (
            row.customer_id,
            called(row.customer_id, row.name, language),
            masked_contact(row.phone, row.email),
            [
                figures.of_trait(TRAITS[one], row.values[one], house.currency, house.zone, language)
                for one in columns
            ],
        )
        for row in some.rows
    ]
    context = {
        "part": "some",
        "segment": found,
        "group": f"segment:{slug}",
        "total": some.total,
        "heads": [offered[one].label.in_(language) for one in columns],
        "lines": lines,
        "whole": actor.scope == Scope.ALL,
    }
    return render(request, "segments/some.html", context)


@require_safe
def show_of_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The segments that a customer belongs to as last computed, and since when."""
    actor, language = _reader(request), shell.language_now()
    require_seen(actor, customer_id)
    tables, names = open_lake().snapshot(), queries.names()
    stays = memberships.of_customer(tables, customer_id)
    context = {
        "customer_id": customer_id,
        "name": called(customer_id, customers.names([customer_id]).get(customer_id, ""), language),
        "lines": [(slug, name.in_(language), stays[slug]) for slug, name in names.items() if slug in stays],
        "computed": bool(memberships.states()),
        "may_edit": actor.may(Right.SEGMENTS_EDIT),
    }
    return render(request, "segments/of_customer.html", context)


def _reader(request: HttpRequest) -> Actor:
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_VIEW)
    return actor


def _described(slug: str) -> tuple[Described, str]:
    """The segment, and what is wrong with its rule: the page of a broken one says so and can be changed."""
    try:
        return queries.segment(slug), ""
    except BadRule as error:
        (found,) = [one for one in queries.segments() if one.slug == slug]
        return found, str(error)


def _moment(tables: Snapshot) -> AsOf:
    return queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())


def _everybody(tables: Snapshot) -> int:
    """How many customers had traits at the last refresh: their number stands in the files' own heads."""

    def ask() -> int:
        return int(tables.arrow(tables.table("traits").count().as_table()).to_pylist()[0].popitem()[1])

    return kept(("customers with traits", str(tables.lake.root), tables.version), ask)


def _reason(actor: Actor, tables: Snapshot, as_of: AsOf, slug: str, asked: str) -> dict[str, Any]:
    """Why the customer that was asked for belongs or not; those of other teams are not found."""
    found = customers.find(asked)
    if len(found) != 1:
        return {"unclear": len(found)}
    customer_id = found[0].customer_id
    try:
        require_seen(actor, customer_id)
    except HuoshuiError:
        return {"unclear": 0}
    reason = queries.why(tables=tables, as_of=as_of, rule=queries.rule_of(slug), customer_id=customer_id)
    if reason is None:
        return {"unclear": 0}
    house, language = HOUSE(), shell.language_now()
    return {
        "reason": reason,
        "customer_id": customer_id,
        "name": called(customer_id, customers.names([customer_id]).get(customer_id, ""), language),
        "verdicts": [
            (one, pages.value_in_words(one.clause, one.value, house, language)) for one in reason.verdicts
        ],
        "steps": pages.steps(past.steps(tables=tables, slug=slug, customer_id=customer_id), house, language),
    }
