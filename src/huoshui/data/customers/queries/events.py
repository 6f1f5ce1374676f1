"""Which events there are, and what they may be used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huoshui.data.customers.models import EventType
from huoshui.data.customers.purposes import usual
from huoshui.lake.care import events_by_name
from huoshui.lake.snapshot import Snapshot

MOST_EVENT_TYPES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTypeSeen:
    """Events of a ``name``: how many ``times`` they came, and what they may be used for."""

    name: str
    times: int
    purposes: Sequence[str]


def event_types(tables: Snapshot) -> list[EventTypeSeen]:
    """The events of the lake by name, the most frequent first, and those of which something was said."""
    said = {row.name: row.purposes for row in EventType.objects.all()}
    events = events_by_name(tables)
    counted = events.group_by("name").aggregate(times=events.count())
    counted = counted.order_by(counted.times.desc(), counted.name).limit(MOST_EVENT_TYPES)
    times = {row["name"]: int(row["times"]) for row in tables.arrow(counted).to_pylist() if row["name"]}
    return [
        EventTypeSeen(name=name, times=times.get(name, 0), purposes=said.get(name, usual()))
        for name in dict.fromkeys((*times, *sorted(said)))
    ]


def events_closed_to(purpose: str) -> set[str]:
    """The names of events that may not be used for ``purpose``."""
    return {
        name
        for name, purposes in EventType.objects.values_list("name", "purposes")
        if purpose not in purposes
    }
