"""The fields that a message may name, what they hold for some people, and how they are written.

Ordinary attributes and traits as of the last refresh, name and company, and the name of the house. What identifies
people otherwise, or is sensitive, is no field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from huoshui.act.templates.merging import Merge
from huoshui.data.customers import pending
from huoshui.data.customers import queries as customers
from huoshui.kernel.plugs import HOUSE, SHARE, TRAITS, House, Trait
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Kind = Literal["text", "money", "number", "share", "date", "yesno", "code"]

PERSON, HOUSEHOLD, ATTRIBUTES, COMPUTED = (
    Text("Person", "本人"),
    Text("The house", "本公司"),
    Text("Attributes", "属性"),
    Text("Traits", "特征"),
)
FORMATS: Mapping[Kind, Mapping[str, Text]] = {
    "text": {},
    "code": {},
    "yesno": {},
    "money": {
        "money": Text("whole: ¥1,235", "取整：¥1,235"),
        "exact": Text("with cents: ¥1,234.50", "精确到分：¥1,234.50"),
    },
    "number": {
        "number": Text("at most one decimal: 12.5", "最多一位小数：12.5"),
        "whole": Text("whole: 13", "取整：13"),
    },
    "share": {"percent": Text("12.5%", "12.5%")},
    "date": {
        "date": Text("in a sentence: 18 Nov 2026", "2026年11月18日"),
        "day": Text("in figures: 2026-11-18", "2026-11-18"),
        "month": Text("the month: November 2026", "2026年11月"),
    },
}
"""How values of a kind may be written; the first is the usual way."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field. ``personal`` ones say something of the person, so that a neutral message has none of them."""

    slug: str
    label: Text
    kind: Kind
    group: Text
    personal: bool = True
    values: Mapping[Any, Text] = field(default_factory=dict)

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats it may be written in."""
        return tuple(FORMATS[self.kind])


NAME = Field(slug="name", label=Text("Name", "姓名"), kind="text", group=PERSON)
COMPANY = Field(slug="company", label=Text("Company", "公司"), kind="text", group=PERSON)
HOUSE_NAME = Field(
    slug="house.name", label=Text("Our name", "本公司名称"), kind="text", group=HOUSEHOLD, personal=False
)
_OF_ATTRIBUTES: Mapping[str, Kind] = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "boolean": "yesno",
    "date": "date",
}


def fields() -> tuple[Field, ...]:
    """All fields that a message may name: the person, attributes, traits, the house."""
    found = {one.slug: one for one in (NAME, COMPANY, HOUSE_NAME)}
    for attribute in customers.attributes(kind="ordinary"):
        label = Text(attribute.label_en, attribute.label_zh)
        found.setdefault(
            attribute.slug,
            Field(slug=attribute.slug, label=label, kind=_OF_ATTRIBUTES[attribute.type], group=ATTRIBUTES),
        )
    for trait in TRAITS:
        if trait.broken is None and (kind := _kind(trait)):
            found.setdefault(
                trait.slug,
                Field(slug=trait.slug, label=trait.label, kind=kind, group=COMPUTED, values=trait.values),
            )
    return tuple(found.values())


def by_slug() -> Mapping[str, Field]:
    """All fields by their names."""
    return {one.slug: one for one in fields()}


def values(
    *, tables: Snapshot, customer_ids: Sequence[int], slugs: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """What the fields ``slugs`` hold, by customer and name, set-wise; people whom there are not are left out.

    Attributes and traits are those of ``tables``, with what was typed in since laid over them.
    """
    ids = list(customer_ids)
    people = customers.named(ids)
    house = HOUSE().name
    of_lake = [slug for slug in slugs if slug not in (NAME.slug, COMPANY.slug, HOUSE_NAME.slug)]
    found = pending.values_of(tables, of_lake, pending.pending(tables), ids) if of_lake and ids else {}
    return {
        customer_id: {**found.get(customer_id, {}), "name": name, "company": company, "house.name": house}
        for customer_id, (name, company) in people.items()
    }


def written(merge: Merge, of: Field, value: Any, house: House, language: Language) -> str:
    """A value as the message says it; empty where nothing is known."""
    if value is None or value == "":
        return ""
    format = merge.format or (of.formats[0] if of.formats else "")
    return _WRITERS[of.kind](value, format, of, house, language)


def _money(value: Any, format: str, _of: Field, house: House, language: Language) -> str:
    return figures.money(value, house.currency, language, exact=format == "exact")


def _number(value: Any, format: str, _of: Field, _house: House, language: Language) -> str:
    return figures.count(round(value) if format == "whole" else round(value, 1), language)


def _share(value: Any, _format: str, _of: Field, _house: House, language: Language) -> str:
    return figures.share(value, language)


def _date(value: Any, format: str, _of: Field, house: House, language: Language) -> str:
    day = value.astimezone(house.zone).date() if isinstance(value, datetime) else value
    if not isinstance(day, date):
        return str(value)
    if format == "day":
        return day.isoformat()
    if format == "month":
        return f"{day.year}年{day.month}月" if language == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else figures.day(day, language)


def _plain(value: Any, _format: str, of: Field, _house: House, language: Language) -> str:
    if isinstance(value, bool):
        return (figures.NO, figures.YES)[value].in_(language)
    return of.values[value].in_(language) if value in of.values else str(value)


_WRITERS: Mapping[Kind, Callable[[Any, str, Field, House, Language], str]] = {
    "text": _plain,
    "code": _plain,
    "yesno": _plain,
    "money": _money,
    "number": _number,
    "share": _share,
    "date": _date,
}


def sample(of: Field) -> Any:
    """A value of the field for looking at a text."""
    return {
        "text": "…",
        "code": next(iter(of.values), "…"),
        "yesno": True,
        "money": Decimal("1234.5"),
        "number": 12,
        "share": 0.125,
        "date": date(2026, 11, 18),
    }[of.kind]


def _kind(trait: Trait) -> Kind | None:
    """How values of a trait are written; nothing for what is no single value."""
    if trait.values:
        return "code"
    if trait.type == "boolean":
        return "yesno"
    if trait.type.startswith("decimal"):
        return "money"
    if trait.type.startswith(("timestamp", "date")):
        return "date"
    if trait.type.startswith(("int", "float")):
        return "share" if trait.unit == SHARE else "number"
    return "text" if trait.type == "string" else None
