"""Traits as their pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from huoshui.kernel.errors import Said
from huoshui.kernel.plugs import TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.know.custom import made, own, uses
from huoshui.know.custom.definitions import SOURCES
from huoshui.know.custom.queries import Catalogue, Preview, Standing
from huoshui.know.custom.uses import Use
from huoshui.web import figures

TYPES = {
    "int64": Text("whole number", "整数"),
    "float64": Text("number", "数字"),
    made.MONEY: Text("money", "金额"),
    "string": Text("text", "文本"),
    "boolean": Text("yes or no", "是或否"),
    made.MOMENT: Text("moment", "时间"),
}
_FACTS = {made.OVER[of][0]: text for of, text in SOURCES.items()}
BUILT_IN, DEFINED = Text("built in", "内置"), Text("own", "自定义")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A trait of the catalogue; ``share`` of all customers have a value."""

    slug: str
    label: str
    meaning: str
    unit: str
    type: str
    owner: str
    own: bool
    having: int | None
    stale: bool
    broken: str
    computed_from: Sequence[str]
    used: Sequence[tuple[str, str, str]]


def catalogue(found: Catalogue, language: Language) -> list[Line]:
    """All lines for a reader of ``language``: the house's own first, they are what people look for."""
    lines = [line(one, language) for one in found.standings]
    return sorted(lines, key=lambda one: not one.own)


def line(one: Standing, language: Language) -> Line:
    """One of them."""
    trait = one.trait
    return Line(
        slug=trait.slug,
        label=trait.label.in_(language),
        meaning=trait.meaning.in_(language),
        unit=trait.unit.in_(language) if trait.unit else "",
        type=TYPES[trait.type].in_(language) if trait.type in TYPES else trait.type,
        owner=(one.own.owner or DEFINED.in_(language)) if one.own else BUILT_IN.in_(language),
        own=one.own is not None,
        having=one.having,
        stale=one.stale,
        broken=trait.broken.in_(language) if trait.broken else "",
        computed_from=[_FACTS[trait.over].in_(language) if trait.over in _FACTS else trait.over]
        if trait.over
        else [TRAITS[need].label.in_(language) if need in TRAITS else need for need in trait.needs],
        used=[_used(use, language) for use in one.uses],
    )


def refusal(error: Said, language: Language) -> dict[str, str]:
    """A refusal in words, with what would be valid."""
    return {"words": error.words.in_(language), "received": error.received, "valid": error.valid}


def numbers(language: Language) -> list[tuple[str, str]]:
    """What formulas may speak of: name and label."""
    known = own.known_to_formulas()
    known |= {trait.slug: own.known_of(trait) for trait in TRAITS if not trait.broken}
    return [(slug, one.label.in_(language)) for slug, one in known.items() if one.type in made.NUMBERS]


def preview(found: Preview, house: House, language: Language) -> dict[str, Any]:
    """What a definition would say, with values as people read them."""
    trait = found.trait

    def said(value: Any) -> str:
        return figures.of_trait(trait, value, house.currency, house.zone, language)

    return {
        "meaning": trait.meaning.in_(language),
        "type": TYPES[trait.type].in_(language),
        "unit": trait.unit.in_(language) if trait.unit else "",
        "as_of": found.as_of,
        "having": found.having,
        "customers": found.customers,
        "share": found.having / found.customers if found.customers else 0,
        "numbers": [said(one) for one in (found.least, found.median, found.most)]
        if trait.type in made.NUMBERS and found.having
        else [],
        "top": [(said(value), count) for value, count in found.top],
        "sample": [(one, name, said(value)) for one, name, value in found.sample],
    }


def _used(use: Use, language: Language) -> tuple[str, str, str]:
    """Kind, name and address of a use."""
    pages = {"segment": "segments:segment", "trait": "traits:trait"}
    address = reverse(pages[use.kind], args=[use.slug]) if use.kind in pages else ""
    return uses.KINDS[use.kind].in_(language), use.name.in_(language), address
