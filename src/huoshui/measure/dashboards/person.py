"""The pages of one customer: what happened, orders, traits and why, who it is. Each look is noted in the audit log."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoshui.data.customers import details, services
from huoshui.data.customers import queries as customers
from huoshui.data.customers.scope import require_seen
from huoshui.data.customers.subjects import called
from huoshui.desk.audit import services as audit
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.pages import customer as heads
from huoshui.measure.dashboards.pages import past as pasts
from huoshui.measure.dashboards.pages import why as reasons
from huoshui.measure.dashboards.queries import person as queries
from huoshui.web import figures, panels, shell, undo
from huoshui.web.lists import Listing

ORDERS = 50


class NoSuchPage(HuoshuiError):
    """The list of orders has no such page."""

    code = "no_such_page"
    says = Text("The list has no such page", "列表没有这一页")


class _Look:
    """What every page of a customer needs: who asks, of whom, from which picture of the house."""

    def __init__(self, request: HttpRequest, customer_id: int, tab: str, *, whole: bool = False) -> None:
        self.request, self.tab, self.whole = request, tab, whole
        self.actor, self.language, self.house = shell.actor_of(request), shell.language_now(), HOUSE()
        self.actor.require(Right.CUSTOMERS_VIEW)
        if whole:
            self.actor.require(Right.CONTACTS_REVEAL)
        self.tables = open_lake().snapshot()
        self.found = queries.person(
            actor=self.actor, tables=self.tables, customer_id=customer_id, now=clock.now()
        )

    def labels(self) -> dict[str, str]:
        """What the declared attributes are called."""
        zh = self.language == "zh"
        return {a.slug: a.label_zh if zh else a.label_en for a in customers.attributes(retired=True)}

    def shown(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """The page, once the look is noted."""
        head = heads.head(
            self.found,
            actor=self.actor,
            house=self.house,
            language=self.language,
            tab=self.tab,
            whole=self.whole,
        )
        answer = render(self.request, template, {"head": head, **context})
        audit.record(
            actor=self.actor,
            act="customer.revealed" if self.whole else "customer.viewed",
            subject=f"customer:{head.customer_id}",
            detail={"page": self.tab},
            now=clock.now(),
        )
        return answer


@require_safe
def happened(request: HttpRequest, customer_id: int) -> HttpResponse:
    """What a customer did and what was done for them, with who they are and what they are worth beside it."""
    try:
        look = _Look(request, customer_id, "customer")
    except customers.NoSuchCustomer:
        return _deleted(request, customer_id)
    return _happened(look)


@require_POST
def contacts(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The same page with contacts in full, for those who may see them; noted as such."""
    return _happened(_Look(request, customer_id, "customer", whole=True))


def _deleted(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Say to those who could bring them back that a customer is deleted. Raises `NoSuchCustomer` for others."""
    actor = shell.actor_of(request)
    name = customers.deleted(actor, customer_id)
    context = {"title": called(customer_id, name, shell.language_now()), "customer_id": customer_id}
    context["restore"] = actor.may(Right.CUSTOMERS_EDIT)
    return render(request, "dashboards/deleted.html", context, status=404)


def _happened(look: _Look) -> HttpResponse:
    request, found, pk = look.request, look.found, look.found.profile.customer_id
    asked = pasts.asked(request.GET, look.house)
    past = queries.past(
        tables=look.tables, customer_id=pk, kinds=asked.kinds, between=asked.between, most=pasts.SIZE
    )
    path = reverse("dashboards:customer", args=[pk])
    timeline = pasts.timeline(past, asked, path=path, house=look.house, language=look.language)
    company = None
    if found.profile.account_id is not None:
        members, total = queries.colleagues(
            actor=look.actor, tables=look.tables, account_id=found.profile.account_id
        )
        company = heads.company(found, members, total, house=look.house, language=look.language)
    every = heads.traits(found, look.house, look.language)
    context = {
        "timeline": timeline,
        "traits": every[:8],
        "more_traits": len(every),
        "as_of": heads.as_of(found),
        "about": heads.about(found, look.labels()),
        "company": company,
        "panels": panels.shown(request, "customer", f"customer:{pk}"),
    }
    return look.shown("dashboards/customer.html", context)


@require_safe
def orders(request: HttpRequest, customer_id: int) -> HttpResponse:
    """All orders of a customer with their lines, and their sums."""
    look = _Look(request, customer_id, "orders")
    text = request.GET.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    found = queries.orders(tables=look.tables, customer_id=customer_id, page=max(1, page), size=ORDERS)
    listing = Listing(path=request.path, query=[], page=page, size=ORDERS, total=found.total)
    if not 1 <= page <= listing.pages:
        raise NoSuchPage("The list has no such page", received=repr(text[:40]), valid=f"1 to {listing.pages}")
    money = figures.money
    rows = [
        {
            "order_id": row.order_id,
            "day": f"{row.ordered_at.astimezone(look.house.zone):%Y-%m-%d}",
            "where": " · ".join(part for part in (row.channel, row.store) if part),
            "amount": money(row.revenue, look.house.currency, look.language, exact=True),
            "changed": money(row.changed, look.house.currency, look.language, exact=True)
            if row.changed
            else "",
            "lines": pasts.shown_lines(row.lines, look.house, look.language),
        }
        for row in found.rows
    ]
    sums = [
        (_("Orders"), figures.count(found.purchases, look.language)),
        (_("Paid"), money(found.revenue, look.house.currency, look.language, exact=True)),
        (_("Came back"), money(found.changed, look.house.currency, look.language, exact=True)),
        (_("Left"), money(found.net, look.house.currency, look.language, exact=True)),
    ]
    return look.shown(
        "dashboards/orders.html",
        {
            "rows": rows,
            "sums": sums,
            "listing": listing,
            "customer_id": customer_id,
            "may_export": look.actor.may(Right.CUSTOMERS_EXPORT),
        },
    )


@require_safe
def traits(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Every trait of a customer; each opens to its reason."""
    look = _Look(request, customer_id, "traits")
    shown = heads.traits(look.found, look.house, look.language)
    return look.shown("dashboards/traits.html", {"traits": shown, "as_of": heads.as_of(look.found)})


@require_safe
def why(request: HttpRequest, customer_id: int, slug: str) -> HttpResponse:
    """Why a trait is what it is: what it means, from what it was computed, when, and what it was before."""
    look = _Look(request, customer_id, "traits")
    reasons.require(look.found, slug)
    past = queries.history(tables=look.tables, customer_id=customer_id, slug=slug)
    reason = reasons.why(
        look.found, slug, past, house=look.house, labels=look.labels(), language=look.language
    )
    return look.shown("dashboards/why.html", {"why": reason})


@require_safe
def about(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Who a customer is: identities, attributes with their source, time and history, tags, consents."""
    look = _Look(request, customer_id, "about")
    context = {
        "identities": reasons.identities(look.found, whole=False, language=look.language),
        "known": reasons.attributes(
            look.found,
            details.said(customer_id),
            whole=False,
            labels=look.labels(),
            house=look.house,
            language=look.language,
        ),
        "consents": reasons.consents(look.found, look.house, look.language),
        "tags": look.found.tags,
    }
    return look.shown("dashboards/about.html", context)


@require_POST
def tag(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Give a tag to a customer, or take it away, with the way back."""
    actor = shell.actor_of(request)
    require_seen(actor, customer_id)
    word, take = request.POST.get("tag", ""), "take" in request.POST
    act, changed = services.tag_many(
        actor=actor, customer_ids=[customer_id], tag=word, now=clock.now(), lake=open_lake(), take=take
    )
    if changed:
        said = _("The tag was taken away.") if take else _("The tag was given.")
        undo.offer(request, said, undo=reverse("customers:undo", args=[act]))
    else:
        undo.say(request, _("Nothing had changed."))
    return HttpResponseRedirect(reverse("dashboards:about", args=[customer_id]))
