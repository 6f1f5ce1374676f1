"""What a list of customers can be asked for: what they have values of, and conditions on those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

import ibis

from huoshui.data.customers import queries
from huoshui.kernel.clock import start_of_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text

NUMBERS = ("int64", "float64", "decimal(18, 4)")
YES_NO = {"true": Text("yes", "是"), "false": Text("no", "否")}
NOBODY = "nobody"
"""Stands for customers whom nobody looks after."""

Kind = Literal["number", "code", "text", "flag", "moment", "day"]


class NotAColumn(HuoshuiError):
    """A list was asked for by something that customers have no value of."""

    code = "not_a_column"
    says = Text("Customers have no such value", "客户没有这个属性或特征")


class NotACondition(HuoshuiError):
    """A condition was asked for that means nothing."""

    code = "not_a_condition"
    says = Text("This condition means nothing here", "这个条件在这里不成立")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Something that customers have a value of. ``number`` has ranges, ``moment`` and ``day`` have days, ``code`` and
    ``flag`` have ``values``, ``text`` has parts."""

    slug: str
    label: Text
    kind: Kind = "text"
    values: Mapping[str, Text] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether it is written as a number."""
        return self.kind == "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What customers are asked for; every condition holds.

    ``any_of`` is slug → codes; ``least`` and ``most`` are bounds of numbers, ``since`` and ``until`` of days, all
    included; ``has`` is slug → part of a text. ``empty`` and ``filled`` name slugs. ``tags`` must all hold.
    ``owners`` are ids of colleagues, or `NOBODY`; ``teams`` ids of teams; ``sources`` who knows them.
    """

    words: str = ""
    any_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    least: Mapping[str, Decimal] = field(default_factory=dict)
    most: Mapping[str, Decimal] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)
    until: Mapping[str, date] = field(default_factory=dict)
    has: Mapping[str, str] = field(default_factory=dict)
    empty: Sequence[str] = ()
    filled: Sequence[str] = ()
    tags: Sequence[str] = ()
    owners: Sequence[str] = ()
    teams: Sequence[int] = ()
    sources: Sequence[str] = ()

    @property
    def slugs(self) -> tuple[str, ...]:
        """Everything that conditions speak of, each once."""
        bounds = (self.any_of, self.least, self.most, self.since, self.until, self.has)
        return tuple(dict.fromkeys([*(slug for one in bounds for slug in one), *self.empty, *self.filled]))

    @property
    def of_lake(self) -> str:
        """All that the lake decides, in one text: equal texts mean the same customers of one house version."""
        parts = (self.any_of, self.least, self.most, self.since, self.until, self.has)
        said = [sorted((k, _plain(v)) for k, v in part.items()) for part in parts]
        return repr((said, sorted(self.empty), sorted(self.filled), sorted(self.tags)))


def known() -> dict[str, Known]:
    """Everything that a list can show, by slug: traits first, then ordinary attributes."""
    found: dict[str, Known] = {}
    for trait in TRAITS:
        found[trait.slug] = Known(
            slug=trait.slug, label=trait.label, kind=_kind(trait.type, trait.values), values=trait.values
        )
        if trait.type == "boolean":
            found[trait.slug] = Known(slug=trait.slug, label=trait.label, kind="flag", values=YES_NO)
    of_type: dict[str, Kind] = {"integer": "number", "decimal": "number", "date": "day", "boolean": "flag"}
    for attribute in queries.attributes(kind="ordinary"):
        kind = of_type.get(attribute.type, "text")
        found.setdefault(
            attribute.slug,
            Known(
                slug=attribute.slug,
                label=Text(attribute.label_en, attribute.label_zh),
                kind=kind,
                values=YES_NO if kind == "flag" else {},
            ),
        )
    return found


def bound(text: str) -> Decimal:
    """A bound as somebody typed it. Raises `NotACondition`."""
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation as error:
        raise NotACondition(
            "This is not a number", received=repr(text[:40]), valid="a number such as 1000"
        ) from error
    if not value.is_finite() or abs(value) >= Decimal(10) ** 14 or -int(value.as_tuple().exponent) > 12:
        raise NotACondition(
            "This number is too large or too long",
            received=repr(text[:40]),
            valid="at most 14 digits before the point and 12 behind it",
        )
    return value


def check(conditions: Conditions, offered: Mapping[str, Known]) -> None:
    """Raise `NotAColumn` or `NotACondition` unless every condition was offered."""
    for slug in conditions.slugs:
        require_offered(slug, offered)
    for slugs, kinds in (
        ((*conditions.least, *conditions.most), ("number",)),
        ((*conditions.since, *conditions.until), ("moment", "day")),
        (tuple(conditions.has), ("text",)),
    ):
        for slug in slugs:
            if offered[slug].kind not in kinds:
                raise NotACondition(
                    f"{offered[slug].label.en} has no such conditions",
                    received=slug,
                    valid=", ".join(k.slug for k in offered.values() if k.kind in kinds),
                )
    for slug, codes in conditions.any_of.items():
        values = offered[slug].values
        unknown = [code for code in codes if values and code not in values]
        if unknown:
            raise NotACondition(
                f"{offered[slug].label.en} has no such value",
                received=repr(unknown[0][:40]),
                valid=", ".join(values),
            )


def require_offered(slug: str, offered: Mapping[str, Known]) -> None:
    """Raise `NotAColumn` unless customers have values of ``slug``."""
    if slug not in offered:
        raise NotAColumn("Customers have no such value", received=repr(slug[:40]), valid=", ".join(offered))


def filters(rows: Any, conditions: Conditions, zone: ZoneInfo) -> list[Any]:
    """The conditions on values as expressions over ``rows``, which have a column for each of them."""
    found = [rows[slug].cast("string").isin(list(codes)) for slug, codes in conditions.any_of.items()]
    for slug, value in conditions.least.items():
        found.append(rows[slug] >= _number(rows[slug], value))
    for slug, value in conditions.most.items():
        found.append(rows[slug] <= _number(rows[slug], value))
    for slug, day in conditions.since.items():
        found.append(rows[slug] >= _start(rows[slug], day, zone))
    for slug, day in conditions.until.items():
        found.append(rows[slug] < _start(rows[slug], day + timedelta(days=1), zone))
    for slug, part in conditions.has.items():
        found.append(rows[slug].cast("string").lower().contains(part.lower()))
    found += [rows[slug].isnull() for slug in conditions.empty]
    found += [rows[slug].notnull() for slug in conditions.filled]
    return found


def _kind(type_: str, values: Mapping[str, Text]) -> Kind:
    if values:
        return "code"
    if type_ in NUMBERS:
        return "number"
    return "moment" if type_.startswith("timestamp") else "day" if type_ == "date" else "text"


def _number(column: Any, value: Decimal) -> Any:
    return ibis.literal(float(value)) if column.type().is_floating() else ibis.literal(value)


def _start(column: Any, day: date, zone: ZoneInfo) -> Any:
    if column.type().is_date():
        return ibis.literal(day)
    at: datetime = start_of_day(day, zone)
    return ibis.literal(at)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list | tuple) else str(value)
