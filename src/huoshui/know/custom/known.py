"""Which events there are and what they bring, with their counts: definitions speak of nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.kernel.texts import Text
from huoshui.know.custom.definitions import Aggregate, Definition, Type
from huoshui.know.custom.errors import NotADefinition
from huoshui.know.segments.reading import OWN
from huoshui.lake.care import events_by_name

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST_EVENTS = 200
LOOKED_AT = 2_000
"""Rows of an event that are looked through for what it brings."""
KEPT = 64

_events: dict[tuple[str, int], Mapping[str, int]] = {}
_brought: dict[tuple[str, int, str], Mapping[str, Brought]] = {}


@dataclass(frozen=True, slots=True)
class Brought:
    """A property that an event brings: its most frequent type, and how many of the rows looked at have it."""

    type: Type
    count: int


def events(tables: Snapshot) -> Mapping[str, int]:
    """Names of events of known customers, the most frequent first, with how often they happened."""
    key = (str(tables.lake.root), tables.versions.get("events", 0))
    if key not in _events:
        rows = events_by_name(tables)
        rows = rows.filter(rows.customer_id.notnull())
        counted = rows.group_by("name").aggregate(n=rows.count())
        found = tables.arrow(counted.order_by(ibis.desc("n"), "name").limit(MOST_EVENTS)).to_pylist()
        _room(_events)[key] = {row["name"]: row["n"] for row in found}
    return _events[key]


def brought(tables: Snapshot, event: str) -> Mapping[str, Brought]:
    """What an event brings, the most frequent first, of `LOOKED_AT` rows of it."""
    key = (str(tables.lake.root), tables.versions.get("events", 0), event)
    if key not in _brought:
        rows = tables.table("events")
        rows = rows.filter(rows.name == event, rows.properties.notnull()).select("properties")
        counts: dict[str, Counter[Type]] = {}
        for text in tables.arrow(rows.limit(LOOKED_AT))["properties"].to_pylist():
            for name, value in _object(text).items():
                if (type_ := _type(value)) is not None and OWN.fullmatch(name):
                    counts.setdefault(name, Counter())[type_] += 1
        by_count = sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
        _room(_brought)[key] = {
            name: Brought(of_types.most_common(1)[0][0], of_types.total()) for name, of_types in by_count
        }
    return _brought[key]


def require_known(definition: Definition, tables: Snapshot) -> None:
    """See that the event and the properties that a definition speaks of are there. Raises `NotADefinition`."""
    if not isinstance(definition, Aggregate) or definition.of != "events":
        return
    there = events(tables)
    if definition.event not in there:
        raise NotADefinition(
            Text("No customer has such an event", "没有客户有这种行为事件"),
            received=repr(definition.event)[:120],
            valid=", ".join(f"{name} ({count:,})" for name, count in list(there.items())[:20]) or "none yet",
        )
    own = {one.name for one in definition.where if one.own}
    if definition.own:
        own.add(definition.property)
    if not own:
        return
    known = brought(tables, definition.event)
    for name in sorted(own - known.keys()):
        raise NotADefinition(
            Text(
                f"“{definition.event}” brings no property of this name", f"“{definition.event}”没有这个属性"
            ),
            received=repr(name),
            valid=", ".join(f"{name} ({one.type}, {one.count:,})" for name, one in list(known.items())[:20])
            or "no property of its own",
        )


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _type(value: Any) -> Type | None:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float) else None


def _room(kept: dict[Any, Any]) -> dict[Any, Any]:
    if len(kept) >= KEPT:
        kept.clear()
    return kept
