"""Writing messages: the pieces of a version filled for many people at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from typing import Any

from huoshui.act.templates import fields, merging
from huoshui.act.templates.content import Content
from huoshui.act.templates.fields import Field
from huoshui.act.templates.layout import Layout
from huoshui.data.customers import queries as customers
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import outreach
from huoshui.kernel.outreach import Said
from huoshui.kernel.plugs import HOUSE, House
from huoshui.kernel.texts import Language
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot

NO_VALUE, NO_CUSTOMER = "no_value", "no_customer"
"""Refusals: a field has neither a value nor a default; there is no such person."""

LANGUAGE, COUNTRY = "language", "country"
"""Attributes that say in which language somebody is addressed."""
_CHINESE = ("zh", "cn", "中", "汉", "漢", "chin")
_IN_CHINESE = frozenset(
    {"cn", "chn", "china", "中国", "hk", "hkg", "mo", "mac", "tw", "twn", "中国香港", "中国台湾"}
)


def write(
    content: Content,
    customer_ids: Sequence[int],
    *,
    neutral: Collection[int],
    link: Callable[[str, int], str] | None = None,
    pixel: Callable[[int], str] | None = None,
    sender: str = "",
    language: Language | None = None,
    tables: Snapshot | None = None,
) -> Mapping[int, Said]:
    """What the content says to each of the people, by id. ``language`` says it to everybody in that one.

    ``link`` makes the address that stands for a link in the message to a person, ``pixel`` that of the picture that
    tells of opening.
    """
    known = fields.by_slug()
    layouts = {one: words.layout(one) for one, words in content.words.items()}
    plain = {one: words.layout(one) for one, words in content.neutral.items()}
    wanted = {merge.field for one in layouts.values() for merge in one.merges} & known.keys()
    addressed = {one.slug for one in customers.attributes(kind="ordinary")} & {LANGUAGE, COUNTRY}
    several = len(layouts) > 1 and language is None
    slugs = sorted(wanted | (addressed if several else set()))
    held = fields.values(tables=tables or open_lake().snapshot(), customer_ids=customer_ids, slugs=slugs)
    house = HOUSE()
    usual = usual_language()
    said: dict[int, Said] = {}
    for customer_id in customer_ids:
        values = held.get(customer_id)
        spoken = language or language_of(values or {}, usual, stated_only=customer_id in neutral)
        spoken = spoken if spoken in layouts else content.languages[0]
        if values is None:
            said[customer_id] = Said(content=None, language=spoken, refusal=NO_CUSTOMER)
            continue
        is_neutral = customer_id in neutral
        of = plain.get(spoken, layouts[spoken]) if is_neutral else layouts[spoken]
        filled = _filled(of, known, values, house, spoken, neutral=is_neutral)
        if filled is None:
            said[customer_id] = Said(content=None, language=spoken, refusal=NO_VALUE)
            continue
        links = [link(url, customer_id) for url in of.links] if link else of.links
        picture = pixel(customer_id) if pixel else ""
        said[customer_id] = Said(
            content=joined(of, filled, links, picture),
            language=spoken,
            name=merging.plain(values["name"]),
            sender=sender,
        )
    return said


def joined(of: Layout, values: Sequence[str], links: Sequence[str], picture: str = "") -> outreach.Content:
    """The message of these values."""
    image = (
        f'<img src="{escape(picture)}" width="1" height="1" alt="" style="display:block">' if picture else ""
    )
    return outreach.Content(
        subject=merging.plain(merging.fill(of.subject, values)),
        text=merging.fill(of.text, values, links=links),
        html=merging.fill(of.html, values, write=escape, links=links, pixel=image),
    )


def language_of(values: Mapping[str, Any], usual: Language, *, stated_only: bool = False) -> Language:
    """The language in which somebody is addressed: their own if they said one, else that of their country."""
    if own := str(values.get(LANGUAGE) or "").strip().casefold():
        return "zh" if own.startswith(_CHINESE) else "en"
    country = "" if stated_only else str(values.get(COUNTRY) or "").strip().casefold()
    if not country:
        return usual
    return "zh" if country in _IN_CHINESE else "en"


def usual_language() -> Language:
    """The language of people of whom nothing is known: that of the country of the house."""
    return "zh" if organisation.current().region in ("CN", "HK", "MO", "TW") else "en"


def _filled(
    of: Layout,
    known: Mapping[str, Field],
    values: Mapping[str, Any],
    house: House,
    language: Language,
    *,
    neutral: bool,
) -> list[str] | None:
    """A text for each field; nothing where one has neither value nor default."""
    filled: list[str] = []
    for merge in of.merges:
        field = known.get(merge.field)
        hidden = field is None or (neutral and field.personal)
        told = (
            ""
            if field is None or hidden
            else fields.written(merge, field, values.get(merge.field), house, language)
        )
        text = merging.plain(told)
        if not text:
            if merge.default is None:
                return None
            text = merge.default
        filled.append(text)
    return filled
