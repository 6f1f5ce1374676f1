"""Questions about research: what there is, and what plans cite of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.know.research import drafts, models
from huoshui.know.research.drafts import KINDS, Origin
from huoshui.know.research.errors import NoSuchResearch
from huoshui.know.segments import queries as segments

MODELS: Mapping[str, type[models.Competitor] | type[models.Figure] | type[models.Note]] = {
    "competitor": models.Competitor,
    "figure": models.Figure,
    "note": models.Note,
}
"""What there is of research, by kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it is kept: ``draft`` says all of it."""

    kind: str
    id: int
    draft: drafts.Draft
    version: int
    changed_at: datetime
    retired: bool

    @property
    def key(self) -> str:
        """What plans cite it by: ``figure:5``."""
        return f"{self.kind}:{self.id}"

    @property
    def title(self) -> str:
        """What it is called in lists."""
        return self.draft.who if isinstance(self.draft, drafts.Note) else self.draft.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What a plan cites: ``text`` says it in a line, ``source`` with its ``day`` where it comes from."""

    key: str
    kind: str
    id: int
    title: str
    text: str
    source: str
    link: str
    day: date
    confidence: str


def entries(kind: str, *, actor: Actor, words: str = "", retired: bool = False) -> list[Entry]:
    """The entries of a kind, those in use or those put away, whose texts hold ``words``. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    rows = MODELS[kind].objects.filter(retired_at__isnull=not retired)
    found = [_entry(kind, row) for row in rows]
    wanted = words.casefold().split()
    return [one for one in found if all(word in _text_of(one).casefold() for word in wanted)]


def entry(kind: str, entry_id: int, *, actor: Actor) -> Entry:
    """One entry, put away or not. Raises `NoSuchResearch`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    row = MODELS[kind].objects.filter(pk=entry_id if 0 < entry_id < 2**63 else 0).first()
    if row is None:
        raise NoSuchResearch("There is no such entry", received=f"{kind} {entry_id}"[:60])
    return _entry(kind, row)


def criteria(*, actor: Actor) -> list[str]:
    """What competitors are compared by, in order; then what only entries speak of. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    named = list(models.Criterion.objects.values_list("name", flat=True))
    said = (name for row in models.Competitor.objects.filter(retired_at=None) for name in row.scores)
    return list(dict.fromkeys((*named, *said)))


def citations(*, actor: Actor) -> tuple[Citation, ...]:
    """All that can be cited: figures, competitors, notes. Raises `NotAllowed`."""
    return tuple(
        _citation(one) for kind in ("figure", "competitor", "note") for one in entries(kind, actor=actor)
    )


def cited(keys: Iterable[str]) -> Mapping[str, Citation]:
    """What the keys stand for, also what was put away; keys of nothing are left out."""
    found: dict[str, Citation] = {}
    wanted: dict[str, list[int]] = {kind: [] for kind in MODELS}
    for key in keys:
        kind, _sign, number = key.partition(":")
        if kind in MODELS and number.isascii() and number.isdecimal() and len(number) < 16:
            wanted[kind].append(int(number))
    for kind, ids in wanted.items():
        for row in MODELS[kind].objects.filter(pk__in=ids) if ids else ():
            one = _citation(_entry(kind, row))
            found[one.key] = one
    return found


def segment_names() -> Mapping[str, Text]:
    """The segments that a note may speak of."""
    return segments.names()


def titles_of(kind: str, actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    """Names by number as text, for subjects."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    return {key.partition(":")[2]: one.title for key, one in cited(f"{kind}:{id_}" for id_ in ids).items()}


def _entry(kind: str, row: models.Competitor | models.Figure | models.Note) -> Entry:
    origin = Origin(source=row.source, link=row.link, day=row.day, confidence=row.confidence)
    draft: drafts.Draft
    if isinstance(row, models.Competitor):
        draft = drafts.Competitor(
            name=row.name,
            about=row.about,
            ours=row.ours,
            origin=origin,
            scores={name: (score, remark) for name, (score, remark) in row.scores.items()},
        )
    elif isinstance(row, models.Figure):
        values = {int(year): Decimal(value) for year, value in row.values}
        draft = drafts.Figure(name=row.name, unit=row.unit, about=row.about, origin=origin, values=values)
    else:
        draft = drafts.Note(
            who=row.who, words=row.words, means=row.means, kind=row.kind, segment=row.segment, origin=origin
        )
    return Entry(
        kind=kind,
        id=row.pk,
        draft=draft,
        version=row.version,
        changed_at=row.changed_at,
        retired=row.retired_at is not None,
    )


def _citation(one: Entry) -> Citation:
    draft = one.draft
    if isinstance(draft, drafts.Figure):
        newest = max(draft.values)
        text = f"{draft.name}: {draft.values[newest].normalize():,f} {draft.unit} ({newest})"
    elif isinstance(draft, drafts.Competitor):
        text = f"{draft.name}: {draft.about}" if draft.about else draft.name
    else:
        text = draft.means or draft.words
    return Citation(
        key=one.key,
        kind=one.kind,
        id=one.id,
        title=one.title,
        text=text,
        source=draft.origin.source,
        link=draft.origin.link,
        day=draft.origin.day,
        confidence=draft.origin.confidence,
    )


def _text_of(one: Entry) -> str:
    draft = one.draft
    parts: tuple[str, ...]
    if isinstance(draft, drafts.Note):
        parts = (draft.who, draft.words, draft.means, KINDS[draft.kind].zh, KINDS[draft.kind].en)
    elif isinstance(draft, drafts.Figure):
        parts = (draft.name, draft.unit, draft.about)
    else:
        parts = (draft.name, draft.about, *(remark for _score, remark in draft.scores.values()))
    return " ".join((*parts, draft.origin.source))
