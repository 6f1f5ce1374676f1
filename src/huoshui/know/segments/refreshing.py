"""Memberships kept true: of everybody with each refresh of the traits, of those whom something changed in between."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from huoshui.data.facts import queue
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.know.segments import queries
from huoshui.know.segments.applying import applicable
from huoshui.know.segments.computing import Computation, Done, watched
from huoshui.know.segments.memberships import Cause
from huoshui.know.segments.models import Computed, Standing
from huoshui.lake.snapshot import Snapshot

if TYPE_CHECKING:
    from huoshui.lake.house import Lake
    from huoshui.lake.writing import Write


def after_traits(*, tx: Write, as_of: AsOf, now: datetime) -> None:
    """Compute all memberships of everybody, inside the write that brings new traits."""
    Computation(tx, as_of, now).everybody(with_traits=True)


def refresh(
    *, actor: Actor, lake: Lake, as_of: AsOf, now: datetime, slug: str = "", wait: float | None = None
) -> Done:
    """Compute memberships of everybody as of a moment, with the traits of the last refresh; of one segment, or of all.

    Raises `NoSuchSegment`, `BadRule` for one that is broken, `NotAllowed`, `LakeBusy`.
    """
    actor.require(Right.TRAITS_REFRESH)
    if slug:
        queries.rule_of(slug)
    with lake.write("memberships", computing=True, wait=wait) as tx:
        done = Computation(tx, as_of, now).everybody(only=slug)
    queue.drain(lake=lake, now=now, wait=wait)
    return done


def follow(
    *,
    actor: Actor,
    lake: Lake,
    as_of: AsOf,
    now: datetime,
    cause: Cause | None = None,
    wait: float | None = None,
) -> Done:
    """Compute memberships of those customers of whom the facts say something else than at the last computation, or of
    whom a fact began or ceased to count since; and of everybody for rules that are new or changed.

    The result is that of `refresh`. ``cause`` says why there are other facts, where the caller knows: *live* for facts
    of this moment; else each load counts as an import, what is gone as undone, and what colleagues typed as live.
    Raises `NotAllowed`, `LakeBusy`.
    """
    actor.require(Right.TRAITS_REFRESH)
    if not is_behind(lake.snapshot(), as_of):
        return Done()
    with lake.write("memberships", computing=True, wait=wait) as tx:
        done = Computation(tx, as_of, now, cause).changed()
    queue.drain(lake=lake, now=now, wait=wait)
    return done


def is_behind(tables: Snapshot, as_of: AsOf) -> bool:
    """Whether facts, rules or the moment are others than those of the stored memberships. Reads no member."""
    last = Computed.objects.filter(what="changes").first()
    if last is None or last.as_of != as_of.at or last.tables != watched(tables):
        return True
    known, problems = applicable()
    stored = dict(Standing.objects.values_list("slug", "meaning"))
    return {one.slug: one.meaning for one in known} | dict.fromkeys(problems, "") != {
        slug: meaning for slug, meaning in stored.items() if meaning or slug in problems
    }
