"""What a list of customers can be asked for: what they have values of, and conditions on those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from huoshui.data.customers import queries
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import POPULATIONS, TRAITS, Population
from huoshui.kernel.texts import Text

NUMBERS = ("int64", "float64", "decimal(18, 4)")
YES_NO = {"true": Text("yes", "是"), "false": Text("no", "否")}
LONGEST_POPULATION = 500
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
    ``flag`` have ``values``, ``text`` has parts. What is ``retired`` still means what it did, and is not offered."""

    slug: str
    label: Text
    kind: Kind = "text"
    values: Mapping[str, Text] = field(default_factory=dict)
    retired: bool = False

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
    ``populations`` are groups that other rooms know, ``slug:argument`` (`kernel.plugs.Population`).
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
    populations: Sequence[str] = ()

    @property
    def slugs(self) -> tuple[str, ...]:
        """Everything that conditions speak of, each once."""
        bounds = (self.any_of, self.least, self.most, self.since, self.until, self.has)
        return tuple(dict.fromkeys([*(slug for one in bounds for slug in one), *self.empty, *self.filled]))


def known() -> dict[str, Known]:
    """Everything that a list can show, by slug: traits that have not lost their ground, then ordinary attributes.

    Retired attributes are there, last, for what was asked before.
    """
    found: dict[str, Known] = {}
    for trait in TRAITS:
        if trait.broken:
            continue
        found[trait.slug] = Known(
            slug=trait.slug, label=trait.label, kind=_kind(trait.type, trait.values), values=trait.values
        )
        if trait.type == "boolean":
            found[trait.slug] = Known(slug=trait.slug, label=trait.label, kind="flag", values=YES_NO)
    of_type: dict[str, Kind] = {"integer": "number", "decimal": "number", "date": "day", "boolean": "flag"}
    declared = queries.attributes(kind="ordinary", retired=True)
    for attribute in sorted(declared, key=lambda one: one.retired_at is not None):
        kind = of_type.get(attribute.type, "text")
        found.setdefault(
            attribute.slug,
            Known(
                slug=attribute.slug,
                label=Text(attribute.label_en, attribute.label_zh),
                kind=kind,
                values=YES_NO if kind == "flag" else {},
                retired=attribute.retired_at is not None,
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
    for text in conditions.populations:
        population(text)
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


def population(text: str) -> tuple[Population, str, Text]:
    """The population that ``slug:argument`` names, its argument, and who they are in words.

    Raises `NotACondition`, and what the population says of an argument that means nothing.
    """
    slug, sign, argument = text.partition(":")
    if not sign or slug not in POPULATIONS or len(text) > LONGEST_POPULATION:
        raise NotACondition(
            "There is no such group of customers",
            received=repr(text[:40]),
            valid=", ".join(f"{slug}:…" for slug in POPULATIONS.slugs()),
        )
    found = POPULATIONS[slug]
    return found, argument, found.sentence(argument)


def offered_populations() -> list[tuple[str, Text]]:
    """The groups that pages offer to choose from, as ``slug:argument``, with their names."""
    return [(f"{kind.slug}:{argument}", name) for kind in POPULATIONS for argument, name in kind.offered()]


def _kind(type_: str, values: Mapping[str, Text]) -> Kind:
    if values:
        return "code"
    if type_ in NUMBERS:
        return "number"
    return "moment" if type_.startswith("timestamp") else "day" if type_ == "date" else "text"
