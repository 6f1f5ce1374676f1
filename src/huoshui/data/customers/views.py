"""The list of customers, and what the search box finds of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huoshui.data.customers import listing, queries
from huoshui.data.customers.listing import Conditions, Known, NotACondition, Row
from huoshui.data.traits import queries as traits
from huoshui.kernel import masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE, TRAITS, Hit, House, SearchProvider
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.web import figures, shell
from huoshui.web.lists import Chip, Column, Listing, Tone

USUAL = ("stage", "value_class", "net_monetary", "frequency", "last_order_at", "city")
TONES: dict[str, Tone] = {
    "new": "info",
    "active": "good",
    "silent": "warn",
    "lost": "bad",
    "high": "brand",
    "at_risk": "warn",
}
LONGEST_WORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A value of a row as the page shows it."""

    text: str
    tag: bool
    tone: Tone
    number: bool
    wide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A customer as the page shows them; ``contact`` is masked."""

    customer_id: int
    name: str
    contact: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A trait that a condition can be chosen of, with its codes, and which are chosen."""

    slug: str
    label: str
    options: Sequence[tuple[str, str, bool]]


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The list. Everything that makes it what it is stands in the address."""
    if "number" in request.GET:
        return _with_range(request)
    actor, language = shell.actor_of(request), shell.language_now()
    offered = listing.known()
    conditions = _conditions(request, offered)
    columns = [slug for slug in request.GET.getlist("columns") or USUAL if slug in offered]
    sort = request.GET.get("sort", listing.USUAL_SORT)
    page = _page_number(request.GET.get("page", "1"))
    tables = open_lake().snapshot()
    found = listing.find(
        actor=actor, tables=tables, conditions=conditions, columns=columns, sort=sort, page=page
    )
    refreshed = traits.last_refresh(tables=tables)
    house = HOUSE()
    context = {
        "listing": _listing(request, found.total, page, sort, conditions, columns, offered, language),
        "lines": [_line(row, columns, offered, house, language) for row in found.rows],
        "choices": _choices(conditions, offered, language),
        "numbers": [(k.slug, k.label.in_(language)) for k in offered.values() if k.numeric],
        "kept_query": [(n, v) for n, v in _pairs(request) if n != "page"],
        "refreshed": refreshed[1] if refreshed else None,
        "nobody": not found.total and not queries.count(),
        "columns": [],
    }
    return render(request, "customers/list.html", context)


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in values if value]


def _with_range(request: HttpRequest) -> HttpResponse:
    """The form of a range names trait and bounds in three fields; the address says them in one."""
    slug = request.GET.get("number", "")
    rest = [(n, v) for n, v in _pairs(request) if n not in ("number", "at_least", "at_most", "page")]
    for bound, name in (("at_least", "least"), ("at_most", "most")):
        typed = request.GET.get(bound, "").strip()
        rest = [(n, v) for n, v in rest if n != name or not v.startswith(f"{slug}:")]
        if slug and typed:
            rest.append((name, f"{slug}:{listing.bound(typed):f}"))
    return HttpResponseRedirect(f"{request.path}?{urlencode(rest)}" if rest else request.path)


def _conditions(request: HttpRequest, offered: dict[str, Known]) -> Conditions:
    bounds: dict[str, dict[str, Decimal]] = {"least": {}, "most": {}}
    for name, found in bounds.items():
        for text in request.GET.getlist(name):
            slug, sign, value = text.partition(":")
            if not sign:
                raise NotACondition("This is not a bound", received=repr(text[:40]), valid="SLUG:NUMBER")
            found[slug] = listing.bound(value)
    any_of = {
        slug: [code for code in request.GET.getlist(slug) if code]
        for slug in offered
        if slug in request.GET and any(request.GET.getlist(slug))
    }
    words = request.GET.get("q", "").strip()[:LONGEST_WORDS]
    return Conditions(words=words, any_of=any_of, least=bounds["least"], most=bounds["most"])


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9) or int(text) < 1:
        raise listing.NoSuchPage(
            "The list has no such page", received=repr(text[:40]), valid="a number from 1"
        )
    return int(text)


def _listing(
    request: HttpRequest,
    total: int,
    page: int,
    sort: str,
    conditions: Conditions,
    columns: Sequence[str],
    offered: dict[str, Known],
    language: Language,
) -> Listing:
    pairs = [(n, v) for n, v in _pairs(request) if n != "page"]
    path = reverse("customers:list")

    def without(name: str, value: str) -> str:
        left = [pair for pair in pairs if pair != (name, value)]
        return f"{path}?{urlencode(left)}" if left else path

    chips = [
        Chip(
            name=offered[slug].label.in_(language),
            value=offered[slug].values[code].in_(language) if code in offered[slug].values else code,
            without=without(slug, code),
        )
        for slug, codes in conditions.any_of.items()
        for code in codes
    ]
    for name, sign, bounds in (("least", "≥", conditions.least), ("most", "≤", conditions.most)):
        chips += [
            Chip(
                name=offered[slug].label.in_(language) if slug in offered else slug,
                value=f"{sign} {figures.count(value, language)}",
                without=without(name, next(v for n, v in pairs if n == name and v.startswith(f"{slug}:"))),
            )
            for slug, value in bounds.items()
        ]
    heads = [
        Column(
            key=known.slug,
            label=known.label.in_(language),
            sort=True,
            number=known.numeric,
            wide=known.slug not in ("stage", "net_monetary"),
        )
        for known in offered.values()
    ]
    place = {slug: number for number, slug in enumerate(columns)}
    heads.sort(key=lambda column: place.get(column.key, len(place)))
    return Listing(
        path=path,
        query=pairs,
        page=page,
        size=listing.SIZE,
        total=total,
        sort=sort,
        words=conditions.words,
        chips=chips,
        columns=heads,
        chosen=list(columns),
    )


def _line(
    row: Row, columns: Sequence[str], offered: dict[str, Known], house: House, language: Language
) -> Line:
    cells = []
    for slug in columns:
        known, value = offered[slug], row.values[slug]
        if value is None:
            text = ""
        elif slug in TRAITS:
            text = figures.of_trait(TRAITS[slug], value, house.currency, house.zone, language)
        else:
            text = str(value)
        cells.append(
            Cell(
                text=text,
                tag=bool(known.values) and value is not None,
                tone=TONES.get(str(value), "") if slug != "rfm_segment" else "",
                number=known.numeric,
                wide=slug not in ("stage", "net_monetary"),
            )
        )
    return Line(
        customer_id=row.customer_id,
        name=_named(row.customer_id, row.name, language),
        contact=_contact(row.phone, row.email),
        cells=cells,
    )


def _choices(conditions: Conditions, offered: dict[str, Known], language: Language) -> list[Choice]:
    return [
        Choice(
            slug=known.slug,
            label=known.label.in_(language),
            options=[
                (code, label.in_(language), code in conditions.any_of.get(known.slug, ()))
                for code, label in known.values.items()
            ],
        )
        for known in offered.values()
        if known.values
    ]


def _hits(actor: Actor, words: str, language: Language, limit: int) -> list[Hit]:
    """Customers by identity or name. Contacts are masked: the search says who it is, not how to reach them."""
    if Right.CUSTOMERS_VIEW not in actor.rights:
        return []
    ids = listing.ids_by_words(words)[:limit]
    known = listing.contacts(ids)
    return [
        Hit(
            title=_named(customer_id, known[customer_id]["name"], language),
            note=_contact(known[customer_id]["phone"], known[customer_id]["email"]),
            url="dashboards:customer",
            arguments={"customer_id": customer_id},
            icon="user",
        )
        for customer_id in ids
        if customer_id in known
    ]


def _named(customer_id: int, name: str, language: Language) -> str:
    return name or (f"客户 {customer_id}" if language == "zh" else f"Customer {customer_id}")


def _contact(phone: str, email: str) -> str:
    return masks.phone(phone) if phone else masks.email(email)


SEARCH_CUSTOMERS = SearchProvider(slug="customers", label=Text("Customers", "客户"), place=10, find=_hits)
