"""Traits that people defined, as they are kept, and as the registry takes them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.utils.translation import get_language

from huoshui.data.customers import queries as customers
from huoshui.data.customers.attributes import LAKE_TYPES
from huoshui.desk.threads import queries as threads
from huoshui.desk.threads.queries import Kept
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.plugs import TRAITS, SubjectKind, Trait
from huoshui.kernel.texts import Language, Text
from huoshui.know.custom import definitions, formulas, made
from huoshui.know.custom.definitions import Definition, Formula
from huoshui.know.custom.errors import NotADefinition, NotDefinedHere
from huoshui.know.custom.made import Known
from huoshui.know.custom.models import OwnTrait

KIND = "trait"
WORDS = ("label_en", "label_zh", "meaning_en", "meaning_zh", "unit_en", "unit_zh")
FRESH = 10.0
"""Seconds after which this process looks whether another one has changed a trait."""

_held: tuple[float, Mapping[str, Trait]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What people say of a trait: name, meaning and unit in one language or both, and the definition.

    Meaning and unit that are left out follow from the definition.
    """

    label_en: str = ""
    label_zh: str = ""
    meaning_en: str = ""
    meaning_zh: str = ""
    unit_en: str = ""
    unit_zh: str = ""
    definition: Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A trait that somebody defined: ``version`` is the newest, saved ``by`` somebody ``at`` a moment.

    ``content`` is empty where a program of another version wrote what this one cannot read; ``unread`` says why.
    """

    slug: str
    content: Content | None
    unread: Text | None
    owner: str
    version: int
    by: str
    at: datetime
    retired_at: datetime | None

    @property
    def label(self) -> Text:
        """What it is called."""
        return _text(self.content, "label") or Text(self.slug, self.slug)


def traits() -> Mapping[str, Trait]:
    """The traits in use by slug, as the registry takes them; looked up again after `FRESH` seconds."""
    global _held
    now = time.monotonic()
    if _held is None or now >= _held[0]:
        try:
            found = as_traits(everything())
        except DatabaseError:
            # A house that is being set up, or brought to this version, has no table of them yet.
            return {}
        _held = (now + FRESH, found)
    return _held[1]


def forget(**_refresh: Any) -> None:
    """Look traits up again when they are asked for next: something was changed, or is about to be computed."""
    global _held
    _held = None


def as_traits(those: Sequence[Own]) -> dict[str, Trait]:
    """Traits as the registry takes them. One that has lost its ground has no values, and says why."""
    found: dict[str, Trait] = {}
    known = known_to_formulas(those)
    waiting = {one.slug: one for one in those if one.slug not in TRAITS.declared}
    while waiting:
        # Formulas come after the traits they speak of; those that wait for each other are in a circle.
        ready = [one for one in waiting.values() if not _needs(one) & waiting.keys()]
        for one in ready or list(waiting.values()):
            found[one.slug] = _trait(one, known, found, circle=not ready)
            known[one.slug] = known_of(found[one.slug])
            del waiting[one.slug]
    return found


def known_to_formulas(those: Sequence[Own] = ()) -> dict[str, Known]:
    """What formulas may speak of: the program's own traits, and numeric attributes where a formula names one.

    Attributes are looked up for the formulas of ``those``, or where there are none.
    """
    known = {slug: known_of(trait) for slug, trait in TRAITS.declared.items()}
    named = {name for one in those for name in _needs(one)} - known.keys() - {one.slug for one in those}
    if named or not those:
        for attribute in customers.attributes(kind="ordinary", retired=True):
            type_ = "float64" if attribute.type == "decimal" else LAKE_TYPES[attribute.type]
            label = Text(attribute.label_en, attribute.label_zh)
            known.setdefault(attribute.slug, Known(label=label, type=type_))
    return known


def as_trait(slug: str, content: Content, known: Mapping[str, Known], at: datetime | None = None) -> Trait:
    """A definition as a trait. Raises `NotADefinition`."""
    return made.trait(
        slug,
        content.definition,
        label=_text(content, "label") or Text(slug, slug),
        known=known,
        meaning=_text(content, "meaning"),
        unit=_text(content, "unit"),
        defined_at=at,
    )


def everything(*, retired: bool = False) -> list[Own]:
    """All traits that people defined, by name; ``retired`` asks for those that are no longer computed."""
    return _read(list(OwnTrait.objects.filter(retired_at__isnull=not retired).select_related("made_by")))


def one(slug: str) -> Own:
    """One of them, retired or not. Raises `NotDefinedHere`."""
    found = _read(list(OwnTrait.objects.filter(slug=slug).select_related("made_by")))
    if not found:
        raise NotDefinedHere("Nobody has defined this trait", received=slug[:60])
    return found[0]


def as_json(content: Content) -> dict[str, Any]:
    """As a version keeps it, and as the command line and the API show it."""
    said = {name: getattr(content, name) for name in WORDS if getattr(content, name)}
    return {**said, "definition": definitions.plain(content.definition)}


def from_json(plain: Mapping[str, Any]) -> Content:
    """What a version kept, or somebody sent. Raises `NotADefinition`."""
    return Content(
        **{name: str(plain.get(name, "")) for name in WORDS},
        definition=definitions.read(plain.get("definition")),
    )


def require_no_circle(slug: str, content: Content, others: Sequence[Own]) -> None:
    """Raise `NotADefinition` when formulas of ``others`` lead back to the trait that ``content`` would be."""
    by_slug = {one.slug: _needs(one) for one in others}
    definition = content.definition
    waiting = list(formulas.names(definition.tree)) if isinstance(definition, Formula) else []
    met: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name == slug:
            raise NotADefinition(
                Text("The formula leads back to the trait itself", "公式又回到了特征本身"),
                received=formulas.written(definition.tree) if isinstance(definition, Formula) else "",
                next_step="Let one of the traits be computed from facts",
            )
        if name not in met:
            met.add(name)
            waiting.extend(by_slug.get(name, ()))


def _text(content: Content | None, what: str) -> Text | None:
    en, zh = getattr(content, f"{what}_en", ""), getattr(content, f"{what}_zh", "")
    return Text(en or zh, zh or en) if en or zh else None


def known_of(trait: Trait) -> Known:
    """A trait as formulas take it."""
    return Known(label=trait.label, type=trait.type, unit=trait.unit)


def _needs(one: Own) -> set[str]:
    definition = one.content.definition if one.content else None
    return set(formulas.names(definition.tree)) if isinstance(definition, Formula) else set()


def _trait(one: Own, known: Mapping[str, Known], found: Mapping[str, Trait], *, circle: bool) -> Trait:
    why = one.unread
    if circle:
        why = Text("These formulas need each other", "这些公式互相依赖")
    elif lost := [name for name in sorted(_needs(one)) if name in found and found[name].broken]:
        label = found[lost[0]].label
        why = Text(f"It needs {label.en}, which has no values", f"它依赖的{label.zh}没有值")
    if why is None and one.content is not None:
        try:
            return as_trait(one.slug, one.content, known, one.at)
        except HuoshuiError as error:
            why = error.words if isinstance(error, Said) else error.says
    return made.broken(
        one.slug,
        label=one.label,
        type_="float64",
        why=why or Text("The definition cannot be read", "定义无法读取"),
        defined_at=one.at,
    )


def _read(rows: Sequence[OwnTrait]) -> list[Own]:
    newest = threads.newest(f"{KIND}:{row.slug}" for row in rows)
    found = [_own(row, newest[f"{KIND}:{row.slug}"]) for row in rows if f"{KIND}:{row.slug}" in newest]
    return sorted(found, key=lambda one: (one.label.en.casefold(), one.slug))


def _own(row: OwnTrait, kept: Kept) -> Own:
    content, unread = None, None
    try:
        content = from_json(kept.content)
    except Said as error:
        unread = error.words
    return Own(
        slug=row.slug,
        content=content,
        unread=unread,
        owner=row.made_by.name if row.made_by is not None else "",
        version=kept.number,
        by=kept.by,
        at=kept.at,
        retired_at=row.retired_at,
    )


def _titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    language: Language = "zh" if (get_language() or "").startswith("zh") else "en"
    rows = list(OwnTrait.objects.filter(slug__in=list(ids)).select_related("made_by"))
    # Who asks before the first version is kept is told the bare name.
    return {row.slug: row.slug for row in rows} | {one.slug: one.label.in_(language) for one in _read(rows)}


SUBJECT = SubjectKind(
    slug=KIND, label=Text("Trait", "特征"), url="traits:trait", argument="slug", titles=_titles
)
