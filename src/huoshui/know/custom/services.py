"""Verbs of traits that people define. Each is one transaction and is told to the audit log."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from huoshui.data.customers import queries as customers
from huoshui.data.customers.attributes import RESERVED, SLUG
from huoshui.desk.audit import services as audit
from huoshui.desk.threads import services as threads
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text
from huoshui.know.custom import known, own, uses
from huoshui.know.custom.errors import NotATrait, NotDefinedHere, TooManyTraits, TraitChanged, TraitInUse
from huoshui.know.custom.models import OwnTrait
from huoshui.know.custom.own import KIND, WORDS, Content

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST_TRAITS = 100
LONGEST = {"label": 60, "meaning": 500, "unit": 30}
TAKEN = ("new", "preview", "schema")


def define(*, actor: Actor, slug: str, content: Content, tables: Snapshot, now: datetime) -> str:
    """Define a trait, and return its name. An empty ``slug`` is made of the English label.

    Its values are computed with the next refresh. Raises `NotATrait` for a name that is taken or cannot be one and for
    words that are missing or too long, `TooManyTraits`, `NotADefinition`, `NotAllowed`.
    """
    actor.require(Right.SEGMENTS_EDIT)
    slug = slug or re.sub(r"[^a-z0-9]+", "_", content.label_en.lower()).strip("_")[:40]
    content = checked(content, tables, slug=slug)
    if not SLUG.fullmatch(slug) or slug in TAKEN:
        raise NotATrait(
            Text(
                "The name for programs has 2 to 40 small letters, digits and _, a letter first",
                "程序用名为 2 到 40 个小写字母、数字或下划线，以字母开头",
            ),
            received=repr(slug[:60]),
            valid="a name such as shoes_viewed",
        )
    taken = NotATrait(Text("This name for programs is taken", "这个程序用名已被占用"), received=slug)
    if (
        slug in TRAITS.declared
        or slug in RESERVED
        or any(one.slug == slug for one in customers.attributes(retired=True))
    ):
        raise taken
    try:
        with transaction.atomic():
            OwnTrait.objects.create(slug=slug, made_by_id=actor.user_id, made_at=now)
            _require_room()
            audit.record(actor=actor, act="trait.defined", subject=f"{KIND}:{slug}", now=now)
            threads.save_version(actor=actor, subject=f"{KIND}:{slug}", content=own.as_json(content), now=now)
    except IntegrityError as error:
        raise taken from error
    own.forget()
    return slug


def change(*, actor: Actor, slug: str, seen: int, content: Content, tables: Snapshot, now: datetime) -> int:
    """Save a trait as its next version, and return the number of that; values are stale until the next refresh.

    ``seen`` is the version that the editor began from. Raises `TraitChanged` when there is a newer one, and nothing is
    stored; `NotDefinedHere` and as `define`.
    """
    actor.require(Right.SEGMENTS_EDIT)
    content = checked(content, tables, slug=slug)
    with transaction.atomic():
        # One editor after the other: the row stands for the trait while its versions are looked at.
        OwnTrait.objects.select_for_update().filter(slug=slug).first()
        there = own.one(slug)
        if there.version != seen:
            raise TraitChanged(
                Text(
                    f"{there.by} has saved version {there.version} meanwhile; yours is not stored",
                    f"其间 {there.by} 保存了第 {there.version} 版，你的修改没有保存",
                ),
                received=f"version {seen}",
                valid=f"version {there.version}",
                next_step="Open the trait again and repeat the change",
            )
        audit.record(actor=actor, act="trait.changed", subject=f"{KIND}:{slug}", now=now)
        number = threads.save_version(
            actor=actor, subject=f"{KIND}:{slug}", content=own.as_json(content), now=now
        )
    own.forget()
    return number


def retire(*, actor: Actor, slug: str, now: datetime) -> None:
    """Compute a trait no longer. Raises `TraitInUse` while something speaks of it, `NotDefinedHere`, `NotAllowed`."""
    actor.require(Right.SEGMENTS_EDIT)
    with transaction.atomic():
        row = _locked(slug)
        if there := uses.by_value().get(slug):
            raise TraitInUse(
                Text(
                    "The trait is used by "
                    + ", ".join(f"{uses.KINDS[u.kind].en} “{u.name.en}”" for u in there),
                    "特征正在被使用：" + "、".join(f"{uses.KINDS[u.kind].zh}“{u.name.zh}”" for u in there),
                ),
                received=slug,
                next_step="Take it out of these first",
            )
        row.retired_at = now
        row.save(update_fields=["retired_at"])
        audit.record(actor=actor, act="trait.retired", subject=f"{KIND}:{slug}", now=now)
    own.forget()


def bring_back(*, actor: Actor, slug: str, now: datetime) -> None:
    """Compute a retired trait again. Raises `TooManyTraits`, `NotDefinedHere`, `NotAllowed`."""
    actor.require(Right.SEGMENTS_EDIT)
    with transaction.atomic():
        row = _locked(slug)
        row.retired_at = None
        row.save(update_fields=["retired_at"])
        _require_room()
        audit.record(actor=actor, act="trait.brought_back", subject=f"{KIND}:{slug}", now=now)
    own.forget()


def checked(content: Content, tables: Snapshot, *, slug: str) -> Content:
    """``content`` without spaces around its words. Raises as `define`."""
    said = {name: getattr(content, name).strip() for name in WORDS}
    if not said["label_en"] and not said["label_zh"]:
        raise NotATrait(Text("A trait needs a label", "特征需要名称"), valid="label_en, label_zh, or both")
    for name, text in said.items():
        longest = LONGEST[name.partition("_")[0]]
        if len(text) > longest or (text and not text.isprintable()):
            raise NotATrait(
                Text(f"{name} has at most {longest} characters", f"{name} 最多 {longest} 个字"),
                received=repr(text[:80]),
            )
    content = replace(content, **said)
    known.require_known(content.definition, tables)
    others = [one for one in own.everything() if one.slug != slug]
    made = own.as_traits(others)
    names = {
        **own.known_to_formulas(),
        **{one.slug: own.known_of(made[one.slug]) for one in others if one.slug in made},
    }
    own.as_trait(slug, content, names)
    own.require_no_circle(slug, content, others)
    return content


def _locked(slug: str) -> OwnTrait:
    row = OwnTrait.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotDefinedHere("Nobody has defined this trait", received=slug[:60])
    return row


def _require_room() -> None:
    if OwnTrait.objects.filter(retired_at=None).count() > MOST_TRAITS:
        raise TooManyTraits(
            Text(
                f"The house has {MOST_TRAITS} traits of its own, as many as it can have",
                f"自定义特征已达上限（{MOST_TRAITS} 个）",
            ),
            next_step="Retire one that nobody needs",
        )
