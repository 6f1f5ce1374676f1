"""The list of customers. Everything that makes it what it is stands in its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huoshui.data.customers import asking, keeping, listing, queries
from huoshui.data.customers.asking import Asked
from huoshui.data.customers.conditions import NOBODY, Known, offered_populations
from huoshui.data.customers.listing import Row
from huoshui.data.customers.subjects import called, masked_contact
from huoshui.data.customers.views.chips import chips
from huoshui.data.traits import queries as traits
from huoshui.desk.users import queries as users
from huoshui.documents import sheets
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE, TRAITS, House
from huoshui.kernel.texts import Language
from huoshui.lake import open_lake
from huoshui.web import figures, shell
from huoshui.web.lists import Column, Listing, Tab, Tone

TONES: dict[str, Tone] = {
    "new": "info",
    "active": "good",
    "silent": "warn",
    "lost": "bad",
    "high": "brand",
    "at_risk": "warn",
}
NARROW = ("stage", "net_monetary")
FORM = ("field", "at_least", "at_most", "part", "emptiness")


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
    """A customer as the page shows them; ``contact`` is masked for whoever may not see it."""

    customer_id: int
    name: str
    contact: str
    owner: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A trait that a condition can be chosen of, with its codes, and which are chosen."""

    slug: str
    label: str
    options: Sequence[tuple[str, str, bool]]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The list, or the same address with what the form of conditions says put into it."""
    if any(name in request.GET for name in FORM):
        return _with_condition(request)
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.CUSTOMERS_VIEW)
    saved = keeping.views(actor)
    if not request.GET and any(view.usual and view.query for view in saved):
        usual = next(view for view in saved if view.usual)
        return HttpResponseRedirect(f"{request.path}?{usual.query}")
    offered = listing.known()
    asked = asking.read(request.GET, offered)
    tables = open_lake().snapshot()
    found = listing.find(
        actor=actor,
        tables=tables,
        conditions=asked.conditions,
        columns=asked.columns,
        sort=asked.sort,
        page=asked.page,
    )
    refreshed = traits.last_refresh(tables=tables)
    house, names = HOUSE(), users.names()
    pairs = pairs_of(request)
    context = {
        "listing": _listing(pairs, found.total, asked, offered, names, language),
        "lines": [_line(row, asked.columns, offered, house, actor, language) for row in found.rows],
        "choices": _choices(asked, offered, language),
        "groups": [(group, name.in_(language)) for group, name in offered_populations()],
        "fields": [(k.slug, k.label.in_(language)) for k in offered.values() if not k.retired],
        "colleagues": list(names.items()),
        "nobody_key": NOBODY,
        "teams": [(team.id, team.name.in_(language)) for team in users.teams()],
        "kept_query": pairs,
        "query": urlencode(pairs),
        "tabs": _tabs(saved, urlencode(pairs)),
        "saved": saved,
        "refreshed": refreshed[1] if refreshed else None,
        "nobody": not found.total and not asked.conditions.words and not pairs and not queries.count(),
        "may_edit": actor.may(Right.CUSTOMERS_EDIT),
        "may_export": actor.may(Right.CUSTOMERS_EXPORT),
        "may_save": actor.user_id is not None,
        "formats": [(kind.slug, kind.label.in_(language)) for kind in sheets.KINDS.values()],
        "columns": [],
        "chosen": asked.columns,
    }
    return render(request, "customers/list.html", context)


def pairs_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What the address of a list says, without page; ``all`` only says that it is no view."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if value and name not in ("page", "all")
    ]


def _with_condition(request: HttpRequest) -> HttpResponse:
    """The form names a field and what of it in some fields; the address says it in one."""
    slug = request.GET.get("field", "").strip()
    pairs = [(n, v) for n, v in pairs_of(request) if n not in FORM]
    known = listing.known().get(slug)
    if slug and known is None:
        listing.require_offered(slug, listing.known())
    if known is not None:
        typed = {name: request.GET.get(name, "").strip() for name in FORM}
        low, high = ("since", "until") if known.kind in ("moment", "day") else ("least", "most")
        for name, said in ((low, typed["at_least"]), (high, typed["at_most"]), ("has", typed["part"])):
            if said:
                said = f"{listing.bound(said):f}" if name in ("least", "most") else said
                pairs = [(n, v) for n, v in pairs if n != name or not v.startswith(f"{slug}:")]
                pairs.append((name, f"{slug}:{said}"))
        if typed["emptiness"] in ("empty", "filled"):
            pairs.append((typed["emptiness"], slug))
    pairs = list(dict.fromkeys(pairs))
    return HttpResponseRedirect(f"{request.path}?{urlencode(pairs)}" if pairs else f"{request.path}?all=1")


def _listing(
    pairs: list[tuple[str, str]],
    total: int,
    asked: Asked,
    offered: dict[str, Known],
    names: dict[int, str],
    language: Language,
) -> Listing:
    path = reverse("customers:list")
    heads = [
        Column(
            key=known.slug,
            label=known.label.in_(language),
            sort=True,
            number=known.numeric,
            wide=known.slug not in NARROW,
        )
        for known in offered.values()
        if not known.retired or known.slug in asked.columns
    ]
    place = {slug: number for number, slug in enumerate(asked.columns)}
    heads.sort(key=lambda column: place.get(column.key, len(place)))
    return Listing(
        path=path,
        query=pairs,
        page=asked.page,
        size=listing.SIZE,
        total=total,
        sort=asked.sort,
        words=asked.conditions.words,
        chips=chips(path, pairs, asked.conditions, offered, names, language),
        columns=heads,
        chosen=list(asked.columns),
    )


def _tabs(saved: Sequence[keeping.View], query: str) -> list[Tab]:
    path = reverse("customers:list")
    return [
        Tab(
            label=view.name,
            address=f"{path}?{view.query}" if view.query else path,
            current=view.query == query,
        )
        for view in saved
    ]


def _line(
    row: Row,
    columns: Sequence[str],
    offered: dict[str, Known],
    house: House,
    actor: Actor,
    language: Language,
) -> Line:
    cells = []
    for slug in columns:
        known, value = offered[slug], row.values[slug]
        if value is None:
            text = ""
        elif slug in TRAITS:
            text = figures.of_trait(TRAITS[slug], value, house.currency, house.zone, language)
        elif known.kind == "flag":
            text = known.values["true" if value else "false"].in_(language)
        else:
            text = str(value)
        cells.append(
            Cell(
                text=text,
                tag=known.kind == "code" and value is not None,
                tone=TONES.get(str(value), "") if slug != "rfm_segment" else "",
                number=known.numeric,
                wide=slug not in NARROW,
            )
        )
    return Line(
        customer_id=row.customer_id,
        name=called(row.customer_id, row.name, language),
        contact=masked_contact(row.phone, row.email),
        owner=row.owner,
        cells=cells,
    )


def _choices(asked: Asked, offered: dict[str, Known], language: Language) -> list[Choice]:
    return [
        Choice(
            slug=known.slug,
            label=known.label.in_(language),
            options=[
                (code, label.in_(language), code in asked.conditions.any_of.get(known.slug, ()))
                for code, label in known.values.items()
            ],
        )
        for known in offered.values()
        if known.values and (not known.retired or known.slug in asked.conditions.any_of)
    ]
