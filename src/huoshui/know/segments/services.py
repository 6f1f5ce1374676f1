"""Verbs of segments. Each is one transaction, keeps a version, and is told to the audit log."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.know.segments import queries
from huoshui.know.segments.built_in import built_in
from huoshui.know.segments.errors import (
    BadRule,
    NoSuchSegment,
    SegmentBuiltIn,
    SegmentChanged,
    SegmentInUse,
    SegmentNameTaken,
)
from huoshui.know.segments.models import Segment, Version
from huoshui.know.segments.rules import Member, clauses

LONGEST_NAME = 120
LONGEST_SLUG = 60


@transaction.atomic
def add(*, actor: Actor, name: str, rule: Any, note: str = "", now: datetime) -> str:
    """Keep ``rule`` (JSON) under ``name``; returns the slug of the segment.

    Raises `BadRule`, `SegmentNameTaken`, `NotAllowed`.
    """
    actor.require(Right.SEGMENTS_EDIT)
    name = _name(name)
    queries.read(rule)
    slug = _free_slug(name)
    segment = Segment.objects.create(
        slug=slug, name=name, note=note[:500], rule=rule, made_at=now, changed_at=now
    )
    _remember(segment, actor, now)
    audit.record(actor=actor, act="segment.added", subject=f"segment:{slug}", now=now)
    return slug


@transaction.atomic
def change(
    *, actor: Actor, slug: str, version: int, name: str, rule: Any, note: str = "", now: datetime
) -> int:
    """Give a segment another rule or name; returns its new version. ``version`` is the one that the editor saw.

    Raises `SegmentChanged` when somebody else was quicker, `BadRule`, `SegmentNameTaken`, `NoSuchSegment`.
    """
    actor.require(Right.SEGMENTS_EDIT)
    segment = _locked(slug)
    if segment.version != version:
        raise SegmentChanged(
            f"{segment.name} was changed since you opened it",
            received=f"version {version}",
            valid=f"version {segment.version}",
            next_step="Look at the new version and make your change again",
        )
    queries.read(rule, unless=slug)
    segment.name, segment.note, segment.rule = _name(name, but=slug), note[:500], rule
    segment.version, segment.changed_at = version + 1, now
    segment.save()
    _remember(segment, actor, now)
    audit.record(
        actor=actor,
        act="segment.changed",
        subject=f"segment:{slug}",
        detail={"version": version + 1},
        now=now,
    )
    return segment.version


@transaction.atomic
def retire(*, actor: Actor, slug: str, now: datetime) -> None:
    """Put a segment away; it can be brought back. Raises `SegmentInUse` while others speak of it, `NoSuchSegment`."""
    actor.require(Right.SEGMENTS_EDIT)
    segment = _locked(slug)
    if users := users_of(slug):
        raise SegmentInUse(
            f"{segment.name} is part of other segments",
            received=", ".join(users),
            next_step="Take it out of their rules first",
        )
    segment.retired_at = now
    segment.save(update_fields=["retired_at"])
    audit.record(actor=actor, act="segment.retired", subject=f"segment:{slug}", now=now)


@transaction.atomic
def bring_back(*, actor: Actor, slug: str, now: datetime) -> None:
    """Take back `retire`. Raises `SegmentNameTaken` when the name is another's by now, `NoSuchSegment`, `BadRule`."""
    actor.require(Right.SEGMENTS_EDIT)
    segment = _locked(slug, retired=True)
    _name(segment.name, but=slug)
    queries.read(segment.rule, unless=slug)
    segment.retired_at = None
    segment.save(update_fields=["retired_at"])
    audit.record(actor=actor, act="segment.brought_back", subject=f"segment:{slug}", now=now)


def users_of(slug: str) -> list[str]:
    """Names of the segments whose rules speak of ``slug``."""
    names = []
    for other in Segment.objects.filter(retired_at=None).exclude(slug=slug).order_by("name"):
        try:
            rule = queries.read(other.rule)
        except BadRule:
            # A broken rule cannot say whom it means; it is shown as broken wherever it is used.
            continue
        if any(isinstance(clause, Member) and clause.slug == slug for _, clause in clauses(rule)):
            names.append(other.name)
    return names


def require_name(name: str) -> None:
    """Raise `BadRule` or `SegmentNameTaken` unless a new segment can have this name."""
    _name(name)


def _name(name: str, *, but: str = "") -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadRule(
            "This is no name of a segment", received=repr(name[:60]), valid=f"1 to {LONGEST_NAME} letters"
        )
    if Segment.objects.filter(name=name, retired_at=None).exclude(slug=but).exists():
        raise SegmentNameTaken(
            "A segment of this name is there already", received=repr(name), next_step="Give another"
        )
    return name


def _free_slug(name: str) -> str:
    """Letters of the name, Chinese ones in pinyin, with a number where another segment has them."""
    from pypinyin import lazy_pinyin  # half a second, which every command would wait for

    start = slugify(" ".join(lazy_pinyin(name)))[: LONGEST_SLUG - 5].strip("-") or "segment"
    taken = {*Segment.objects.filter(slug__startswith=start).values_list("slug", flat=True), *built_in()}
    slug, number = start, 2
    while slug in taken:
        slug, number = f"{start}-{number}", number + 1
    return slug


def _locked(slug: str, *, retired: bool = False) -> Segment:
    if slug in built_in():
        raise SegmentBuiltIn(
            "This segment ships with the house and stays as it is",
            received=slug,
            next_step="Copy its rule into a segment of your own and change that",
        )
    found = Segment.objects.select_for_update().filter(slug=slug, retired_at__isnull=not retired).first()
    if found is None:
        raise NoSuchSegment("There is no such segment", received=repr(slug[:60]))
    return found


def _remember(segment: Segment, actor: Actor, now: datetime) -> None:
    Version.objects.create(
        segment=segment,
        number=segment.version,
        name=segment.name,
        rule=segment.rule,
        by=actor.name,
        made_at=now,
    )
