"""Why a trait of a customer is what it is, and everything that was said of them with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from huoshui.data.customers.details import Said
from huoshui.kernel import masks
from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import RELATIONS as DECLARED
from huoshui.kernel.plugs import TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.pages import customer as heads
from huoshui.measure.dashboards.pages.words import FIELDS, KINDS, RELATIONS, STATES
from huoshui.measure.dashboards.queries.person import Person
from huoshui.web import figures
from huoshui.web.lists import Tone

HIDDEN = "••••"


class NoSuchTrait(HuoshuiError):
    """The customer has no trait of this name."""

    code = "no_such_trait"
    says = Text("There is no such trait", "没有这个特征")


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A trait with its reason. ``inputs`` are names, values and addresses of what it was made of."""

    slug: str
    label: str
    value: str
    meaning: str
    inputs: Sequence[tuple[str, str, str]]
    over: str
    doc: str
    look: str
    as_of: datetime
    computed_at: datetime
    version: int
    chart: Chart | None
    history: Sequence[tuple[str, str]]


def why(
    found: Person,
    slug: str,
    history: Sequence[tuple[datetime, Any]],
    *,
    house: House,
    labels: Mapping[str, str],
    language: Language,
) -> Why:
    """The reason of one trait. Raises `NoSuchTrait`."""
    require(found, slug)
    trait, known, pk = TRAITS[slug], found.traits[slug], found.profile.customer_id
    over = trait.over or ""
    return Why(
        slug=slug,
        label=trait.label.in_(language),
        value=heads.trait_value(slug, known.value, house, language),
        meaning=trait.meaning.in_(language),
        inputs=[_input(need, found, house, labels, language) for need in trait.needs],
        over=RELATIONS[over].in_(language) if over in RELATIONS else over,
        doc=DECLARED[over].doc if over in DECLARED else "",
        look=_look(over, pk),
        as_of=known.as_of,
        computed_at=known.computed_at,
        version=found.version,
        chart=_chart(trait, history, house),
        history=[
            (f"{at.astimezone(house.zone):%Y-%m-%d}", heads.trait_value(slug, value, house, language))
            for at, value in reversed(history)
        ],
    )


def require(found: Person, slug: str) -> None:
    """Raise `NoSuchTrait` unless the customer has a trait of this name."""
    if slug not in TRAITS or slug not in found.traits:
        raise NoSuchTrait(
            "The customer has no such trait", received=repr(slug[:60]), valid=", ".join(found.traits)
        )


def _input(
    need: str, found: Person, house: House, labels: Mapping[str, str], language: Language
) -> tuple[str, str, str]:
    if need in TRAITS:
        value = found.traits[need].value if need in found.traits else None
        return (
            TRAITS[need].label.in_(language),
            heads.trait_value(need, value, house, language),
            reverse("dashboards:why", args=[found.profile.customer_id, need]) if need in found.traits else "",
        )
    return labels.get(need, need), found.current.get(need, figures.UNKNOWN.in_(language)), ""


def _look(over: str, customer_id: int) -> str:
    """Where the rows stand that a trait was computed from."""
    if over in ("purchases", "changes", "purchase_lines"):
        return reverse("dashboards:orders", args=[customer_id])
    if over == "behaviour":
        return reverse("dashboards:customer", args=[customer_id]) + "?kind=events"
    return reverse("dashboards:about", args=[customer_id]) if over == "consent_states" else ""


def _chart(trait: Any, history: Sequence[tuple[datetime, Any]], house: House) -> Chart | None:
    numbers = [
        (at, value)
        for at, value in history
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    ]
    if len(numbers) < 2 or trait.values:
        return None
    money = any(isinstance(value, Decimal) for _at, value in numbers)
    return Chart(
        kind="line",
        title=trait.label,
        axis=Text("Day", "日期"),
        unit="money" if money else "count",
        currency=house.currency if money else "",
        places=tuple(at.astimezone(house.zone).date() for at, _value in numbers),
        series=(Series(name=trait.label, values=tuple(value for _at, value in numbers)),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known by one name: the value that holds, where it came from and since when, and what it was before."""

    name: str
    value: str
    source: str
    since: str
    before: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What was said of one purpose on one channel: the word that holds first."""

    name: str
    said: Sequence[tuple[str, Tone, str, str, str, str]]


def attributes(
    found: Person,
    said: Sequence[Said],
    *,
    whole: bool,
    labels: Mapping[str, str],
    house: House,
    language: Language,
) -> list[Known]:
    """Everything known of the customer with its source and time; what tells who they are is masked unless ``whole``."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for one in said:
        value = one.value if whole else _masked(one.field, one.value, found.profile.kinds)
        if one.field == "owner":
            value = found.profile.owner_name if one.value == str(found.profile.owner_id) else one.value
        elif one.field == "account":
            value = found.profile.account_name if one.value == str(found.profile.account_id) else one.value
        rows.setdefault(one.field, []).append(
            (value, _source("", one.load_id, language), _day(one.valid_from, house))
        )
    for slug, value in found.by_hand.items():
        rows.setdefault(slug, []).append((value, _source("", None, language), ""))
    for old in found.attributes:
        rows.setdefault(old.slug, []).append(
            (old.value, _source(old.source, old.load_id, language), _day(old.valid_from, house))
        )
    order = [*FIELDS, *sorted(slug for slug in rows if slug not in FIELDS)]
    empty = "（空）" if language == "zh" else "(empty)"
    return [
        Known(
            name=FIELDS[slug].in_(language) if slug in FIELDS else labels.get(slug, slug),
            value=rows[slug][0][0] or empty,
            source=rows[slug][0][1],
            since=rows[slug][0][2],
            before=[(value or empty, source, since) for value, source, since in rows[slug][1:]],
        )
        for slug in order
        if slug in rows
    ]


def consents(found: Person, house: House, language: Language) -> list[Consent]:
    """What was said, by purpose and channel, with wording, source, proof and time."""
    grouped: dict[tuple[str, str], list[tuple[str, Tone, str, str, str, str]]] = {}
    for said in found.consents:
        text, tone = STATES.get(said.state, (Text(said.state, said.state), ""))
        grouped.setdefault((said.purpose, said.channel), []).append(
            (text.in_(language), tone, _day(said.given_at, house), said.wording, said.source, said.evidence)
        )
    return [
        Consent(name=heads.what_for(purpose, channel, language), said=rows)
        for (purpose, channel), rows in grouped.items()
    ]


def identities(found: Person, *, whole: bool, language: Language) -> list[tuple[str, str, str]]:
    """Kind, source and value of each thing the customer is known by."""
    return [
        (
            KINDS[one.kind].in_(language) if one.kind in KINDS else one.kind,
            one.source,
            one.value if whole else _masked(one.kind, one.value, {}),
        )
        for one in found.profile.identities
    ]


def _masked(field: str, value: str, kinds: Mapping[str, str]) -> str:
    if field == "phone":
        return masks.phone(value)
    if field == "email":
        return masks.email(value)
    return HIDDEN if field in kinds and value else value


def _source(source: str, load_id: int | None, language: Language) -> str:
    if load_id is None or load_id < 0:
        return "手工填写" if language == "zh" else "typed in"
    load = f"第 {load_id} 次导入" if language == "zh" else f"load {load_id}"
    return f"{source} · {load}" if source else load


def _day(moment: datetime, house: House) -> str:
    return f"{moment.astimezone(house.zone):%Y-%m-%d %H:%M}"
