"""What moved a customer into a segment and out of it: each move with its cause, and the clauses that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

import ibis

from huoshui.kernel.texts import Text
from huoshui.know.segments import memberships, queries, sentences
from huoshui.know.segments.errors import BadRule, NoSuchSegment
from huoshui.know.segments.memberships import Cause
from huoshui.know.segments.rules import Clause, Rule, clauses
from huoshui.know.segments.telling import ENTERED, EXITED

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A clause whose verdict changed, with what it looked at; ``known`` where the value before could be read."""

    path: str
    clause: Clause
    sentence: Text
    was: Any
    value: Any
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A customer entered (else left) a segment at a moment (UTC), by the rule of a version. ``changed`` is told of
    moves by time and live data."""

    at: datetime
    entered: bool
    cause: Cause
    version: int
    changed: Sequence[Changed]


def steps(*, tables: Snapshot, slug: str, customer_id: int) -> list[Step]:
    """How a customer came into a segment and out of it, the newest first, at most `MOST`."""
    rows = memberships.moves(tables, slug)
    rows = rows.filter(rows.customer_id == customer_id).order_by(ibis.desc("at")).limit(MOST)
    found = tables.arrow(rows.select("at", "move", "version", "reason")).to_pylist()
    told = _told(tables, slug, customer_id) if found else {}
    rules = rules_of(slug, {row["version"] for row in found})
    words = queries.words_now()
    answer = []
    for row in found:
        at, entered = row["at"].astimezone(UTC), row["move"] == "entered"
        by_path = dict(clauses(rules[row["version"]])) if row["version"] in rules else {}
        changed = [
            Changed(
                path=one["clause"],
                clause=by_path[one["clause"]],
                sentence=sentences.sentence(by_path[one["clause"]], words),
                was=_value(one.get("was")),
                value=_value(one["is"]),
                known="was" in one,
            )
            for one in told.get((at, entered), ())
            if one["clause"] in by_path
        ]
        cause = cast("Cause", row["reason"])
        answer.append(Step(at=at, entered=entered, cause=cause, version=row["version"], changed=changed))
    return answer


def rules_of(slug: str, versions: set[int]) -> Mapping[int, Rule]:
    """The rules of versions of a segment; those that mean nothing any more are left out."""
    found: dict[int, Rule] = {}
    for number in versions:
        with suppress(BadRule, NoSuchSegment):
            found[number] = queries.version(slug, number)
    return found


def _told(tables: Snapshot, slug: str, customer_id: int) -> dict[tuple[datetime, bool], Sequence[Any]]:
    """The clauses that facts tell of, by the moment of a move and whether it entered."""
    rows = tables.table("events")
    rows = rows.filter(rows.customer_id == customer_id, rows.name.isin([ENTERED, EXITED]))
    found = {}
    for row in tables.arrow(rows.select("name", "occurred_at", "properties")).to_pylist():
        said = json.loads(row["properties"] or "{}")
        if said.get("segment") == slug:
            at = row["occurred_at"].astimezone(UTC)
            found[at, row["name"] == ENTERED] = said.get("clauses", ())
    return found


def _value(plain: Any) -> Any:
    """A value as the clause had it: texts that are days or moments become such."""
    if isinstance(plain, str):
        with suppress(ValueError):
            return date.fromisoformat(plain) if len(plain) == 10 else datetime.fromisoformat(plain)
    return plain
