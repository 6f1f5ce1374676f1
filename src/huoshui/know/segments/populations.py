"""Segments as populations: lists, exports and metrics narrow down to them by ``in=segment:SLUG``."""

from __future__ import annotations

from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf, now
from huoshui.kernel.plugs import HOUSE, POPULATIONS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries
from huoshui.lake.snapshot import Snapshot


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(slug="segment", label=Text("segment", "分群"), members=_members, sentence=_sentence)
    )


def _members(tables: Tables, slug: str) -> IbisTable:
    refreshed = traits.last_refresh(tables=tables) if isinstance(tables, Snapshot) else None
    as_of = AsOf(at=refreshed[0] if refreshed else now(), zone=HOUSE().zone)
    return queries.members(tables, as_of, queries.rule_of(slug))


def _sentence(slug: str) -> Text:
    name = queries.segment(slug).name
    return Text(f"in segment “{name}”", f"属于分群“{name}”")
