"""How often everybody did something in the last days, and when first and last: counted from events held in memory.

Most rules ask who did something, by name, so often in the last weeks. Of each name and month the events are held as
they lie in their narrow form: the place of the customer and the moment, 12 bytes each. A window is counted from them in
milliseconds, whatever the rule; all else that a rule says of what was counted is said by the same expressions as ever.

What is held is of files that never change, so that it never grows old; new events are read from the files that brought
them and held beside it. It shares the room of the columns that lists hold (`columns.keep`), where the longest unused
goes first; names of more events than `MOST_EVENTS` in a window are left to the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huoshui.data.customers.columns import EPOCH, MOST_BYTES, Ids, keep, kept, places
from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.know.segments import holding
from huoshui.know.segments.rules import since
from huoshui.lake.care import parts_by_name
from huoshui.lake.snapshot import EmbeddedSnapshot

if TYPE_CHECKING:
    from huoshui.know.segments.measuring import Measure

MOST_EVENTS = MOST_BYTES // 12 // 4
"""Of one name in a window: a quarter of the room."""
LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Events of one name: whose, by their place, and when, in microseconds since 1970."""

    whose: npt.NDArray[np.int32]
    moments: npt.NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        return self.whose.nbytes + self.moments.nbytes

    def between(self, begin: datetime, end: datetime) -> Events:
        """Those from ``begin`` up to and without ``end``."""
        inside = (self.moments >= _microseconds(begin)) & (self.moments < _microseconds(end))
        return Events(np.compress(inside, self.whose), np.compress(inside, self.moments))


NONE = Events(np.empty(0, np.int32), np.empty(0, np.int64))


def counted(tables: EmbeddedSnapshot, as_of: AsOf, measures: Iterable[Measure]) -> dict[Measure, pa.Array]:
    """A value for each place of those of ``measures`` that ask for events by name of the last days, and not too many.

    How many ``times``, 0 for none; the ``first`` or ``last`` moment, empty for none.
    """
    found: dict[Measure, pa.Array] = {}
    looked_at = 0
    for measure in measures:
        begin = since(as_of, measure.within_days, measure.within_hours)
        if measure.facts != "did" or measure.where or begin is None or begin < as_of.at - LONGEST:
            continue
        known = holding.ids(tables)
        events = _events(tables, known, measure.name, begin, as_of) if looked_at <= MOST_EVENTS else None
        if events is not None:
            looked_at += sum(len(some.whose) for some in events)
            inside = [some.between(begin, as_of.at) for some in events]
            found[measure] = _column(measure.what, inside, len(known))
    return found


def _column(what: str, events: Iterable[Events], size: int) -> pa.Array:
    if what == "times":
        times = np.zeros(size, np.int32)
        for some in events:
            np.add.at(times, some.whose, np.int32(1))  # of another type it would take ten times as long
        return pa.array(times)
    limits = np.iinfo(np.int64)
    never, nearer = (limits.max, np.minimum) if what == "first" else (limits.min, np.maximum)
    moments = np.full(size, never, np.int64)
    for some in events:
        nearer.at(moments, some.whose, some.moments)
    return pa.array(moments, mask=moments == never).cast(pa.timestamp("us", "UTC"))


# -- what is held ------------------------------------------------------------------------------------------------


def _events(
    tables: EmbeddedSnapshot, known: Ids, name: str, begin: datetime, as_of: AsOf
) -> list[Events] | None:
    """The events of a name from ``begin`` up to ``as_of``, and others of these months; nothing for too many."""
    months = _months(begin, as_of)
    found: list[Events] = []
    for state, rows in parts_by_name(tables, since=months[0][0]):
        house = ("segments", str(tables.lake.root), tables.versions.get("traits", 0), state, name)
        held = {month: kept((*house, month)) for month in months}
        missing = [month for month, some in held.items() if some is None]
        if missing:
            too_many = (*house, missing[0], "too many")
            read = (
                None if kept(too_many) else _read(tables, known, rows(), name, missing[0][0], missing[-1][1])
            )
            if read is None:
                keep(too_many, lambda: NONE)
                return None
            held |= {month: keep((*house, month), partial(read.between, *month)) for month in missing}
        found += held.values()
    return found


def _read(
    tables: EmbeddedSnapshot, known: Ids, rows: Any, name: str, begin: datetime, end: datetime
) -> Events | None:
    """The events of a name from ``begin`` up to ``end`` as the engine has them; nothing for too many."""
    rows = rows.filter(
        rows.name == name,
        rows.occurred_at >= ibis.literal(begin),
        rows.occurred_at < ibis.literal(end),
        rows.customer_id.notnull(),
    )
    read = tables.arrow(rows.select("customer_id", "occurred_at").limit(MOST_EVENTS + 1))
    if read.num_rows > MOST_EVENTS:
        return None
    whose = places(known, read["customer_id"].to_numpy()).astype(np.int32)
    moments = read["occurred_at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    there = whose >= 0
    return Events(whose, moments) if there.all() else Events(whose[there], moments[there])


def _months(begin: datetime, as_of: AsOf) -> list[tuple[datetime, datetime]]:
    """The months of the house from ``begin`` up to ``as_of``, each with its first moment and that of the next."""
    day = begin.astimezone(as_of.zone).date().replace(day=1)
    starts = [start_of_day(day, as_of.zone)]
    while len(starts) < 2 or starts[-1] < as_of.at:
        day = (day + timedelta(days=31)).replace(day=1)
        starts.append(start_of_day(day, as_of.zone))
    return list(pairwise(starts))


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
