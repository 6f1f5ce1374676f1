"""Stored memberships: who belongs, since when, who came and went, and how large segments were.

Sizes are read from the database, so that no page that shows them reads a member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast

import ibis

from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.kernel.texts import Text
from huoshui.know.segments import models

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Cause = Literal["first", "definition", "import", "undo", "merge", "time", "live"]

CAUSES: dict[Cause, Text] = {
    "first": Text("first computation", "首次计算"),
    "definition": Text("changed definition", "定义变更"),
    "import": Text("import", "数据导入"),
    "undo": Text("undone import", "撤销导入"),
    "merge": Text("merged customers", "客户合并"),
    "time": Text("time passed", "时间推移"),
    "live": Text("new data", "新数据到达"),
}
"""Why somebody entered or left."""

TOLD: frozenset[Cause] = frozenset(("time", "live"))
"""The causes of moves that are told as facts; the others change what we know, not what happened (DESIGN §6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """``size`` of a segment from the moment ``at`` (UTC) on, with how many ``entered`` and ``left`` then.

    ``clauses`` is how many moves each clause explains, by its path: those that moved most.
    """

    at: datetime
    size: int
    entered: int
    left: int
    version: int
    cause: Cause
    clauses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the stored membership of a segment stands: as of when, and when it was computed (UTC).

    ``problem`` says why the rule could not be applied; the membership is then the last one that could be computed.
    """

    slug: str
    version: int
    size: int
    as_of: datetime
    computed_at: datetime
    problem: Text | None

    def is_stale(self, *, version: int, as_of: datetime) -> bool:
        """Whether the rule has changed since, or what the house shows is as of a later moment."""
        return self.version != version or self.as_of < as_of


def current(tables: Tables, slug: str) -> IbisTable:
    """Who belongs to a segment as of its last computation: ``customer_id, entered_at, version, reason``."""
    rows = tables.table("memberships")
    return open_rows(rows.filter(rows.segment == slug)).drop("segment", "left_at")


def of_customer(tables: Snapshot, customer_id: int) -> dict[str, datetime]:
    """The segments that a customer belongs to as last computed, each with when they entered (UTC)."""
    rows = tables.table("memberships")
    found = open_rows(rows.filter(rows.customer_id == customer_id)).select("segment", "entered_at")
    return {row["segment"]: row["entered_at"].astimezone(UTC) for row in tables.arrow(found).to_pylist()}


def moves(
    tables: Tables, slug: str, *, since: datetime | None = None, until: datetime | None = None
) -> IbisTable:
    """Who entered and left: ``customer_id, at, move, entered_at, version, reason``, a row for each move.

    ``move`` is ``entered`` or ``left``, ``reason`` one of `CAUSES`. From ``since`` up to and without ``until``.
    """
    rows = tables.table("memberships")
    rows = rows.filter(rows.segment == slug)
    rows = rows.select(
        "customer_id",
        "entered_at",
        "version",
        "reason",
        at=ibis.coalesce(rows.left_at, rows.entered_at),
        move=rows.left_at.isnull().ifelse("entered", "left"),
    )
    if since is not None:
        rows = rows.filter(rows["at"] >= ibis.literal(since))
    return rows if until is None else rows.filter(rows["at"] < ibis.literal(until))


def open_rows(rows: Any) -> IbisTable:
    """Those of the rows of `memberships` whose stay lasts."""
    over = rows.filter(rows.left_at.notnull()).select(
        segment_="segment", customer_="customer_id", entered_="entered_at"
    )
    lasting = rows.filter(rows.left_at.isnull())
    return lasting.anti_join(
        over,
        [
            lasting.segment == over.segment_,
            lasting.customer_id == over.customer_,
            lasting.entered_at == over.entered_,
        ],
    )


def sizes(slug: str, *, since: datetime | None = None) -> list[Size]:
    """How large a segment was over time, the oldest first: a row for each computation that changed it, and at least one
    for each day on which it was computed. Reads no member."""
    rows = models.Size.objects.filter(slug=slug).order_by("at")
    if since is not None:
        rows = rows.filter(at__gte=since)
    return [
        Size(
            at=row.at,
            size=row.size,
            entered=row.entered,
            left=row.left,
            version=row.version,
            cause=cast("Cause", row.cause),
            clauses=row.clauses,
        )
        for row in rows
    ]


def states(slugs: Sequence[str] | None = None) -> dict[str, State]:
    """How the stored memberships stand, by segment; of those that were never computed nothing."""
    rows = models.Standing.objects.all()
    if slugs is not None:
        rows = rows.filter(slug__in=list(slugs))
    return {
        row.slug: State(
            slug=row.slug,
            version=row.version,
            size=row.size,
            as_of=row.as_of,
            computed_at=row.computed_at,
            problem=Text(row.problem_en, row.problem_zh) if row.problem_en else None,
        )
        for row in rows
    }
