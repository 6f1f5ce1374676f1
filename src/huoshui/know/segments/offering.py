"""The values that there really are, with how many have them: what the form of a rule offers to choose from.

What is offered has a key: ``event``, ``tag``, ``attribute:city``, ``trait:stage``, ``orders:channel``,
``products:category``, ``answer`` (metrics), ``answer:survey``, ``consent`` (channels), ``own:EVENT`` (names of the
properties that events of a name brought) and ``own:EVENT/PROPERTY`` (their values).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.data.customers.scope import all_seen
from huoshui.know.segments.rules import OF_THE_ORDER, PROPERTIES
from huoshui.lake.care import events_by_name

if TYPE_CHECKING:
    from huoshui.kernel.actors import Actor
    from huoshui.kernel.plugs import IbisTable
    from huoshui.lake.snapshot import Snapshot

MOST = 50
MOST_READ = 1000
"""So many events of a name are read to learn which properties they bring."""
KEPT = 400
LONGEST = 200
FACTS = {"orders": "orders", "products": "order_lines", "did": "events", "answer": "answers"}

Values = Sequence[tuple[str, int]]
"""Value and how many have it, most frequent first; 0 where that was not counted."""

# By house, version and key: which values there are does not change within a version.
_kept: dict[tuple[str, int, str], Values] = {}


class Offers:
    """What one reader is offered; ``among`` are the customers whom they see (a table of ``customer_id``), nothing for
    who sees everybody."""

    def __init__(self, tables: Snapshot, among: IbisTable | None = None) -> None:
        self.tables, self.among = tables, among

    def of(self, key: str) -> Values:
        """The values of ``key``; nothing for a key that means nothing."""
        if self.among is not None:
            return self._asked(key)
        known = (str(self.tables.lake.root), self.tables.version, key)
        if known not in _kept:
            if len(_kept) >= KEPT:
                _kept.clear()
            _kept[known] = self._asked(key)
        return _kept[known]

    def _asked(self, key: str) -> Values:
        of, _, what = key.partition(":")
        match of:
            case "event":
                return self._counted(events_by_name(self.tables), "name")
            case "tag":
                tags = self.tables.table("customer_tags")
                return self._counted(tags.filter(tags.valid_to.isnull()), "tag")
            case "attribute":
                return self._counted(self.tables.table("customers"), what)
            case "trait":
                return self._counted(self.tables.table("traits"), what)
            case "answer" if not what:
                return self._counted(self.tables.table("answers"), "metric")
            case "consent":
                return self._counted(self.tables.table("consents"), "channel")
            case "own":
                return self._own(*what.partition("/")[::2])
            case _ if PROPERTIES.get(of, {}).get(what) == "text":
                lines = of == "products" and what not in OF_THE_ORDER
                return self._counted(
                    self.tables.table(FACTS[of] if lines or of != "products" else "orders"), what
                )
            case _:
                return ()

    def _counted(self, rows: Any, column: str) -> Values:
        if column not in rows.columns:
            return ()
        named = self._theirs(rows).select(value=rows[column].cast("string"))
        named = named.filter(named.value.notnull(), named.value != "", named.value.length() <= LONGEST)
        counted = named.group_by("value").aggregate(n=named.count())
        found = self.tables.arrow(counted.order_by(ibis.desc("n"), "value").limit(MOST)).to_pylist()
        return [(row["value"], row["n"]) for row in found]

    def _own(self, event: str, name: str) -> Values:
        rows = self.tables.table("events")
        rows = self._theirs(rows.filter(rows.name == event, rows.properties.notnull()))
        read = self.tables.arrow(rows.select("properties").limit(MOST_READ))["properties"].to_pylist()
        brought = [one for one in map(json.loads, read) if isinstance(one, dict)]
        if not name:
            return [(one, 0) for one, _n in Counter(key for one in brought for key in one).most_common(MOST)]
        values = Counter(str(one[name]) for one in brought if isinstance(one.get(name), str | int | float))
        return [(value, 0) for value, _n in values.most_common(MOST) if 0 < len(value) <= LONGEST]

    def _theirs(self, rows: Any) -> Any:
        return rows if self.among is None else rows.semi_join(self.among, "customer_id")


def offers_of(actor: Actor, tables: Snapshot) -> Offers:
    """Values of those customers whom the actor sees. Raises `NotAllowed`."""
    seen = all_seen(actor)
    return Offers(tables, None if seen is None else tables.session.hold(seen))
