"""The overview as its page asks for it: of one house version the same for all, so it is asked for once.

In a large house it takes seconds. What it answered is kept in the process; what most people see first is written to the
database too, by a worker, soon after facts have changed. So a page is quick after a new start, and in each process.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from huoshui.data.traits import queries as traits
from huoshui.desk.organisation.festivals import Calendar, Festival
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Text
from huoshui.lake.kept import kept
from huoshui.measure.dashboards.queries import answers
from huoshui.measure.dashboards.queries.overview import (
    Compared,
    Comparison,
    Overview,
    end_of_figures,
    overview,
)
from huoshui.measure.dashboards.queries.people import Flow
from huoshui.measure.dashboards.queries.sold import Places, TopProduct
from huoshui.measure.metrics.dimensions import state_of
from huoshui.measure.metrics.periods import Period
from huoshui.science.cohorts import Cohort
from huoshui.web.address import USUAL, Chosen

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

PAGE = "overview"
_PARTS = (Overview, Compared, Period, Festival, Text, Flow, Cohort, TopProduct, Places)


def seen(
    *,
    tables: Snapshot,
    house: House,
    chosen: Chosen,
    calendar: Calendar,
    now: datetime,
    moves: bool = False,
) -> Overview:
    """What the page shows for what is ``chosen``, the loads too. Raises as `overview`."""
    asked = _asked(tables, house, chosen, calendar, now, moves)
    return kept(asked, lambda: _written(asked) or _made(tables, house, chosen, calendar, now, moves))


def prepare(*, tables: Snapshot, house: House, calendar: Calendar, now: datetime) -> bool:
    """Write down what the page shows before anything is chosen, unless it is; whether that was to be done.

    Before the first refresh there is nothing to write down.
    """
    chosen = Chosen(period=USUAL, slice={})
    asked = _asked(tables, house, chosen, calendar, now, moves=False)
    if traits.last_refresh(tables=tables) is None or _written(asked) is not None:
        return False
    answers.write(PAGE, asked, _made(tables, house, chosen, calendar, now, moves=False), now)
    return True


def _asked(
    tables: Snapshot, house: House, chosen: Chosen, calendar: Calendar, now: datetime, moves: bool
) -> Hashable:
    """All that the answer depends on."""
    end = end_of_figures(tables=tables, zone=house.zone, now=now)
    state = state_of(chosen.slice)
    days = chosen.days(end)
    return (
        "overview",
        str(tables.lake.root),
        tables.version,
        days,
        chosen.query,
        state,
        calendar,
        end,
        moves,
    )


def _written(asked: Hashable) -> Overview | None:
    return cast("Overview | None", answers.written(PAGE, asked, _PARTS))


def _made(
    tables: Snapshot, house: House, chosen: Chosen, calendar: Calendar, now: datetime, moves: bool
) -> Overview:
    """What the page shows. Half of the work is for what is the same whatever the days are: that is done once for each
    slice, and not at all where the usual page was written down."""
    end = end_of_figures(tables=tables, zone=house.zone, now=now)
    made: Overview | None = None

    def shown(like: Overview | None) -> Overview:
        return overview(
            actor=CONSOLE,
            tables=tables,
            zone=house.zone,
            now=now,
            lately=Period.days(*chosen.days(end), house.zone),
            where=dict(chosen.slice),
            against=cast("Comparison", chosen.compare),
            calendar=calendar,
            totals=False,
            moves=moves,
            like=like,
        )

    def first() -> Overview:
        nonlocal made
        usual = Chosen(period=USUAL, slice={})
        written = None
        if not chosen.slice:
            written = _written(_asked(tables, house, usual, calendar, now, moves=False))
        if written is None:
            made = shown(None)
        return written or cast("Overview", made)

    slice_ = tuple(sorted(chosen.slice.items()))
    of = (str(tables.lake.root), tables.version, house.zone.key, end, slice_, state_of(chosen.slice))
    like = kept(("overview, whatever the days", *of), first)
    return made or shown(like)
