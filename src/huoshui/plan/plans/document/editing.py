"""Verbs that change the words of a plan: blocks and parts. Each saves the document as its next version.

An editor says which version they began from. What others changed elsewhere meanwhile stays: the change is made to the
newest version. Only where somebody changed the very block or part that is being edited is nothing stored, and
`PlanChanged` says what they changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from huoshui.desk.threads import services as threads
from huoshui.desk.threads.differences import difference
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.plan.plans.changing import held
from huoshui.plan.plans.document import queries
from huoshui.plan.plans.document.content import (
    LONGEST_TITLE,
    Block,
    Content,
    Part,
    as_json,
    checked,
    clean,
    new_key,
    within_bounds,
)
from huoshui.plan.plans.document.errors import NoSuchBlock
from huoshui.plan.plans.document.queries import Document
from huoshui.plan.plans.errors import NotAPlan, PlanChanged
from huoshui.plan.plans.queries import KIND


def edit_block(
    *, actor: Actor, plan_id: int, key: str, values: Mapping[str, str], seen: int, now: datetime
) -> int:
    """Save what a block says, and return the version of the document.

    Raises `PlanChanged` where somebody changed this block since version ``seen``; `NoSuchBlock` where it is gone;
    `NotAPlan`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """

    def change(there: Document) -> Content:
        block = there.content.block(key)
        _same_block(actor, plan_id, block, seen, there)
        return there.content.with_block(replace(block, values=checked(block.kind, values)))

    return _saved(actor, plan_id, change, now)


def add_block(
    *,
    actor: Actor,
    plan_id: int,
    part: str,
    kind: str,
    values: Mapping[str, str] | None = None,
    after: str = "",
    now: datetime,
) -> tuple[int, str]:
    """Add a block to a part, at its end or behind the block ``after``; return the version and the key of the block.

    Raises `NoSuchPart`, `NotAPlan`, and as `edit_block`.
    """
    block = Block(key=new_key(), kind=kind, values=checked(kind, values or {}))

    def change(there: Document) -> Content:
        blocks = there.content.part(part).blocks
        keys = [one.key for one in blocks]
        number = keys.index(after) + 1 if after in keys else len(keys)
        return there.content.put(block, part=part, number=number)

    return _saved(actor, plan_id, change, now), block.key


def move_block(*, actor: Actor, plan_id: int, key: str, by: int, now: datetime) -> int:
    """Move a block up (-1) or down (1): past its neighbour, at the edge of a part into the next one.

    Raises `NoSuchBlock`, and as `edit_block`.
    """

    return _saved(actor, plan_id, lambda there: moved(there.content, key, by), now)


def moved(content: Content, key: str, by: int) -> Content:
    """The content with a block moved up (-1) or down (1); as it is at its two ends. Raises `NoSuchBlock`."""
    at, number = content.place(key)
    block, parts, step = content.block(key), content.parts, 1 if by > 0 else -1
    if 0 <= number + step < len(parts[at].blocks):
        return content.without(key).put(block, part=parts[at].slug, number=number + step)
    if not 0 <= at + step < len(parts):
        return content
    beside = parts[at + step]
    return content.without(key).put(block, part=beside.slug, number=0 if by > 0 else len(beside.blocks))


def place_block(*, actor: Actor, plan_id: int, key: str, part: str, number: int, now: datetime) -> int:
    """Put a block at a place of a part, counted from 0 without the block itself. Raises as `add_block`."""

    def change(there: Document) -> Content:
        block = there.content.block(key)
        return there.content.without(key).put(block, part=part, number=number)

    return _saved(actor, plan_id, change, now)


def copy_block(*, actor: Actor, plan_id: int, key: str, now: datetime) -> tuple[int, str]:
    """Put a copy of a block behind it; return the version and the key of the copy. Raises as `edit_block`."""
    made = new_key()

    def change(there: Document) -> Content:
        at, number = there.content.place(key)
        block = replace(there.content.block(key), key=made)
        return there.content.put(block, part=there.content.parts[at].slug, number=number + 1)

    return _saved(actor, plan_id, change, now), made


def remove_block(*, actor: Actor, plan_id: int, key: str, seen: int, now: datetime) -> int:
    """Take a block out, and return the version: the one before has it still (`put_back`). Raises as `edit_block`."""

    def change(there: Document) -> Content:
        _same_block(actor, plan_id, there.content.block(key), seen, there)
        return there.content.without(key)

    return _saved(actor, plan_id, change, now)


def put_back(*, actor: Actor, plan_id: int, key: str, version: int, now: datetime) -> int:
    """Put a block back where it stood in ``version``. One that is there already stays as it is.

    Raises `NoSuchBlock` where that version has it not either, `NoSuchVersion`, and as `edit_block`.
    """
    before = queries.as_of_version(actor=actor, plan_id=plan_id, number=version)
    at, number = before.place(key)
    block, old = before.block(key), before.parts[at]

    def change(there: Document) -> Content:
        if any(one.key == key for one in there.content):
            return there.content
        slugs = [part.slug for part in there.content.parts]
        if old.slug not in slugs:
            return replace(there.content, parts=(*there.content.parts, replace(old, blocks=(block,))))
        return there.content.put(block, part=old.slug, number=number)

    return _saved(actor, plan_id, change, now)


# -- parts -------------------------------------------------------------------------------------------------------


def add_part(*, actor: Actor, plan_id: int, title: str, now: datetime) -> tuple[int, str]:
    """Add a part at the end; return the version and its slug. Raises `NotAPlan`, and as `edit_block`."""
    part = Part(slug=f"part-{new_key()}", title=_title(title))
    if not part.title:
        raise NotAPlan(Text("A part needs a title", "请填写这一部分的标题"))
    return _saved(
        actor, plan_id, lambda there: replace(there.content, parts=(*there.content.parts, part)), now
    ), part.slug


def rename_part(*, actor: Actor, plan_id: int, slug: str, title: str, seen: int, now: datetime) -> int:
    """Give a part a title; an empty one gives one of `PARTS` its own name back.

    Raises `PlanChanged` where somebody renamed it since version ``seen``; `NoSuchPart`, `NotAPlan`, and as
    `edit_block`.
    """
    said = _title(title)

    def change(there: Document) -> Content:
        part = there.content.part(slug)
        if seen != there.number:
            before = queries.as_of_version(actor=actor, plan_id=plan_id, number=seen)
            was = next((one.title for one in before.parts if one.slug == slug), "")
            if was != part.title:
                raise PlanChanged(
                    by=there.by,
                    version=there.number,
                    changes=difference({"title": was}, {"title": part.title}),
                )
        return there.content.with_part(replace(part, title=said))

    return _saved(actor, plan_id, change, now)


def move_part(*, actor: Actor, plan_id: int, slug: str, by: int, now: datetime) -> int:
    """Move a part up (-1) or down (1). Raises `NoSuchPart`, and as `edit_block`."""

    def change(there: Document) -> Content:
        parts, at = list(there.content.parts), there.content.number(slug)
        to = at + (1 if by > 0 else -1)
        if 0 <= to < len(parts):
            parts[at], parts[to] = parts[to], parts[at]
        return replace(there.content, parts=tuple(parts))

    return _saved(actor, plan_id, change, now)


def remove_part(*, actor: Actor, plan_id: int, slug: str, now: datetime) -> int:
    """Take an empty part out. Raises `NotAPlan` for one that has blocks, `NoSuchPart`, and as `edit_block`."""

    def change(there: Document) -> Content:
        part = there.content.part(slug)
        if part.blocks:
            raise NotAPlan(
                Text(
                    "A part that has blocks stays: move or remove them first",
                    "这一部分还有区块，请先移动或移除",
                ),
                received=f"{len(part.blocks)} blocks",
            )
        return replace(there.content, parts=tuple(one for one in there.content.parts if one.slug != slug))

    return _saved(actor, plan_id, change, now)


def keep_content(*, actor: Actor, plan_id: int, content: Content, note: str = "", now: datetime) -> int:
    """Keep the whole document as a version, in the caller's transaction. Raises `NotAPlan`, and as `edit_block`."""
    return threads.save_version(
        actor=actor,
        subject=f"{KIND}:{plan_id}",
        content=as_json(within_bounds(content)),
        note=note,
        now=now,
    )


def _saved(actor: Actor, plan_id: int, change: Callable[[Document], Content], now: datetime) -> int:
    with transaction.atomic():
        # One editor after the other: the row stands for the plan while its versions are looked at.
        held(actor=actor, plan_id=plan_id)
        there = queries.document(actor=actor, plan_id=plan_id)
        return keep_content(actor=actor, plan_id=plan_id, content=change(there), now=now)


def _same_block(actor: Actor, plan_id: int, block: Block, seen: int, there: Document) -> None:
    """Raise `PlanChanged` where the block says something else than in the version that the editor saw."""
    if seen == there.number:
        return
    old: Mapping[str, str] = {}
    try:
        # A version that never was is one in which the block said nothing.
        if 0 < seen < there.number:
            old = queries.as_of_version(actor=actor, plan_id=plan_id, number=seen).block(block.key).values
    except NoSuchBlock:
        old = {}
    if dict(old) != dict(block.values):
        raise PlanChanged(
            by=there.by, version=there.number, changes=difference(dict(old), dict(block.values))
        )


def _title(text: str) -> str:
    said = " ".join(clean(text).split())
    if len(said) > LONGEST_TITLE:
        raise NotAPlan(
            Text(f"A title has at most {LONGEST_TITLE} characters", f"标题最多 {LONGEST_TITLE} 字"),
            received=f"{len(said)} characters",
        )
    return said
