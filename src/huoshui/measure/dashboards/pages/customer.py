"""The head of the pages of one customer, and their first page, as templates show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse

from huoshui.data.customers.subjects import called
from huoshui.data.privacy.queries import holding
from huoshui.data.privacy.words import CHANNELS, PURPOSES
from huoshui.data.traits.queries import TraitValue
from huoshui.kernel import masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import SHARE, TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.pages.words import STATES, TONES
from huoshui.measure.dashboards.queries.person import Member, Person
from huoshui.web import figures
from huoshui.web.lists import Fact, Tab, Tone

FIGURES = ("net_monetary", "frequency", "average_order_value", "recency", "purchase_rhythm")
"""Traits that stand at the top, where they have a value."""
FIRST = (
    "clv_12m",
    "p_alive",
    "expected_orders_90d",
    "rfm_segment",
    "days_in_stage",
    "overdue_ratio",
    "favourite_category",
    *FIGURES,
    "first_order_at",
    "last_order_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A word with its tone."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A trait with its value; ``address`` says why it is this."""

    slug: str
    label: str
    value: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above each page of a customer. Contacts are masked unless ``whole``."""

    customer_id: int
    title: str
    phone: str
    email: str
    whole: bool
    may_reveal: bool
    may_edit: bool
    edit: str
    delete: str
    account: str
    owner: str
    city: str
    since: str
    states: Sequence[State]
    tags: Sequence[str]
    consents: Sequence[State]
    figures: Sequence[Value]
    tabs: Sequence[Tab]


def head(
    found: Person, *, actor: Actor, house: House, language: Language, tab: str, whole: bool = False
) -> Head:
    """The head for a reader of ``language``; ``tab`` is the page that is shown."""
    profile, pk = found.profile, found.profile.customer_id
    may_edit = actor.may(Right.CUSTOMERS_EDIT)
    return Head(
        customer_id=pk,
        title=called(pk, profile.name, language),
        phone=profile.phone if whole else masks.phone(profile.phone),
        email=profile.email if whole else masks.email(profile.email),
        whole=whole,
        may_reveal=actor.may(Right.CONTACTS_REVEAL) and bool(profile.phone or profile.email),
        may_edit=may_edit,
        edit=_address("customers:edit", pk) if may_edit else "",
        delete=_address("customers:delete", pk) if may_edit else "",
        account=profile.account_name,
        owner=profile.owner_name,
        city=found.current.get("city", ""),
        since=f"{profile.created_at.astimezone(house.zone):%Y-%m-%d}",
        states=_states(found.traits, language),
        tags=found.tags,
        consents=_consents(found, language),
        figures=[one for one in traits(found, house, language) if one.slug in FIGURES],
        tabs=_tabs(pk, tab, language),
    )


def traits(found: Person, house: House, language: Language) -> list[Value]:
    """The traits that have a value, the telling ones first; the ends of a range stand beside what lies in it."""
    known = {slug: one for slug, one in found.traits.items() if one.value is not None}
    ends = {end for slug in known for end in _ends(slug) if end in known}
    shown = [slug for slug in known if slug not in ends]
    order = [slug for slug in FIRST if slug in shown] + [slug for slug in shown if slug not in FIRST]
    return [
        Value(
            slug=slug,
            label=TRAITS[slug].label.in_(language),
            value=_with_ends(slug, known, house, language),
            address=reverse("dashboards:why", args=[found.profile.customer_id, slug]),
        )
        for slug in order
    ]


def _ends(slug: str) -> tuple[str, str]:
    """The traits that say between which ends the value of a trait lies, where there are such."""
    return f"{slug}_low", f"{slug}_high"


def _with_ends(slug: str, known: Mapping[str, TraitValue], house: House, language: Language) -> str:
    """The value, with the ends of its range, whose unit is that of the value."""
    trait = TRAITS[slug]
    value = trait_value(slug, known[slug].value, house, language)
    bare = trait if trait.unit == SHARE else replace(trait, unit=None)
    ends = [
        figures.of_trait(bare, known[end].value, house.currency, house.zone, language)
        for end in _ends(slug)
        if end in known
    ]
    return f"{value} ({'–'.join(ends)})" if len(ends) == 2 else value


def trait_value(slug: str, value: Any, house: House, language: Language) -> str:
    """The value of a trait as people read it."""
    return figures.of_trait(TRAITS[slug], value, house.currency, house.zone, language)


def as_of(found: Person) -> datetime | None:
    """The moment the traits speak of."""
    return next((one.as_of for one in found.traits.values()), None)


def about(found: Person, labels: Mapping[str, str]) -> list[Fact]:
    """The ordinary attributes that have a value."""
    return [Fact(name=labels.get(slug, slug), value=value) for slug, value in sorted(found.current.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The company of a customer: its members whom the reader sees, and their sums."""

    name: str
    total: int
    lines: Sequence[tuple[str, str, str, bool]]
    spent: str
    orders: str
    more: int


def company(
    found: Person, members: Sequence[Member], total: int, *, house: House, language: Language
) -> Company:
    """The card of the company; sums are those of the members listed."""

    def number(one: Member, slug: str) -> Any:
        known: TraitValue | None = one.traits.get(slug)
        return known.value if known and known.value is not None else 0

    return Company(
        name=found.profile.account_name,
        total=total,
        lines=[
            (
                called(one.customer_id, one.name, language),
                reverse("dashboards:customer", args=[one.customer_id]),
                figures.money(number(one, "net_monetary"), house.currency, language),
                one.customer_id == found.profile.customer_id,
            )
            for one in members
        ],
        spent=figures.money(sum(number(one, "net_monetary") for one in members), house.currency, language),
        orders=figures.count(sum(number(one, "frequency") for one in members), language),
        more=total - len(members),
    )


def _address(name: str, customer_id: int) -> str:
    try:
        return reverse(name, args=[customer_id])
    except NoReverseMatch:
        return ""


def _tabs(customer_id: int, tab: str, language: Language) -> list[Tab]:
    labels = {
        "customer": Text("What happened", "动态"),
        "orders": Text("Orders", "订单"),
        "traits": Text("Traits", "特征"),
        "about": Text("Who it is", "资料"),
    }
    return [
        Tab(
            label=label.in_(language),
            address=reverse(f"dashboards:{name}", args=[customer_id]),
            current=name == tab,
        )
        for name, label in labels.items()
    ]


def _states(known: Mapping[str, TraitValue], language: Language) -> list[State]:
    found = []
    for slug in ("stage", "value_class", "rfm_segment"):
        value = known[slug].value if slug in known else None
        if value is not None:
            text = TRAITS[slug].values[value].in_(language)
            found.append(State(text=text, tone=TONES.get(value, "") if slug != "rfm_segment" else ""))
    return found


UNDER_14 = Text("Under 14: a guardian has to agree", "未满 14 周岁，须经监护人同意")


def _consents(found: Person, language: Language) -> list[State]:
    """What holds for each purpose and channel that was spoken of."""
    spoken = dict.fromkeys((said.purpose, said.channel) for said in found.consents)
    holds = {about: holding(found.consents, purpose=about[0], channel=about[1]) for about in spoken}
    between = "：" if language == "zh" else ": "
    states = [State(text=UNDER_14.in_(language), tone="bad")] if found.under_14 else []
    for (purpose, channel), state in holds.items():
        text, tone = STATES.get(state, (Text(state, state), ""))
        states.append(
            State(text=f"{what_for(purpose, channel, language)}{between}{text.in_(language)}", tone=tone)
        )
    return states


def what_for(purpose: str, channel: str, language: Language) -> str:
    """Purpose and channel of a consent in words."""
    return " · ".join(
        word.in_(language) if word else code
        for word, code in ((PURPOSES.get(purpose), purpose), (CHANNELS.get(channel), channel))
    )
