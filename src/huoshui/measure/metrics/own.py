"""Metrics that people defined, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import get_language

from huoshui.desk.threads import queries as threads
from huoshui.desk.threads.queries import Kept
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import Metric, SubjectKind
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import defined, definitions
from huoshui.measure.metrics.definitions import Definition
from huoshui.measure.metrics.errors import NoSuchDefinition
from huoshui.measure.metrics.models import OwnMetric

KIND = "metric"
WORDS = ("label_en", "label_zh", "meaning_en", "meaning_zh")
Direction = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What people say of a metric: names and meanings, which way is good, the definition. A language may be empty."""

    label_en: str = ""
    label_zh: str = ""
    meaning_en: str = ""
    meaning_zh: str = ""
    direction: Direction = "up"
    definition: Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A metric that somebody defined: ``version`` is the newest, saved ``by`` somebody ``at`` a moment."""

    slug: str
    content: Content
    owner: str
    version: int
    by: str
    at: datetime
    retired_at: datetime | None

    @property
    def metric(self) -> Metric:
        """As the evaluator takes it."""
        return as_metric(self.slug, self.content)


def as_metric(slug: str, content: Content) -> Metric:
    """A definition as the evaluator takes it."""
    definition = content.definition
    above, below = definition.numerator, definition.denominator
    numerator, denominator = defined.in_words(above), None
    if below is not None:
        denominator = defined.in_words(below)
    elif above.take == "average":
        summed = definitions.Part(of=above.of, take="sum", column=above.column, filters=above.filters)
        counted = definitions.Part(of=above.of, take="rows", filters=above.filters)
        numerator, denominator = defined.in_words(summed), defined.in_words(counted)
    formula = numerator
    if denominator is not None:
        formula = Text(f"{numerator.en} ÷ {denominator.en}", f"{numerator.zh} ÷ {denominator.zh}")
    label = Text(content.label_en or content.label_zh or slug, content.label_zh or content.label_en or slug)
    en, zh = content.meaning_en or content.meaning_zh, content.meaning_zh or content.meaning_en
    return Metric(
        slug=slug,
        label=label,
        meaning=Text(en or f"{formula.en[:1].upper()}{formula.en[1:]}.", zh or f"{formula.zh}。"),
        numerator=numerator,
        denominator=denominator,
        unit=defined.unit_of(definition),
        grain="customer" if defined.counts_people(definition) else "order",
        direction=content.direction,
        rows=defined.Rows(definition),
    )


def everything(*, retired: bool = False) -> list[Own]:
    """All metrics that people defined, by name; ``retired`` asks for those that are no longer shown."""
    return _read(list(OwnMetric.objects.filter(retired_at__isnull=not retired).select_related("made_by")))


def one(slug: str) -> Own:
    """One of them, retired or not. Raises `NoSuchDefinition`."""
    found = _read(list(OwnMetric.objects.filter(slug=slug).select_related("made_by")))
    if not found:
        raise NoSuchDefinition("Nobody has defined this metric", received=slug[:60])
    return found[0]


def find(slug: str) -> Metric | None:
    """The metric of this name, retired or not."""
    found = _read(list(OwnMetric.objects.filter(slug=slug).select_related("made_by")))
    return found[0].metric if found else None


def as_json(content: Content) -> dict[str, Any]:
    """As a version keeps it."""
    return {
        **{name: getattr(content, name) for name in WORDS},
        "direction": content.direction,
        **definitions.plain(content.definition),
    }


def from_json(plain: Mapping[str, Any]) -> Content:
    """What a version kept. Raises `NotADefinition`."""
    parts = {name: plain[name] for name in ("numerator", "denominator") if name in plain}
    return Content(
        **{name: str(plain.get(name, "")) for name in WORDS},
        direction=plain.get("direction", "none"),
        definition=definitions.read(parts),
    )


def _read(rows: Sequence[OwnMetric]) -> list[Own]:
    newest = threads.newest(f"{KIND}:{row.slug}" for row in rows)
    found = [_own(row, newest[f"{KIND}:{row.slug}"]) for row in rows if f"{KIND}:{row.slug}" in newest]
    return sorted(found, key=lambda own: own.metric.label.en.casefold())


def _own(row: OwnMetric, kept: Kept) -> Own:
    return Own(
        slug=row.slug,
        content=from_json(kept.content),
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
    rows = list(OwnMetric.objects.filter(slug__in=list(ids)).select_related("made_by"))
    # Who asks before the first version is kept is told the bare name.
    return {row.slug: row.slug for row in rows} | {
        own.slug: own.metric.label.in_(language) for own in _read(rows)
    }


SUBJECT = SubjectKind(
    slug=KIND, label=Text("Metric", "指标"), url="metrics:metric", argument="slug", titles=_titles
)
